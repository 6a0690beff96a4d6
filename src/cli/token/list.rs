//! `roster token list` (cli floor).

use clap::Args;

use crate::{
    cli::{
        named::Named,
        page::{Page, PageArguments},
        session::Session,
        word,
    },
    proto::buf::alpha::registry::v1alpha1::{
        ListTokensRequest, ListTokensResponse, Token, token_service_client::TokenServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Whose tokens; another's than the caller's are for server admins [default: the caller]
    #[arg(long, value_name = "NAME|ID")]
    user: Option<Named>,

    #[command(flatten)]
    page: PageArguments,

    /// The latest first
    #[arg(long)]
    reverse: bool,
}

impl Page for ListTokensResponse {
    const HEADINGS: &'static [&'static str] = &["id", "created", "expires", "note"];

    fn rows(&self) -> Vec<Vec<String>> {
        self.tokens.iter().map(row).collect()
    }

    fn next_page_token(&self) -> &str {
        &self.next_page_token
    }
}

fn row(token: &Token) -> Vec<String> {
    vec![
        token.id.clone(),
        word::time(token.create_time.as_ref()),
        word::time(token.expire_time.as_ref()),
        word::or_none(&token.note),
    ]
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let user_id = match &arguments.user {
        Some(user) => session.user_id(user).await?,
        None => String::new(),
    };
    let (page_size, reverse) = (arguments.page.size(), arguments.reverse);
    let mut client = session.client(TokenServiceClient::with_origin);
    let fetch = async |page_token| {
        let request = ListTokensRequest { page_size, page_token, reverse, user_id: user_id.clone() };
        Ok(client.list_tokens(request).await?.into_inner())
    };
    session.list(&arguments.page, fetch).await
}
