//! What a file imports: the paths of its `use` lines and those written in place, made absolute.

use std::collections::BTreeMap;

use super::lex::{Lexeme, Token, lex};

/// One path that a file names. It begins with `crate` or, as far as can be seen, with an outside crate.
#[derive(Debug, PartialEq)]
pub(super) struct Import {
    pub(super) path: Vec<String>,
    pub(super) line: usize,
    /// Whether it stands in an item under `#[cfg(test)]`.
    pub(super) is_test: bool,
}

/// The imports of `source`, which is the module `module`.
pub(super) fn imports(source: &str, module: &[String]) -> Vec<Import> {
    let lexemes = lex(source);
    let mut walk = Walk { lexemes: &lexemes, depth: 0, inside: Vec::new(), test: None, found: Vec::new() };
    walk.run();
    let mut names = BTreeMap::new();
    for declared in walk.found.iter().filter(|mention| mention.kind == Kind::Module) {
        names.insert(declared.names, joined(module, &declared.inside, &declared.path));
    }
    for used in walk.found.iter().filter(|mention| mention.kind == Kind::Use) {
        let path = used.absolute(module, &names);
        // a name that stands for itself (`use tokio;`) says nothing new
        if path.len() > 1 && !used.names.is_empty() {
            names.insert(used.names, path);
        }
    }
    let of_paths = walk.found.iter().filter(|mention| mention.kind != Kind::Module);
    of_paths
        .map(|mention| Import {
            path: mention.absolute(module, &names),
            line: mention.line,
            is_test: mention.is_test,
        })
        .collect()
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// In a `use` line.
    Use,
    /// Written in place.
    Inline,
    /// `mod name`, which is a name in this file.
    Module,
}

/// A path as it is written.
#[derive(Debug)]
struct Mention<'a> {
    kind: Kind,
    path: Vec<&'a str>,
    /// The name it has in this file from here on; empty when it gets none.
    names: &'a str,
    line: usize,
    is_test: bool,
    /// The modules of this file that it stands in.
    inside: Vec<&'a str>,
}

impl Mention<'_> {
    fn absolute(&self, module: &[String], names: &BTreeMap<&str, Vec<String>>) -> Vec<String> {
        let (Some(first), rest) = (self.path.first().copied(), self.path.get(1..).unwrap_or_default()) else {
            return Vec::new();
        };
        match first {
            // the binary names the library by the package's name
            "crate" | "roster" => joined(&["crate".to_owned()], &[], rest),
            "self" => joined(module, &self.inside, rest),
            "super" => above(&joined(module, &self.inside, &[]), &self.path),
            _ => match names.get(first) {
                Some(known) => joined(known, &[], rest),
                None => joined(&[], &[], &self.path),
            },
        }
    }
}

fn above(base: &[String], path: &[&str]) -> Vec<String> {
    let ups = path.iter().take_while(|name| **name == "super").count();
    joined(&base[..base.len().saturating_sub(ups)], &[], &path[ups..])
}

fn joined(base: &[String], middle: &[&str], rest: &[&str]) -> Vec<String> {
    let tail = middle.iter().chain(rest).map(|name| (*name).to_owned());
    base.iter().cloned().chain(tail).collect()
}

/// A walk over the tokens of a file.
struct Walk<'a> {
    lexemes: &'a [Lexeme<'a>],
    depth: usize,
    /// The modules written in this file that the walk is in, each with the depth it stands at.
    inside: Vec<(&'a str, usize)>,
    /// The depth of the item under `#[cfg(test)]` that the walk is in.
    test: Option<usize>,
    found: Vec<Mention<'a>>,
}

impl<'a> Walk<'a> {
    fn run(&mut self) {
        let mut at = 0;
        while let Some(token) = self.token(at) {
            at = match token {
                Token::Sign(sign) => self.sign(at, sign),
                Token::Word("use") => self.tree(at + 1, &[], Kind::Use),
                Token::Word("mod") => self.module(at + 1),
                Token::Word(_) if self.begins_path(at) => self.tree(at, &[], Kind::Inline),
                Token::Word(_) | Token::Join => at + 1,
            };
        }
    }

    fn token(&self, at: usize) -> Option<Token<'a>> {
        self.lexemes.get(at).map(|lexeme| lexeme.token)
    }

    fn sign(&mut self, at: usize, sign: char) -> usize {
        match sign {
            '#' if self.is_cfg_test(at) => {
                self.test.get_or_insert(self.depth);
                return at + 7;
            }
            '{' => self.depth += 1,
            '}' => self.close(),
            ';' => self.end_of_item(),
            _ => {}
        }
        at + 1
    }

    fn is_cfg_test(&self, at: usize) -> bool {
        use Token::{Sign, Word};
        let form =
            [Sign('#'), Sign('['), Word("cfg"), Sign('('), Word("test"), Sign(')'), Sign(']')].map(Some);
        (at..).zip(form).all(|(at, token)| self.token(at) == token)
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        let depth = self.depth;
        self.inside.retain(|(_, at)| *at < depth);
        self.end_of_item();
    }

    fn end_of_item(&mut self) {
        if self.test == Some(self.depth) {
            self.test = None;
        }
    }

    /// Whether a path begins with the word at `at`, and not in the middle of one.
    fn begins_path(&self, at: usize) -> bool {
        let before = |back: usize| at.checked_sub(back).and_then(|at| self.token(at));
        let goes_on = match before(1) {
            Some(Token::Sign('.')) => true,
            Some(Token::Join) => before(2) == Some(Token::Sign('>')),
            _ => false,
        };
        !goes_on && self.token(at + 1) == Some(Token::Join)
    }

    fn module(&mut self, at: usize) -> usize {
        let Some(Token::Word(name)) = self.token(at) else { return at };
        self.record(at, Kind::Module, vec![name], name);
        if self.token(at + 1) == Some(Token::Sign('{')) {
            self.inside.push((name, self.depth));
        }
        at + 1
    }

    /// Records the paths of the tree at `at`, and returns where it ends.
    fn tree(&mut self, at: usize, prefix: &[&'a str], kind: Kind) -> usize {
        match self.token(at) {
            Some(Token::Join) if prefix.is_empty() => self.tree(at + 1, prefix, kind),
            Some(Token::Word(word)) => self.branch(at, prefix, word, kind),
            Some(Token::Sign('{')) if kind == Kind::Use => self.group(at + 1, prefix),
            Some(Token::Sign('*')) if kind == Kind::Use => {
                self.record(at, kind, prefix.to_vec(), "");
                at + 1
            }
            _ => {
                self.record(at, kind, prefix.to_vec(), "");
                at
            }
        }
    }

    fn branch(&mut self, at: usize, prefix: &[&'a str], word: &'a str, kind: Kind) -> usize {
        let mut path = prefix.to_vec();
        if word != "self" || prefix.is_empty() {
            path.push(word);
        }
        let name = path.last().copied().unwrap_or_default();
        match (self.token(at + 1), self.token(at + 2)) {
            (Some(Token::Join), _) => self.tree(at + 2, &path, kind),
            (Some(Token::Word("as")), Some(Token::Word(alias))) if kind == Kind::Use => {
                self.record(at, kind, path, alias);
                at + 3
            }
            _ => {
                self.record(at, kind, path, name);
                at + 1
            }
        }
    }

    fn group(&mut self, mut at: usize, prefix: &[&'a str]) -> usize {
        loop {
            match self.token(at) {
                None => return at,
                Some(Token::Sign('}')) => return at + 1,
                Some(Token::Sign(',')) => at += 1,
                Some(_) => at = self.tree(at, prefix, Kind::Use).max(at + 1),
            }
        }
    }

    fn record(&mut self, at: usize, kind: Kind, path: Vec<&'a str>, names: &'a str) {
        let Some(lexeme) = self.lexemes.get(at).or(self.lexemes.last()) else { return };
        let inside = self.inside.iter().map(|(name, _)| *name).collect();
        let is_test = self.test.is_some();
        self.found.push(Mention { kind, path, names, line: lexeme.line, is_test, inside });
    }
}
