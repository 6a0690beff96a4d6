//! A CSV file of people (cli floor).

use std::{
    collections::HashMap,
    fs,
    io::{self, Read as _},
    path::Path,
};

use anyhow::Context as _;
use csv::{Position, ReaderBuilder, StringRecord, Trim};

use crate::{
    cli::{exit::Exit, failure::Failure},
    domain::name,
    proto::roster::v1::ImportedUser,
};

/// A line of the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    /// Counted from 1, which is that of the columns' names.
    pub(super) number: u64,
    pub(super) user: ImportedUser,
}

/// The lines of the file at `path`; `-` is stdin.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<Line>> {
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(path)
    };
    let bytes = bytes.with_context(|| format!("cannot read {}", path.display()))?;
    parse(&bytes)
        .map_err(|sentence| Failure::new(Exit::Usage, format!("{}: {sentence}", path.display())).into())
}

fn parse(bytes: &[u8]) -> Result<Vec<Line>, String> {
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(bytes);
    let columns = Columns::of(reader.headers().map_err(|error| error.to_string())?)?;
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let number = record.position().map_or(0, |position| line_of(bytes, position));
        lines.push(Line { number, user: columns.user(&record) });
    }
    if lines.is_empty() { Err("there are no lines after the columns' names".to_owned()) } else { Ok(lines) }
}

/// The line of the record that is read from `position` on, where empty lines may come first.
fn line_of(bytes: &[u8], position: &Position) -> u64 {
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let rest = bytes.get(start..).unwrap_or_default().iter();
    let empty = rest.take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n');
    position.line() + u64::try_from(empty.count()).unwrap_or(0)
}

/// Where each value stands.
struct Columns {
    username: usize,
    email: Option<usize>,
    description: Option<usize>,
}

impl Columns {
    fn of(headers: &StringRecord) -> Result<Self, String> {
        let (mut username, mut email, mut description) = (None, None, None);
        for (index, header) in headers.iter().enumerate() {
            // a spreadsheet may begin its file with a byte order mark
            let column = match header.trim_start_matches('\u{feff}').to_lowercase().as_str() {
                "username" => &mut username,
                "email" => &mut email,
                "description" => &mut description,
                other => return Err(format!("{other:?} is no column: username, email and description are")),
            };
            if column.replace(index).is_some() {
                return Err(format!("the column {header:?} is there twice"));
            }
        }
        let username = username.ok_or("the column username is missing; the first line names the columns")?;
        Ok(Self { username, email, description })
    }

    fn user(&self, record: &StringRecord) -> ImportedUser {
        let cell = |index: Option<usize>| index.and_then(|at| record.get(at)).unwrap_or_default().to_owned();
        ImportedUser {
            username: cell(Some(self.username)),
            email: cell(self.email),
            description: cell(self.description),
        }
    }
}

/// Of each line the field that an earlier line has the same, and the mistake.
pub(super) fn repeated(lines: &[Line]) -> Vec<Option<(String, String)>> {
    let mut seen: HashMap<(&str, String), u64> = HashMap::new();
    let mut again = |field: &'static str, value: String, number: u64| {
        let earlier = seen.insert((field, value), number)?;
        Some((field.to_owned(), format!("is the same as in line {earlier}")))
    };
    let of_line = |line: &Line| {
        let by_name = again("username", line.user.username.clone(), line.number);
        let email = Some(&line.user.email).filter(|email| !email.is_empty());
        let by_email = email.and_then(|email| again("email", name::key(email), line.number));
        by_name.or(by_email)
    };
    lines.iter().map(of_line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(username: &str, email: &str, description: &str) -> ImportedUser {
        let own = str::to_owned;
        ImportedUser { username: own(username), email: own(email), description: own(description) }
    }

    #[test]
    fn columns_are_found_by_their_names() {
        let text =
            "\u{feff}email, Username ,description\n\"ann@example.com\",ann,\"of acme, now\"\n\n,bob,\n";
        let lines = parse(text.as_bytes()).unwrap();
        assert_eq!(lines[0], Line { number: 2, user: user("ann", "ann@example.com", "of acme, now") });
        assert_eq!(lines[1], Line { number: 4, user: user("bob", "", "") });
    }

    #[test]
    fn what_is_no_list_of_people_is_refused() {
        for (text, word) in [
            ("ann,ann@example.com\n", "is no column"),
            ("email\na@example.com\n", "username is missing"),
            ("username,username\na,b\n", "twice"),
            ("username,email\n", "no lines"),
            ("", "username is missing"),
            ("username,email\nann\n", "fields"),
        ] {
            let refused = parse(text.as_bytes()).unwrap_err();
            assert!(refused.contains(word), "{text:?}: {refused}");
        }
    }

    #[test]
    fn a_repeated_name_or_address_is_told_by_its_line() {
        let text = "username,email\nann,a@example.com\nbob,A@example.com\nann,\n";
        let lines = parse(text.as_bytes()).unwrap();
        let told: Vec<_> = repeated(&lines).into_iter().map(|found| found.map(|(field, _)| field)).collect();
        assert_eq!(told, [None, Some("email".to_owned()), Some("username".to_owned())]);
    }
}
