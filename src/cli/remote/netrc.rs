//! The `.netrc` that `buf registry login` writes: the password of a machine is the token (cli floor).

use std::{env, fs, io, path::PathBuf};

use anyhow::Context as _;
use http::Uri;

use super::variable;

/// The password for the server, if the file has one: of `host:port`, or else of the host. An entry `default` is
/// left alone: a token goes to no server that it was not given for.
pub(super) fn password(server: &Uri) -> anyhow::Result<Option<String>> {
    let (Some(path), Some(authority), Some(host)) = (path(), server.authority(), server.host()) else {
        return Ok(None);
    };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    Ok(find(&text, authority.as_str()).or_else(|| find(&text, host)))
}

/// Where `NETRC` says, as for `buf` and `curl`, or in the home folder.
fn path() -> Option<PathBuf> {
    let name = if cfg!(windows) { "_netrc" } else { ".netrc" };
    variable("NETRC").map(PathBuf::from).or_else(|| env::home_dir().map(|home| home.join(name)))
}

/// The password of `machine`: words in any lines; `#` begins a comment, and a `macdef` ends with an empty line.
fn find(text: &str, machine: &str) -> Option<String> {
    let mut here = false;
    let words = words(text);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "machine" => here = words.next().is_some_and(|name| name.eq_ignore_ascii_case(machine)),
            "default" => here = false,
            "password" => {
                let password = words.next();
                if here {
                    return password.cloned();
                }
            }
            "login" | "account" => drop(words.next()),
            _ => {}
        }
    }
    None
}

fn words(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut in_macro = false;
    for line in text.lines() {
        in_macro = in_macro && !line.trim().is_empty();
        for word in line.split_whitespace().take_while(|word| !word.starts_with('#')) {
            in_macro |= word == "macdef";
            if !in_macro {
                all.push(word.trim_matches('"').to_owned());
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_a_machine_is_found_in_every_form() {
        let lines = "machine buf.build\n  login a\n  password one\nmachine roster.example.com:8443 login b password two";
        assert_eq!(find(lines, "buf.build").as_deref(), Some("one"));
        assert_eq!(find(lines, "ROSTER.example.com:8443").as_deref(), Some("two"));
        assert_eq!(find(lines, "roster.example.com"), None);
    }

    #[test]
    fn what_belongs_to_others_is_left_alone() {
        let text = "# machine a password no\nmachine b login a\nmacdef init\nmachine a password no\n\n\
                    machine a login password password \"yes\" # comment\ndefault login x password no\n";
        assert_eq!(find(text, "a").as_deref(), Some("yes"));
        assert_eq!(find(text, "b"), None);
        assert_eq!(find(text, "c"), None);
    }
}
