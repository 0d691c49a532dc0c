//! What views ask for. They only say it; `perform.rs` is the one place that changes a study.

use super::action::Action;
use super::jobs::FilmId;
use crate::measure::{LandmarkId, Point};
use std::path::PathBuf;

#[derive(Debug, Clone, PartialEq)]
pub enum Intent {
    Do(Action),
    /// Put the film on the screen.
    Show(FilmId),
    /// Open files and folders.
    Open(Vec<PathBuf>),
    Select(Option<LandmarkId>),
    BeginMove(LandmarkId),
    /// The moving point to an image position.
    Preview(Point),
    CommitMove,
    /// Put an unplaced point somewhere, as one step.
    Place(LandmarkId, Point),
    /// Write the report of the film there.
    Export(FilmId, PathBuf),
    /// The line of news has been read.
    DismissNotice,
}
