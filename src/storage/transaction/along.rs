//! Statements that go along with others on PostgreSQL (storage floor).
//!
//! Each statement is a round trip. One can be part of another that neither reads nor changes what it does:
//! `WITH along_0 AS (INSERT …) SELECT …`. Both see the same rows, and neither what the other does.

use sea_orm::{Statement, Value, Values};

/// The statement with those in front of it as parts; none if it takes none.
pub(super) fn together(along: &[Statement], statement: &Statement) -> Option<Statement> {
    let (mut parts, mut values) = (Vec::new(), Vec::new());
    for (place, part) in along.iter().enumerate() {
        parts.push(format!("along_{place} AS ({})", renumbered(&part.sql, values.len())));
        values.extend(values_of(part));
    }
    let own = statement.sql.trim_start();
    let has = |word: &str| own.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let (joint, rest) = match own.get("WITH ".len()..) {
        Some(_) if has("WITH RECURSIVE ") => return None,
        Some(rest) if has("WITH ") => (", ", rest),
        _ if ["SELECT ", "INSERT ", "UPDATE ", "DELETE "].iter().any(|word| has(word)) => (" ", own),
        _ => return None,
    };
    let sql = format!("WITH {}{joint}{}", parts.join(", "), renumbered(rest, values.len()));
    values.extend(values_of(statement));
    Some(Statement { sql, values: Some(Values(values)), db_backend: statement.db_backend })
}

fn values_of(statement: &Statement) -> impl Iterator<Item = Value> {
    statement.values.iter().flat_map(|values| values.0.iter().cloned())
}

/// The text with `$1` as the one after so many.
fn renumbered(sql: &str, after: usize) -> String {
    let mut text = String::with_capacity(sql.len() + 16);
    let mut quote = None;
    let mut rest = sql.chars().peekable();
    while let Some(next) = rest.next() {
        text.push(next);
        match (quote, next) {
            (None, '\'' | '"') => quote = Some(next),
            (Some(open), close) if open == close => quote = None,
            (None, '$') => {
                let mut number = String::new();
                while let Some(digit) = rest.next_if(char::is_ascii_digit) {
                    number.push(digit);
                }
                match number.parse::<usize>() {
                    Ok(number) => text.push_str(&(number + after).to_string()),
                    Err(_) => text.push_str(&number),
                }
            }
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use sea_orm::DbBackend;

    use super::*;

    fn of(sql: &str, values: &[i32]) -> Statement {
        Statement::from_sql_and_values(DbBackend::Postgres, sql, values.iter().copied().map(Value::from))
    }

    #[test]
    fn each_keeps_its_values() {
        let along =
            [of("INSERT INTO a VALUES ($1, $2, '$1')", &[1, 2]), of("INSERT INTO b VALUES ($1)", &[3])];
        let told = together(&along, &of(r#"SELECT $1, "$2", $10"#, &[4])).unwrap();
        let parts =
            "WITH along_0 AS (INSERT INTO a VALUES ($1, $2, '$1')), along_1 AS (INSERT INTO b VALUES ($3))";
        assert_eq!(told.sql, format!(r#"{parts} SELECT $4, "$2", $13"#));
        assert_eq!(told.values, Some(Values([1, 2, 3, 4].map(Value::from).to_vec())));
        let own = together(&along[1..], &of("with x AS (SELECT $1) UPDATE c SET d = $2", &[5, 6])).unwrap();
        assert_eq!(
            own.sql,
            "WITH along_0 AS (INSERT INTO b VALUES ($1)), x AS (SELECT $2) UPDATE c SET d = $3"
        );
    }

    #[test]
    fn what_has_no_parts_is_left_alone() {
        let along = [of("INSERT INTO b VALUES ($1)", &[3])];
        for alone in ["WITH RECURSIVE x AS (SELECT 1) SELECT 1", "LOCK TABLE a", "SAVEPOINT one", "W"] {
            assert!(together(&along, &of(alone, &[])).is_none(), "{alone}");
        }
    }
}
