//! The tables of the worklist, and how an older worklist is brought up to date.

use super::LibraryError;
use rusqlite::Connection;

/// One script a version, in order; `user_version` counts how many a database has had.
const MIGRATIONS: [&str; 2] = [
    "
    CREATE TABLE patients (
        id INTEGER PRIMARY KEY,
        hash TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        patient_id TEXT NOT NULL
    );
    CREATE TABLE studies (
        id INTEGER PRIMARY KEY,
        patient INTEGER NOT NULL REFERENCES patients,
        uid TEXT NOT NULL,
        date TEXT NOT NULL,
        description TEXT NOT NULL,
        UNIQUE (patient, uid)
    );
    CREATE TABLE series (
        id INTEGER PRIMARY KEY,
        study INTEGER NOT NULL REFERENCES studies,
        uid TEXT NOT NULL,
        number INTEGER,
        modality TEXT NOT NULL,
        description TEXT NOT NULL,
        UNIQUE (study, uid)
    );
    CREATE TABLE images (
        id INTEGER PRIMARY KEY,
        series INTEGER NOT NULL REFERENCES series,
        path TEXT NOT NULL UNIQUE,
        key TEXT,
        instance_number INTEGER,
        frames INTEGER NOT NULL,
        status TEXT NOT NULL DEFAULT 'new',
        urgency REAL,
        reason TEXT NOT NULL DEFAULT '',
        opened_ms INTEGER,
        changed_ms INTEGER
    );
    CREATE INDEX images_by_series ON images (series);
    CREATE INDEX images_by_key ON images (key);
    CREATE INDEX images_by_status ON images (status, urgency DESC);
    CREATE INDEX images_by_opening ON images (opened_ms DESC) WHERE opened_ms IS NOT NULL;
    CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
",
    // Why the last analysis of a film that nobody read gave nothing; empty where there was none, or it went well.
    "ALTER TABLE images ADD COLUMN failure TEXT NOT NULL DEFAULT '';",
];

/// Makes or updates the tables.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), LibraryError> {
    // Two windows write at once now and then; readers never wait.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let done = usize::try_from(version).ok().filter(|done| *done <= MIGRATIONS.len());
    let done = done.ok_or(LibraryError::NewerDatabase(version))?;
    for script in &MIGRATIONS[done..] {
        transaction.execute_batch(script)?;
    }
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
    transaction.commit()?;
    Ok(())
}
