//! Names for patients that lead back to nobody: a hash of what the source calls them and of a secret salt.

use sha2::{Digest, Sha256};

/// One salt: the same patient gets the same name under it, and another under every other.
#[derive(Debug, Clone)]
pub struct Pseudonyms {
    salt: Vec<u8>,
    /// Names are those of a set that was written by this program, and are kept.
    kept: bool,
}

impl Default for Pseudonyms {
    fn default() -> Self {
        Self { salt: uuid::Uuid::new_v4().into_bytes().to_vec(), kept: false }
    }
}

impl Pseudonyms {
    /// Of a salt that the user keeps, so that later imports agree with earlier ones.
    pub fn salted(salt: &str) -> Self {
        Self { salt: salt.as_bytes().to_vec(), kept: false }
    }

    /// Leaves names as they are: for sets whose names are pseudonyms already.
    pub fn kept() -> Self {
        Self { salt: Vec::new(), kept: true }
    }

    /// `P-` and sixteen hexadecimal digits.
    pub fn of(&self, patient: &str) -> String {
        if self.kept {
            return patient.to_owned();
        }
        let mut hash = Sha256::new();
        for part in [self.salt.as_slice(), patient.as_bytes()] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let digits: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("P-{digits}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patient_keeps_its_name_under_one_salt_only() {
        let (one, other) = (Pseudonyms::salted("a"), Pseudonyms::salted("b"));
        assert_eq!(one.of("Mustermann"), Pseudonyms::salted("a").of("Mustermann"));
        assert_ne!(one.of("Mustermann"), other.of("Mustermann"));
        assert_ne!(one.of("Mustermann"), one.of("Musterfrau"));
        assert!(!one.of("Mustermann").contains("Muster"));
        assert_ne!(Pseudonyms::default().of("x"), Pseudonyms::default().of("x"));
        assert_eq!(Pseudonyms::kept().of("P-1"), "P-1");
    }
}
