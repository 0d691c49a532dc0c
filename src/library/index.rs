//! Folders into the worklist: headers only, on all cores, in one transaction.

use super::LibraryError;
use super::database::{Library, text};
use super::home::{StudyKey, hex};
use crate::imaging::{Catalogue, catalogue};
use crate::job::Job;
use rusqlite::{Transaction, params};
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// What was found.
#[derive(Debug)]
pub struct Indexed {
    pub catalogue: Catalogue,
    /// Images that are on the list now, new or known.
    pub images: usize,
    /// Files whose path is no text in Unicode: they can be opened, but not listed.
    pub unlisted: Vec<PathBuf>,
}

impl Library {
    /// Reads the headers of everything in `paths` and puts the images on the list. What is known of an image stays.
    ///
    /// # Errors
    /// Cancelled, or the database cannot be written. Files that cannot be read are among the catalogue's failures.
    pub fn index(&mut self, paths: &[PathBuf], job: &Job) -> Result<Indexed, LibraryError> {
        let catalogue = catalogue(paths, job).map_err(|_| LibraryError::Cancelled)?;
        let (images, unlisted) = self.add(&catalogue)?;
        Ok(Indexed { catalogue, images, unlisted })
    }

    /// Puts the images of a catalogue on the list: how many, and the paths that cannot be.
    ///
    /// # Errors
    /// The database cannot be written; nothing is added then.
    pub fn add(&mut self, catalogue: &Catalogue) -> Result<(usize, Vec<PathBuf>), LibraryError> {
        let transaction = self.connection.transaction()?;
        let added = add(&transaction, catalogue)?;
        transaction.commit()?;
        Ok(added)
    }
}

fn add(to: &Transaction, catalogue: &Catalogue) -> Result<(usize, Vec<PathBuf>), LibraryError> {
    let (mut count, mut unlisted) = (0, Vec::new());
    // Each returns the row's id, new or known.
    let mut patients = to.prepare(
        "INSERT INTO patients (hash, name, patient_id) VALUES (?1, ?2, ?3)
         ON CONFLICT (hash) DO UPDATE SET name = ?2 RETURNING id",
    )?;
    let mut studies = to.prepare(
        "INSERT INTO studies (patient, uid, date, description) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (patient, uid) DO UPDATE SET date = ?3, description = ?4 RETURNING id",
    )?;
    let mut series = to.prepare(
        "INSERT INTO series (study, uid, number, modality, description) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (study, uid) DO UPDATE SET number = ?3, modality = ?4, description = ?5 RETURNING id",
    )?;
    // A film that was known under another path, or that lies twice, takes over where its reading stands.
    let mut images = to.prepare(
        "INSERT INTO images (series, path, key, instance_number, frames, status, urgency, reason, failure)
         SELECT ?1, ?2, ?3, ?4, ?5, ifnull(k.status, 'new'), k.urgency, ifnull(k.reason, ''), ifnull(k.failure, '')
         FROM (SELECT 1) LEFT JOIN (SELECT * FROM images WHERE key = ?3 LIMIT 1) k ON true WHERE true
         ON CONFLICT (path) DO UPDATE SET series = ?1, instance_number = ?4, frames = ?5,
             status = CASE WHEN key IS NULL OR ?3 IS NULL OR key = ?3 THEN status ELSE excluded.status END,
             urgency = CASE WHEN key IS NULL OR ?3 IS NULL OR key = ?3 THEN urgency ELSE excluded.urgency END,
             reason = CASE WHEN key IS NULL OR ?3 IS NULL OR key = ?3 THEN reason ELSE excluded.reason END,
             failure = CASE WHEN key IS NULL OR ?3 IS NULL OR key = ?3 THEN failure ELSE excluded.failure END,
             key = ifnull(?3, key)",
    )?;
    for patient in &catalogue.patients {
        let hash = patient_hash(&patient.id, &patient.name);
        let patient_row: i64 =
            patients.query_row(params![hash, patient.name, patient.id], |row| row.get(0))?;
        for study in &patient.studies {
            let of = params![patient_row, study.uid, study.date, study.description];
            let study_row: i64 = studies.query_row(of, |row| row.get(0))?;
            for one in &study.series {
                if one.images.is_empty() {
                    continue;
                }
                let of = params![study_row, one.uid, one.number, one.modality, one.description];
                let series_row: i64 = series.query_row(of, |row| row.get(0))?;
                for image in &one.images {
                    if image.path.to_str().is_none() {
                        unlisted.push(image.path.clone());
                        continue;
                    }
                    let uid = image.sop_instance_uid.as_deref();
                    let key = uid.map(|uid| StudyKey::of_instance(uid, 1));
                    let key = key.as_ref().map(StudyKey::as_str);
                    images.execute(params![
                        series_row,
                        text(&image.path),
                        key,
                        image.instance_number,
                        image.frames
                    ])?;
                    count += 1;
                }
            }
        }
    }
    Ok((count, unlisted))
}

/// By which two studies are of one patient: id and name both, since ids of two hospitals may be the same, however the
/// name is cased and spaced.
pub fn patient_hash(id: &str, name: &str) -> String {
    let words: Vec<String> = name
        .split(|c: char| c.is_whitespace() || c == '^')
        .filter(|w| !w.is_empty())
        .map(str::to_uppercase)
        .collect();
    hex(&Sha256::digest(format!("patient {}\0{}", id.trim(), words.join(" "))))
}
