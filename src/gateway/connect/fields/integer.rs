//! Integers in JSON, as proto3 has them: "1", 1, 1.0 and 1e0 are one number, as numbers and in quotes (`ProtoJSON`,
//! "int32, fixed32, uint32").

use prost_reflect::Kind;

/// The longest number in quotes that is looked at: more digits than these are in no range.
const LONGEST: usize = 64;

/// The integers of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    least: i128,
    most: i128,
}

impl Range {
    /// Those of this kind, if it is one of integers.
    pub(super) fn of(kind: &Kind) -> Option<Self> {
        let (least, most) = match kind {
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => (i32::MIN.into(), i32::MAX.into()),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => (i64::MIN.into(), i64::MAX.into()),
            Kind::Uint32 | Kind::Fixed32 => (0, u32::MAX.into()),
            Kind::Uint64 | Kind::Fixed64 => (0, u64::MAX.into()),
            _ => return None,
        };
        Some(Self { least, most })
    }

    pub(super) fn has(self, number: i128) -> bool {
        (self.least..=self.most).contains(&number)
    }

    /// Whether this is one of them. The number may have been rounded, as -2⁶³-1 is to -2⁶³; so it must lie within, and not
    /// at the end.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what is too large becomes the largest, which is in no range"
    )]
    pub(super) fn has_float(self, number: f64) -> bool {
        let whole = number as i128;
        number.fract() == 0.0
            && self.has(whole)
            && (whole > self.least || self.least == 0 || whole > i64::MIN.into())
    }

    /// The rule in words.
    pub(super) fn rule(self) -> String {
        format!("must be an integer from {} to {}", self.least, self.most)
    }
}

/// The integer that a number in quotes is: exactly, and also with a fraction of nothing or an exponent.
pub(super) fn integral(text: &str) -> Option<i128> {
    if text.len() > LONGEST {
        return None;
    }
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().ok().filter(|power: &i32| power.abs() < 100)?;
    let (sign, digits) = mantissa.strip_prefix('-').map_or((1, mantissa), |digits| (-1, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = [whole, fraction]
        .iter()
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    if !all {
        return None;
    }
    let number = format!("{whole}{fraction}");
    let shift = exponent - i32::try_from(fraction.len()).ok()?;
    Some(sign * scaled(&number, shift)?)
}

/// The digits times a power of ten, if that is whole.
fn scaled(digits: &str, shift: i32) -> Option<i128> {
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return Some(0);
    }
    let shift = shift + i32::try_from(digits.len() - significant.len()).ok()?;
    let power = 10_i128.checked_pow(u32::try_from(shift).ok()?)?;
    significant.parse::<i128>().ok()?.checked_mul(power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_in_quotes_is_read_exactly() {
        let read = [
            ("1", 1),
            ("-1", -1),
            ("1e0", 1),
            ("1E0", 1),
            ("1.0", 1),
            ("10e-1", 1),
            ("0.1e1", 1),
            ("1.5e1", 15),
            ("-1.50e+2", -150),
            ("0e99", 0),
            ("0.000", 0),
            ("18446744073709551615.000", 18_446_744_073_709_551_615),
            ("18446744073709551616", 18_446_744_073_709_551_616),
            ("9.007199254740993e15", 9_007_199_254_740_993),
        ];
        for (text, number) in read {
            assert_eq!(integral(text), Some(number), "{text}");
        }
        for text in [
            "",
            "x",
            "1.5",
            "1e-1",
            "1e",
            "e1",
            ".5",
            "1.",
            "--1",
            "+1",
            " 1",
            "1e99",
            "1e1000000",
            "0x1",
            "NaN",
            "1_0",
        ] {
            assert_eq!(integral(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_rounded_number_at_the_end_of_a_range_is_not_believed() {
        let (signed, unsigned) = (Range::of(&Kind::Int64).unwrap(), Range::of(&Kind::Uint64).unwrap());
        assert!(
            signed.has_float(-1e18)
                && signed.has_float(9e18)
                && unsigned.has_float(0.0)
                && unsigned.has_float(1e19)
        );
        let outside =
            [9_223_372_036_854_775_808.0, -9_223_372_036_854_775_808.0, 1.5, f64::INFINITY, f64::NAN];
        for number in outside {
            assert!(!signed.has_float(number), "{number}");
        }
        for number in [18_446_744_073_709_551_616.0, -1.0, 1e300] {
            assert!(!unsigned.has_float(number), "{number}");
        }
        assert!(Range::of(&Kind::Int32).unwrap().has_float(-2_147_483_648.0));
    }
}
