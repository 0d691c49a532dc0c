//! What views ask for. They only say it; `perform.rs` is the one place that changes a study.

use super::action::Action;
use super::canvas::Grey;
use super::jobs::FilmId;
use crate::imaging::Rectangle;
use crate::measure::protocol::CamSet;
use crate::measure::{LandmarkId, Point, ReferenceLine, Side, Subject};
use crate::study::Calibration;
use std::path::PathBuf;

/// A row of the findings: code, and side where it has one.
pub type Row = (&'static str, Option<Side>);

#[derive(Debug, Clone, PartialEq)]
pub enum Intent {
    Do(Action),
    /// Put the film on the screen.
    Show(FilmId),
    /// Scroll to that image of the stack, from 0.
    Scroll(usize),
    /// Open files and folders.
    Open(Vec<PathBuf>),
    /// Through which window the film is seen.
    Look(Grey),
    Select(Option<LandmarkId>),
    BeginMove(LandmarkId),
    /// The moving point to an image position.
    Preview(Point),
    CommitMove,
    /// Put an unplaced point somewhere, as one step.
    Place(LandmarkId, Point),
    SetSubject(Subject),
    SetReference(Option<ReferenceLine>),
    SetCamSet(CamSet),
    /// Look for a calibration sphere about that point of the film.
    FindSphere(Point),
    Calibrate(Calibration),
    /// Make a part of the pixels black in the copy without identity.
    Black(Vec<Rectangle>),
    ClearBlack,
    /// Back to the hand, whatever tool was at work.
    CloseTool,
    /// Show what stands behind a number; `None` closes it.
    Explain(Option<Row>),
    /// Write the report of the film there.
    Export(FilmId, PathBuf),
    /// Write a copy of the film without identity there.
    Deidentify(FilmId, PathBuf),
    /// The line of news has been read.
    DismissNotice,
}
