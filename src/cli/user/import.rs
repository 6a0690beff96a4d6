//! `roster user import`: people from a CSV file (cli floor).

mod file;

use std::path::PathBuf;

use clap::Args;

use crate::{
    cli::{exit::Exit, failure::Failure, session::Session, show, word},
    proto::roster::v1::{
        ImportUsersRequest, ImportUsersResponse, ImportedRow, PreviewImportUsersRequest,
        PreviewImportUsersResponse, user_service_client::UserServiceClient,
    },
};

use file::Line;

/// How many rows one call takes.
const ROWS: usize = 1_000;

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// CSV file whose first line names the columns: username, and email or description or both; `-` is stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Show what would be done with each line, and all mistakes, and do nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let lines = file::read(&arguments.file)?;
    let planned = preview(session, &lines).await?;
    let broken = planned.iter().filter(|row| !row.mistake.is_empty()).count();
    if arguments.dry_run || broken > 0 {
        let shown = PreviewImportUsersResponse { rows: planned };
        session.show(&shown, |shown| table(&lines, &shown.rows))?;
    }
    if broken > 0 {
        let sentence = match broken {
            1 => "1 line has a mistake; nothing was imported".to_owned(),
            _ => format!("{broken} lines have mistakes; nothing was imported"),
        };
        return Err(Failure::new(Exit::Usage, sentence).into());
    }
    if arguments.dry_run { Ok(()) } else { import(session, &lines).await }
}

async fn preview(session: &Session, lines: &[Line]) -> anyhow::Result<Vec<ImportedRow>> {
    let mut client = session.client(UserServiceClient::with_origin);
    let mut rows = Vec::with_capacity(lines.len());
    for part in lines.chunks(ROWS) {
        let users = part.iter().map(|line| line.user.clone()).collect();
        let request = PreviewImportUsersRequest { users, min_revision: 0 };
        rows.extend(client.preview_import_users(request).await?.into_inner().rows);
    }
    // the server counts the rows of one call, and a file may take several
    for (row, repeated) in rows.iter_mut().zip(file::repeated(lines)) {
        if let Some((field, mistake)) = repeated {
            *row = ImportedRow { field, mistake, effect: 0 };
        }
    }
    Ok(rows)
}

async fn import(session: &Session, lines: &[Line]) -> anyhow::Result<()> {
    let mut client = session.client(UserServiceClient::with_origin);
    let mut whole = ImportUsersResponse::default();
    for part in lines.chunks(ROWS) {
        let users = part.iter().map(|line| line.user.clone()).collect();
        let done = client.import_users(ImportUsersRequest { users }).await?.into_inner();
        whole.revision = done.revision;
        whole.rows.extend(done.rows);
    }
    session.show(&whole, |whole| table(lines, &whole.rows))
}

fn table(lines: &[Line], rows: &[ImportedRow]) -> String {
    let cells = |(line, row): (&Line, &ImportedRow)| {
        let effect = match row.mistake.as_str() {
            "" => word::of(row.effect().as_str_name(), "IMPORT_EFFECT_"),
            _ => "mistake".to_owned(),
        };
        let what = match (row.field.as_str(), row.mistake.as_str()) {
            (_, "") => word::NONE.to_owned(),
            ("", mistake) => mistake.to_owned(),
            (field, mistake) => format!("{field}: {mistake}"),
        };
        vec![
            line.number.to_string(),
            effect,
            line.user.username.clone(),
            word::or_none(&line.user.email),
            what,
        ]
    };
    show::table(&["line", "effect", "user", "email", "mistake"], lines.iter().zip(rows).map(cells).collect())
}
