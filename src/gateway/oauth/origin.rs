//! Refuses forms that another site sends (gateway floor).
//!
//! There is no cookie that a foreign page could use, but one could send the token of its own account along with
//! a code, and so show a person an approval in that account's name.

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, StatusCode, header};

/// Lets through what reads, what the browser calls same-origin, and what no browser sent.
pub(super) async fn layer(request: Request, next: Next) -> Response {
    if request.method() == Method::POST && !is_own(request.headers()) {
        return (StatusCode::FORBIDDEN, "a form of another site is refused\n").into_response();
    }
    next.run(request).await
}

/// Browsers tell it in `Sec-Fetch-Site`, where the page came by TLS or from this machine, and in `Origin`
/// always (Fetch Metadata §2.3, RFC 6454 §7).
fn is_own(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text(header::ORIGIN.as_str()) else { return true };
    let host = origin.split_once("://").map(|(_, host)| host);
    host.is_some() && host == text(header::HOST.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        is_own(&headers.collect())
    }

    #[test]
    fn only_another_site_is_refused() {
        let host = ("host", "roster.example.com");
        assert!(own(&[host]));
        assert!(own(&[host, ("sec-fetch-site", "same-origin")]));
        assert!(own(&[host, ("sec-fetch-site", "none")]));
        assert!(own(&[host, ("origin", "https://roster.example.com")]));
        for site in ["cross-site", "same-site", ""] {
            assert!(!own(&[host, ("sec-fetch-site", site)]), "{site}");
        }
        for origin in ["null", "https://evil.example", "https://roster.example.com.evil.example", ""] {
            assert!(!own(&[host, ("origin", origin)]), "{origin}");
        }
    }
}
