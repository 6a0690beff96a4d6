//! Bearer secrets: prefix + 256 random bits + checksum (domain floor).
//!
//! Only a SHA-256 is stored: a token has 256 bits of entropy, so a slow hash would protect nothing. The
//! checksum lets a typing error, a wrong kind and a truncated paste be refused before any look-up. The
//! alphabet has no `@`, `,` or `:`, which the `buf` client gives a meaning in `BUF_TOKEN`.

use std::fmt;

use rand::CryptoRng;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

const RANDOM_BYTES: usize = 32;
const CHECKSUM_BYTES: usize = 4;

/// What a secret opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKind {
    /// An API token: everything but SCIM.
    Api,
    /// A SCIM token: `/scim/v2` and nothing else.
    Scim,
    /// The code that a device polls with: one token, once it is approved.
    DeviceCode,
    /// What the approval form carries: one decision.
    DeviceTicket,
}

impl SecretKind {
    /// The prefix by which people and secret scanners know the kind.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Api => "roster_api_",
            Self::Scim => "roster_scim_",
            Self::DeviceCode => "roster_device_",
            Self::DeviceTicket => "roster_ticket_",
        }
    }
}

/// A secret in plain text: shown once, never logged (its `Debug` hides it), never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new secret of `kind` from 256 bits of `rng`.
    pub fn generate(kind: SecretKind, rng: &mut impl CryptoRng) -> Self {
        let mut random = [0_u8; RANDOM_BYTES];
        rng.fill_bytes(&mut random);
        let body = format!("{}{}", kind.prefix(), hex(&random));
        let checksum = checksum(&body);
        Self(body + &checksum)
    }

    /// The secret that `text` is, if its prefix is that of `kind` and its checksum is right.
    #[must_use]
    pub fn parse(kind: SecretKind, text: &str) -> Option<Self> {
        let expected = kind.prefix().len() + 2 * (RANDOM_BYTES + CHECKSUM_BYTES);
        if !text.starts_with(kind.prefix()) || text.len() != expected || !text.is_ascii() {
            return None;
        }
        let (body, given) = text.split_at(expected - 2 * CHECKSUM_BYTES);
        (checksum(body) == given).then(|| Self(text.to_owned()))
    }

    /// The plain text, to be shown once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored and looked up in place of the secret.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest(Sha256::digest(self.0.as_bytes()).into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The SHA-256 of a secret; equality takes constant time.
#[derive(Clone, Copy)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A digest as the database kept it.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Digest {}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

fn checksum(body: &str) -> String {
    hex(Sha256::digest(body.as_bytes()).get(..CHECKSUM_BYTES).unwrap_or_default())
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(kind: SecretKind) -> Secret {
        Secret::generate(kind, &mut rand::rng())
    }

    #[test]
    fn a_secret_parses_as_its_own_kind_only() {
        let api = secret(SecretKind::Api);
        assert_eq!(Secret::parse(SecretKind::Api, api.reveal()), Some(api.clone()));
        assert_eq!(Secret::parse(SecretKind::Scim, api.reveal()), None);
    }

    #[test]
    fn one_changed_digit_breaks_the_checksum() {
        let text = secret(SecretKind::Scim).reveal().to_owned();
        for at in SecretKind::Scim.prefix().len()..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(Secret::parse(SecretKind::Scim, &changed), None, "{at}");
        }
    }

    #[test]
    fn a_secret_carries_256_bits_and_none_of_bufs_separators() {
        let (one, two) = (secret(SecretKind::Api), secret(SecretKind::Api));
        assert_ne!(one, two);
        assert_ne!(one.digest(), two.digest());
        assert_eq!(one.reveal().len(), "roster_api_".len() + 64 + 8);
        assert!(!one.reveal().contains(['@', ',', ':']));
        assert!(!format!("{one:?} {:?}", one.digest()).contains(&one.reveal()[11..20]));
    }

    #[test]
    fn text_outside_ascii_is_refused_without_a_panic() {
        let text = format!("roster_api_{}", "é".repeat(36));
        assert_eq!(Secret::parse(SecretKind::Api, &text), None);
    }
}
