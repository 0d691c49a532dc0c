//! The worklist: every image that was ever indexed, with its patient, study and series, and where its reading stands.

use super::home::{Home, StudyKey};
use super::schema;
use super::urgency::urgency;
use super::{LibraryError, Urgency};
use crate::study::{ReviewStatus, Study};
use chrono::Utc;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long one window waits for another's write.
const PATIENCE: Duration = Duration::from_secs(5);

/// The worklist's database. One a thread: connections are not shared.
#[derive(Debug)]
pub struct Library {
    pub(super) connection: Connection,
}

/// One image of the worklist.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub path: PathBuf,
    /// `None` for a picture without UID that was never opened.
    pub key: Option<StudyKey>,
    pub patient_name: String,
    pub patient_id: String,
    pub study_uid: String,
    /// `YYYYMMDD`, or empty.
    pub study_date: String,
    pub study_description: String,
    pub series_uid: String,
    pub series_number: Option<i64>,
    pub series_description: String,
    pub modality: String,
    pub instance_number: Option<i64>,
    pub frames: u32,
    pub status: ReviewStatus,
    /// `None` for a film that nobody read yet, or that is signed off.
    pub urgency: Option<Urgency>,
    /// Why the last analysis gave nothing, in words; `None` for a film that was read since, or never tried.
    pub failure: Option<String>,
    /// When it was last opened, milliseconds since 1970.
    pub opened_ms: Option<i64>,
}

/// Where the reading of a film stands, and how urgent it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    pub status: ReviewStatus,
    /// `None` for a film that nobody read yet, or that is signed off.
    pub urgency: Option<Urgency>,
}

impl Standing {
    pub fn of(study: &Study) -> Standing {
        let status = study.status();
        let read = status != ReviewStatus::New && status != ReviewStatus::SignedOff;
        Standing { status, urgency: read.then(|| urgency(study.assessment())).flatten() }
    }
}

/// Which images, in which order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Worklist {
    /// Only these; empty for all.
    pub statuses: Vec<ReviewStatus>,
    /// Part of a patient's name or id, or of a study's description or date; empty for all.
    pub text: String,
    pub order: Order,
}

/// Ties go by patient, study date and path, so that a list never jumps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Largest expected change of grade first; then films not read yet, then signed ones.
    #[default]
    Urgency,
    Patient,
    /// Newest study first.
    Date,
    /// Last opened first.
    Recent,
}

impl Order {
    fn sql(self) -> &'static str {
        match self {
            Order::Urgency => "i.status = 'signed_off', i.urgency IS NULL, i.urgency DESC,",
            Order::Patient => "",
            Order::Date => "t.date DESC,",
            Order::Recent => "i.opened_ms IS NULL, i.opened_ms DESC,",
        }
    }
}

const SELECT: &str = "SELECT i.path, i.key, p.name, p.patient_id, t.uid, t.date, t.description, s.uid, s.number,
    s.description, s.modality, i.instance_number, i.frames, i.status, i.urgency, i.reason, i.opened_ms, i.failure
    FROM images i JOIN series s ON s.id = i.series JOIN studies t ON t.id = s.study JOIN patients p ON p.id = t.patient";

impl Library {
    /// The user's worklist, made where there is none.
    ///
    /// # Errors
    /// The file cannot be opened, is no database, or is of a newer program.
    pub fn open(home: &Home) -> Result<Library, LibraryError> {
        let mut connection = Connection::open(home.database())?;
        connection.busy_timeout(PATIENCE)?;
        schema::prepare(&mut connection)?;
        Ok(Library { connection })
    }

    /// The images that `wanted` names.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn worklist(&self, wanted: &Worklist) -> Result<Vec<Entry>, LibraryError> {
        let codes: Vec<&str> = wanted.statuses.iter().map(|status| status.code()).collect();
        let order = wanted.order.sql();
        let sql = format!(
            "{SELECT} WHERE (?1 = '' OR instr(?1, ',' || i.status || ',') > 0)
             AND (?2 = '' OR instr(lower(p.name || ' ' || p.patient_id || ' ' || t.description || ' ' || t.date), ?2) > 0)
             ORDER BY {order} p.name, p.patient_id, t.date, t.uid, s.number, i.instance_number, i.path"
        );
        let statuses = if codes.is_empty() { String::new() } else { format!(",{},", codes.join(",")) };
        self.entries(&sql, params![statuses, wanted.text.trim().to_lowercase()])
    }

    /// The images opened last, newest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn recent(&self, count: usize) -> Result<Vec<Entry>, LibraryError> {
        let sql = format!("{SELECT} WHERE i.opened_ms IS NOT NULL ORDER BY i.opened_ms DESC, i.id LIMIT ?1");
        self.entries(&sql, params![count as i64])
    }

    /// # Errors
    /// The database cannot be read.
    pub fn entry(&self, path: &Path) -> Result<Option<Entry>, LibraryError> {
        let sql = format!("{SELECT} WHERE i.path = ?1");
        Ok(self.entries(&sql, params![text(path)])?.pop())
    }

    /// The image of that name on the disk, wherever it was last indexed.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn entry_of(&self, key: &StudyKey) -> Result<Option<Entry>, LibraryError> {
        let sql = format!("{SELECT} WHERE i.key = ?1 ORDER BY i.id");
        Ok(self.entries(&sql, params![key.as_str()])?.pop())
    }

    /// Notes that the film was opened now.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn opened(&self, path: &Path, key: &StudyKey) -> Result<(), LibraryError> {
        // Two openings within a millisecond still have an order.
        self.connection.execute(
            "UPDATE images SET key = ?2, opened_ms = max(?3, (SELECT ifnull(max(opened_ms), 0) + 1 FROM images))
             WHERE path = ?1",
            params![text(path), key.as_str(), Utc::now().timestamp_millis()],
        )?;
        Ok(())
    }

    /// Takes over where the reading of the film stands, and how urgent it is ([`urgency`]), under every path that it
    /// was indexed by.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn update(&self, key: &StudyKey, study: &Study) -> Result<(), LibraryError> {
        self.stands(key, &study.source().path, &Standing::of(study))
    }

    /// As [`Self::update`], for a study that lives on another thread.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn stands(&self, key: &StudyKey, path: &Path, standing: &Standing) -> Result<(), LibraryError> {
        let Standing { status, urgency } = standing;
        self.connection.execute(
            "UPDATE images SET key = ?1, status = ?2, urgency = ?3, reason = ?4, changed_ms = ?5,
                 failure = CASE WHEN ?2 = 'new' THEN failure ELSE '' END
             WHERE key = ?1 OR path = ?6",
            params![
                key.as_str(),
                status.code(),
                urgency.as_ref().map(|urgency| urgency.value),
                urgency.as_ref().map_or("", |urgency| &urgency.reason),
                Utc::now().timestamp_millis(),
                text(path),
            ],
        )?;
        Ok(())
    }

    /// Notes that the analysis of a film gave nothing, and why; empty takes that back. What was read meanwhile stands.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn failed(&self, path: &Path, reason: &str) -> Result<(), LibraryError> {
        self.connection.execute(
            "UPDATE images SET failure = ?2 WHERE status = 'new'
             AND (path = ?1 OR key = (SELECT key FROM images WHERE path = ?1))",
            params![text(path), reason.trim()],
        )?;
        Ok(())
    }

    /// Takes an image off the list; its study files stay. `false` where it was not on it.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn forget(&self, path: &Path) -> Result<bool, LibraryError> {
        Ok(self.connection.execute("DELETE FROM images WHERE path = ?1", params![text(path)])? > 0)
    }

    /// How many images stand at each status, in the order of [`ReviewStatus::ALL`].
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn counts(&self) -> Result<[(ReviewStatus, usize); 5], LibraryError> {
        let mut counts = ReviewStatus::ALL.map(|status| (status, 0));
        let mut statement = self.connection.prepare("SELECT status, count(*) FROM images GROUP BY status")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (code, count): (String, i64) = (row.get(0)?, row.get(1)?);
            let status = ReviewStatus::from_code(&code);
            if let Some(found) = counts.iter_mut().find(|(of, _)| Some(*of) == status) {
                found.1 = usize::try_from(count).unwrap_or(0);
            }
        }
        Ok(counts)
    }

    /// Who worked here last; `None` where nobody did.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn last_user(&self) -> Result<Option<String>, LibraryError> {
        let sql = "SELECT value FROM facts WHERE name = 'last_user'";
        Ok(self.connection.query_row(sql, [], |row| row.get(0)).optional()?)
    }

    /// # Errors
    /// The database cannot be written.
    pub fn set_last_user(&self, user: &str) -> Result<(), LibraryError> {
        let sql = "INSERT INTO facts VALUES ('last_user', ?1) ON CONFLICT (name) DO UPDATE SET value = ?1";
        self.connection.execute(sql, params![user])?;
        Ok(())
    }

    pub(super) fn entries(
        &self,
        sql: &str,
        wanted: impl rusqlite::Params,
    ) -> Result<Vec<Entry>, LibraryError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(wanted, entry)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The start of every query whose rows are [`Entry`]s; `i` images, `s` series, `t` studies, `p` patients.
    pub(super) fn select() -> &'static str {
        SELECT
    }
}

fn entry(row: &Row) -> rusqlite::Result<Entry> {
    let path: String = row.get(0)?;
    let key: Option<String> = row.get(1)?;
    let status: String = row.get(13)?;
    let value: Option<f64> = row.get(14)?;
    let reason: String = row.get(15)?;
    Ok(Entry {
        path: PathBuf::from(path),
        key: key.and_then(|key| StudyKey::from_name(&key)),
        patient_name: row.get(2)?,
        patient_id: row.get(3)?,
        study_uid: row.get(4)?,
        study_date: row.get(5)?,
        study_description: row.get(6)?,
        series_uid: row.get(7)?,
        series_number: row.get(8)?,
        series_description: row.get(9)?,
        modality: row.get(10)?,
        instance_number: row.get(11)?,
        frames: row.get(12)?,
        status: ReviewStatus::from_code(&status).unwrap_or_default(),
        urgency: value.map(|value| Urgency { value, reason }),
        failure: row.get::<_, String>(17).map(|reason| Some(reason).filter(|reason| !reason.is_empty()))?,
        opened_ms: row.get(16)?,
    })
}

/// As the database holds it. A path that is no text is not indexed.
pub(super) fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
