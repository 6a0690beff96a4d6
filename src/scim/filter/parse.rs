//! The parser of filters (RFC 7644 §3.4.2.2, figure 1), by recursive descent; floor `scim`.
//!
//! Beyond the grammar it takes several blanks where one is due, `not(` without a blank, and `attr[…].sub op value`.

use std::str::FromStr;

use serde_json::Number;

use super::{CompareOp, Filter, Literal, literal};
use crate::quote::shown;
use crate::scim::error::Error;
use crate::scim::path::{AttributePath, sub_attribute};
use crate::scim::scan::{Fault, Scanner};

/// The longest filter, in bytes.
pub const MAX_LENGTH: usize = 16 * 1024;
/// How deep brackets may be nested.
pub const MAX_DEPTH: usize = 64;
/// How many comparisons a filter may hold.
pub const MAX_TERMS: usize = 256;

impl FromStr for Filter {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let read = || {
            check_length(text)?;
            let mut parser = Parser { scanner: Scanner::new(text), depth: 0, terms: 0, in_value: false };
            let filter = parser.disjunction()?;
            parser.end()?;
            Ok(filter)
        };
        read().map_err(|fault: Fault| Error::filter(format!("the filter is malformed: {fault}")))
    }
}

pub(crate) fn check_length(text: &str) -> Result<(), Fault> {
    if text.len() <= MAX_LENGTH {
        return Ok(());
    }
    Err(Fault::new(
        MAX_LENGTH,
        format!("{} bytes are too many: at most {MAX_LENGTH} are allowed", text.len()),
    ))
}

/// Reads `[filter]` where `scanner` stands before the bracket.
pub(crate) fn scan_brackets(scanner: &mut Scanner<'_>) -> Result<Filter, Fault> {
    let mut parser = Parser { scanner: scanner.clone(), depth: 0, terms: 0, in_value: false };
    let filter = parser.brackets()?;
    *scanner = parser.scanner;
    Ok(filter)
}

struct Parser<'a> {
    scanner: Scanner<'a>,
    depth: usize,
    terms: usize,
    in_value: bool,
}

impl Parser<'_> {
    /// `or` binds least (RFC 7644 §3.4.2.2: grouping, not, and, or).
    fn disjunction(&mut self) -> Result<Filter, Fault> {
        let first = self.conjunction()?;
        let mut any = vec![first];
        while self.word("or") {
            any.push(self.conjunction()?);
        }
        Ok(single_or(any, Filter::Or))
    }

    fn conjunction(&mut self) -> Result<Filter, Fault> {
        let first = self.factor()?;
        let mut all = vec![first];
        while self.word("and") {
            all.push(self.factor()?);
        }
        Ok(single_or(all, Filter::And))
    }

    fn factor(&mut self) -> Result<Filter, Fault> {
        self.scanner.skip_blanks();
        if self.negation() {
            return Ok(Filter::Not(Box::new(self.group('(', ')')?)));
        }
        match self.scanner.peek() {
            Some('(') => self.group('(', ')'),
            _ => self.attribute_expression(),
        }
    }

    /// Reads `not` when brackets follow; otherwise it is an attribute's name.
    fn negation(&mut self) -> bool {
        let mut ahead = self.scanner.clone();
        let word = ahead.take_while(|c| c.is_ascii_alphabetic());
        ahead.skip_blanks();
        let found = word.eq_ignore_ascii_case("not") && ahead.peek() == Some('(');
        if found {
            self.scanner = ahead;
        }
        found
    }

    fn group(&mut self, open: char, close: char) -> Result<Filter, Fault> {
        let at = self.scanner.at();
        self.scanner.eat(open);
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Fault::new(
                at,
                format!("brackets are nested too deep: at most {MAX_DEPTH} levels are allowed"),
            ));
        }
        let filter = self.disjunction()?;
        self.scanner.skip_blanks();
        if !self.scanner.eat(close) {
            let reason = format!(
                "{close:?} is expected for the {open:?} at byte {at}, found {}",
                self.scanner.found()
            );
            return Err(self.scanner.fault(reason));
        }
        self.depth -= 1;
        Ok(filter)
    }

    fn brackets(&mut self) -> Result<Filter, Fault> {
        if self.in_value {
            return Err(self.scanner.fault("brackets cannot stand within brackets (RFC 7644 §3.4.2.2)"));
        }
        self.in_value = true;
        let filter = self.group('[', ']');
        self.in_value = false;
        filter
    }

    fn attribute_expression(&mut self) -> Result<Filter, Fault> {
        self.count_term()?;
        let path = AttributePath::scan(&mut self.scanner)?;
        if self.scanner.peek() != Some('[') {
            return self.comparison(path);
        }
        if path.sub.is_some() {
            return Err(self
                .scanner
                .fault("a sub-attribute cannot be followed by brackets: write attr[filter].sub"));
        }
        let mut filter = self.brackets()?;
        if self.scanner.eat('.') {
            let sub = AttributePath::attribute(sub_attribute(&mut self.scanner)?);
            filter = filter.and(self.comparison(sub)?);
        }
        Ok(Filter::ValuePath { path, filter: Box::new(filter) })
    }

    fn count_term(&mut self) -> Result<(), Fault> {
        self.terms += 1;
        if self.terms <= MAX_TERMS {
            return Ok(());
        }
        Err(self.scanner.fault(format!("there are too many comparisons: at most {MAX_TERMS} are allowed")))
    }

    /// What follows an attribute: `pr`, or an operator and a value.
    fn comparison(&mut self, path: AttributePath) -> Result<Filter, Fault> {
        let blank = self.scanner.skip_blanks();
        let at = self.scanner.at();
        let word = self.scanner.take_while(|c| c.is_ascii_alphanumeric());
        if word.is_empty() || !blank {
            let reason = format!(
                "after {} a blank and an operator are expected, found {}",
                shown(path),
                self.scanner.found()
            );
            return Err(Fault::new(at, reason));
        }
        if word.eq_ignore_ascii_case("pr") {
            self.boundary("pr")?;
            return Ok(Filter::Present(path));
        }
        let Some(op) = CompareOp::from_word(word) else {
            let known = "eq, ne, co, sw, ew, pr, gt, ge, lt or le";
            return Err(Fault::new(at, format!("{:?} is not an operator; use {known}", shown(word))));
        };
        if !self.scanner.skip_blanks() {
            return Err(self.scanner.fault(format!("after {op} a blank and a value are expected")));
        }
        let value = self.literal()?;
        self.boundary("a value")?;
        Ok(Filter::Compare { path, op, value })
    }

    fn literal(&mut self) -> Result<Literal, Fault> {
        match self.scanner.peek() {
            Some('"') => self.string(),
            Some(c) if c == '-' || c.is_ascii_digit() => self.number(),
            _ => self.constant(),
        }
    }

    fn constant(&mut self) -> Result<Literal, Fault> {
        let at = self.scanner.at();
        let word = self.scanner.take_while(|c| c.is_ascii_alphanumeric());
        if word.eq_ignore_ascii_case("null") {
            return Ok(Literal::Null);
        }
        let found = if word.is_empty() { self.scanner.found() } else { format!("{:?}", shown(word)) };
        let fault = || {
            Fault::new(
                at,
                format!("a value is expected (\"text\", a number, true, false, null), found {found}"),
            )
        };
        literal::boolean(word).map(Literal::Bool).ok_or_else(fault)
    }

    fn number(&mut self) -> Result<Literal, Fault> {
        let at = self.scanner.at();
        let text =
            self.scanner.take_while(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E'));
        let fault = || Fault::new(at, format!("{:?} is not a JSON number, or too large", shown(text)));
        let whole: Number = serde_json::from_str(text).map_err(|_| fault())?;
        if !text.contains(['.', 'e', 'E']) {
            return Ok(Literal::Number(whole));
        }
        // Read by the standard library: exact to the last bit, so that the printed number is the same number.
        let exact = text.parse().ok().and_then(Number::from_f64);
        exact.map(Literal::Number).ok_or_else(fault)
    }

    fn string(&mut self) -> Result<Literal, Fault> {
        let at = self.scanner.at();
        let Some(length) = string_length(self.scanner.rest()) else {
            return Err(Fault::new(at, "the string has no closing quote"));
        };
        let quoted = self.scanner.take(length);
        let text: String = serde_json::from_str(quoted).map_err(|_| {
            Fault::new(at, "the string is not a JSON string: check escapes and control characters")
        })?;
        if text.contains('\0') {
            return Err(Fault::new(at, "the string holds a NUL character, which no value can have"));
        }
        Ok(Literal::String(text))
    }

    /// After a value there is a blank, a closing bracket or the end.
    fn boundary(&self, what: &str) -> Result<(), Fault> {
        match self.scanner.peek() {
            None | Some(' ' | '\t' | '\r' | '\n' | ')' | ']') => Ok(()),
            Some(_) => Err(self.scanner.fault(format!("unexpected {} after {what}", self.scanner.found()))),
        }
    }

    /// Reads `word` when it is next and stands alone.
    fn word(&mut self, word: &str) -> bool {
        let mut ahead = self.scanner.clone();
        ahead.skip_blanks();
        let found = ahead.take_while(|c| c.is_ascii_alphanumeric()).eq_ignore_ascii_case(word)
            && matches!(ahead.peek(), None | Some(' ' | '\t' | '\r' | '\n' | '('));
        if found {
            self.scanner = ahead;
        }
        found
    }

    fn end(&mut self) -> Result<(), Fault> {
        self.scanner.skip_blanks();
        if self.scanner.is_at_end() {
            return Ok(());
        }
        Err(self
            .scanner
            .fault(format!("\"and\", \"or\" or the end is expected, found {}", self.scanner.found())))
    }
}

fn single_or(mut terms: Vec<Filter>, many: fn(Vec<Filter>) -> Filter) -> Filter {
    match terms.pop() {
        Some(only) if terms.is_empty() => only,
        last => {
            terms.extend(last);
            many(terms)
        }
    }
}

/// The length of the JSON string at the start of `text`, with its quotes.
fn string_length(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (index, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(index + 1),
            _ => {}
        }
    }
    None
}
