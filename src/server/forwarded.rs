//! Server: the client behind a proxy: `X-Forwarded-For` and `X-Forwarded-Proto`, from proxies that are trusted alone.
//!
//! From anybody else both headers are taken away, so that no floor below is told a lie. `X-Forwarded-Proto` is
//! there always, for those who must know whether the client came by TLS.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{HeaderMap, HeaderName, HeaderValue, Request, uri::Scheme};
use ipnet::IpNet;

/// A list of addresses, the client first; each proxy adds the one that it was called from.
pub const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// `https` or `http`, as the client called.
pub const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The proxies that are trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Arc<[IpNet]>);

impl Proxies {
    /// Networks (`10.0.0.0/8`) and addresses.
    ///
    /// # Errors
    /// The text that is neither.
    pub fn new<'a>(networks: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let network = |text: &str| {
            let address = || text.parse::<IpAddr>().map(IpNet::from).ok();
            let network: Option<IpNet> = text.parse().ok().or_else(address);
            network.ok_or_else(|| format!("`{text}` is not a network such as 10.0.0.0/8, nor an address"))
        };
        Ok(Self(networks.into_iter().map(network).collect::<Result<_, _>>()?))
    }

    fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The last address of the list that is none of a trusted proxy; what stands before it, anybody may have written.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let lists: Vec<_> = headers.get_all(FOR).iter().filter_map(|list| list.to_str().ok()).collect();
        let mut client = peer;
        for text in lists.join(",").rsplit(',') {
            let Some(address) = address(text.trim()) else { break };
            client = address;
            if !self.trusts(address) {
                break;
            }
        }
        client
    }
}

/// An address as proxies write it: with a port, or in brackets, or bare.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let with_port = || text.parse::<SocketAddr>().map(|address| address.ip()).ok();
    bare.parse().ok().or_else(with_port).map(|address: IpAddr| address.to_canonical())
}

/// Puts the client's address in the place of the proxy's.
pub(super) fn tell(proxies: &Proxies, request: &mut Request<Body>) {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0);
    let mut proto = match request.extensions().get::<Scheme>() {
        Some(scheme) if *scheme == Scheme::HTTPS => HeaderValue::from_static("https"),
        _ => HeaderValue::from_static("http"),
    };
    if let Some(peer) = peer.filter(|peer| proxies.trusts(peer.ip())) {
        let client = proxies.client(peer.ip(), request.headers());
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(client, 0)));
        let told = request.headers().get(PROTO).filter(|told| *told == "https" || *told == "http");
        proto = told.cloned().unwrap_or(proto);
    }
    request.headers_mut().remove(FOR);
    request.headers_mut().insert(PROTO, proto);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &[&str], peer: &str, lists: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for list in lists {
            headers.append(FOR, HeaderValue::from_str(list).unwrap());
        }
        let proxies = Proxies::new(trusted.iter().copied()).unwrap();
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn the_client_is_the_last_address_that_no_trusted_proxy_has() {
        let trusted = ["10.0.0.0/8", "fd00::/8", "192.0.2.7"];
        for (lists, expected) in [
            (&["203.0.113.9"][..], "203.0.113.9"),
            (&["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
            (&["203.0.113.9, 10.1.2.3, fd00::1"], "203.0.113.9"),
            (&["198.51.100.1", "203.0.113.9, 192.0.2.7"], "203.0.113.9"),
            (&["203.0.113.9:4711, 10.1.2.3"], "203.0.113.9"),
            (&["[2001:db8::1]:4711"], "2001:db8::1"),
            (&["[2001:db8::1]"], "2001:db8::1"),
            (&["::ffff:203.0.113.9"], "203.0.113.9"),
            (&["10.0.0.5"], "10.0.0.5"),
            (&["203.0.113.9, nonsense"], "10.0.0.1"),
            (&["203.0.113.9, unknown, 10.2.2.2"], "10.2.2.2"),
            (&[""], "10.0.0.1"),
            (&[], "10.0.0.1"),
        ] {
            assert_eq!(client(&trusted, "10.0.0.1", lists), expected, "{lists:?}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for wrong in ["10.0.0.0/33", "proxy.example.com", "", "10.0.0"] {
            assert!(Proxies::new([wrong]).is_err(), "{wrong}");
        }
        assert!(Proxies::new(["::ffff:10.0.0.1"]).is_ok());
    }
}
