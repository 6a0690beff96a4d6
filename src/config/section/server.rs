//! `[server]`: where the server is (config floor).

use std::net::SocketAddr;

use super::section;
use crate::config::setting::BaseUrl;

section! {
    /// `[server]`
    Server = "server" {
        /// Address and port to listen on.
        listen: SocketAddr => also("ROSTER_LISTEN");
        /// URL under which clients reach the server; the address listened on when it is not given.
        public_url: Option<BaseUrl> => also("ROSTER_PUBLIC_URL");
    }
}
