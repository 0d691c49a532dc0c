//! Earlier films of the same patient, to lay beside the one of now.

use super::LibraryError;
use super::database::{Entry, Library, text};
use rusqlite::params;
use std::path::Path;

impl Library {
    /// Films of the same patient ([`super::patient_hash`]) from earlier studies, newest first; those of the same
    /// modality before others. None for a film without a date, or of a patient without an id: nobody knows whose it is.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn priors(&self, path: &Path) -> Result<Vec<Entry>, LibraryError> {
        let sql = format!(
            "{} , (SELECT t2.patient AS patient, t2.id AS study, t2.date AS date, s2.modality AS modality
                   FROM images i2 JOIN series s2 ON s2.id = i2.series JOIN studies t2 ON t2.id = s2.study
                   WHERE i2.path = ?1) now
             WHERE p.id = now.patient AND t.id <> now.study AND t.date <> '' AND t.date < now.date
               AND trim(p.patient_id) <> ''
             ORDER BY s.modality <> now.modality, t.date DESC, i.instance_number, i.path",
            Library::select()
        );
        self.entries(&sql, params![text(path)])
    }
}
