//! New names for old: the same UID, patient or date always becomes the same other one under the same key, and without
//! the key there is no way back.

use chrono::{Days, NaiveDate};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// Dates move back by one to this many days.
const MAX_SHIFT: u64 = 3650;
/// Root of the UIDs of the standard.
const STANDARD: &str = "1.2.840.10008.";
/// Shorter words occur by chance.
const SHORTEST_IDENTIFIER: usize = 5;

/// Replaces identifiers, and remembers what it replaced so that the result can be searched for it.
pub(super) struct Pseudonyms<'a> {
    key: &'a [u8],
    patient: String,
    originals: BTreeSet<String>,
}

impl<'a> Pseudonyms<'a> {
    /// Those of one patient, known by ID and name.
    pub fn new(key: &'a [u8], id: &str, name: &str) -> Self {
        // Without an ID the name is all that ties the images of a patient together.
        let patient = if id.is_empty() { name } else { id };
        Self { key, patient: patient.to_owned(), originals: BTreeSet::new() }
    }

    fn digest(&self, purpose: &str, value: &str) -> [u8; 16] {
        let mut hash = Sha256::new();
        for part in [self.key, purpose.as_bytes(), value.as_bytes()] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let mut first = [0; 16];
        first.copy_from_slice(&hash.finalize()[..16]);
        first
    }

    /// `ANON-` and eight digits.
    pub fn patient(&self) -> String {
        let digest = self.digest("patient", &self.patient);
        let number = digest.iter().fold(0u64, |n, b| (n * 256 + u64::from(*b)) % 100_000_000);
        format!("ANON-{number:08}")
    }

    /// A UID below 2.25 (PS3.5 B.2); those of the standard stay.
    pub fn uid(&self, uid: &str) -> String {
        if uid.is_empty() || uid.starts_with(STANDARD) {
            return uid.to_owned();
        }
        format!("2.25.{}", u128::from_be_bytes(self.digest("uid", uid)))
    }

    /// The date of a DA or DT value as many days earlier as all dates of the patient; empty where it is none.
    pub fn date(&self, value: &str) -> String {
        let digits: String = value.chars().filter(char::is_ascii_digit).take(8).collect();
        let digest = self.digest("dates", &self.patient);
        let shift = 1 + digest.iter().fold(0u64, |n, b| (n * 256 + u64::from(*b)) % MAX_SHIFT);
        let date = NaiveDate::parse_from_str(&digits, "%Y%m%d").ok();
        date.and_then(|date| date.checked_sub_days(Days::new(shift)))
            .map(|date| date.format("%Y%m%d").to_string())
            .unwrap_or_default()
    }

    /// Remembers a UID that must not occur in the result.
    pub fn forget_uid(&mut self, uid: &str) {
        if uid.len() >= SHORTEST_IDENTIFIER && !uid.starts_with(STANDARD) {
            self.originals.insert(uid.to_owned());
        }
    }

    /// Remembers a text that must not occur in the result: whole, and the components of a name.
    pub fn forget(&mut self, text: &str) {
        let parts = text.split(['^', '=', '\\']).map(str::trim).chain([text.trim()]);
        self.originals.extend(parts.filter(|p| p.len() >= SHORTEST_IDENTIFIER).map(str::to_owned));
    }

    /// Whether `bytes` hold a remembered text as a word of its own.
    pub fn found_in(&self, bytes: &[u8]) -> bool {
        let is_part =
            |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_'));
        self.originals.iter().any(|text| {
            let text = text.as_bytes();
            bytes.windows(text.len()).enumerate().any(|(at, window)| {
                window == text
                    && !is_part(at.checked_sub(1).and_then(|before| bytes.get(before)))
                    && !is_part(bytes.get(at + text.len()))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_stays_the_same() {
        let one = Pseudonyms::new(b"key", "P1", "");
        let other = Pseudonyms::new(b"key", "P2", "");
        let foreign = Pseudonyms::new(b"another", "P1", "");
        let uid = one.uid("1.2.3");
        assert!(uid.starts_with("2.25.") && uid.len() <= 64, "{uid}");
        assert_eq!(uid, other.uid("1.2.3"));
        assert_ne!(uid, foreign.uid("1.2.3"));
        assert_ne!(one.patient(), other.patient());
        assert_eq!(one.uid("1.2.840.10008.1.2.1"), "1.2.840.10008.1.2.1");
    }

    #[test]
    fn dates_keep_their_distance() {
        let p = Pseudonyms::new(b"key", "P1", "");
        let parse = |s: String| NaiveDate::parse_from_str(&s, "%Y%m%d").expect("a date");
        let (a, b) = (parse(p.date("20240228")), parse(p.date("20240301120000.0")));
        assert_eq!((b - a).num_days(), 2);
        assert!(a < NaiveDate::from_ymd_opt(2024, 2, 28).expect("a date"));
        assert_eq!(p.date("yesterday"), "");
    }

    #[test]
    fn what_was_replaced_is_found_again() {
        let mut p = Pseudonyms::new(b"key", "P1", "");
        p.forget("Doe^Johanna");
        assert!(p.found_in(b"xx Johanna yy") && !p.found_in(b"Doe") && !p.found_in(b"Johannas"));
    }
}
