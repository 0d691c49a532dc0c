//! What views ask for. They only say it; `perform.rs` is the one place that changes a study.

use super::action::Action;
use super::canvas::curves::Chosen;
use super::canvas::figures::FigurePoint;
use super::canvas::{Grey, Stand};
use super::handing_over::Privacy;
use super::jobs::FilmId;
use crate::export::delivery::Order;
use crate::imaging::Rectangle;
use crate::library::ItemId;
use crate::library::Preferences;
use crate::measure::protocol::CamSet;
use crate::measure::{LandmarkId, Point, ReferenceLine, Side, Subject};
use crate::study::mask::Brush;
use crate::study::{Calibration, FreeShape, ReviewAct};
use std::path::PathBuf;

/// A row of the findings: code, and side where it has one.
pub type Row = (&'static str, Option<Side>);

/// What a trainee asks for beside placing points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TraineeDeed {
    MarkAbsent,
    TakeBack,
    /// Compare with the network's points.
    Score,
    /// Compare with those of a file.
    ScoreFile,
    Again,
    Close,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Intent {
    Do(Action),
    /// Put the film on the screen.
    Show(FilmId),
    /// Scroll to that image of the stack, from 0.
    Scroll(usize),
    /// Bring the object in that file to its film.
    Bring(PathBuf),
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
    /// A free measurement was drawn.
    Draw(FreeShape),
    /// Take up a point of a free measurement, or none.
    ChooseFigure(Option<FigurePoint>),
    /// It is moved.
    BeginFree(FigurePoint),
    /// Take up a curve, or none.
    Choose(Option<Chosen>),
    /// Slide a vertex of a curve, neighbours within so many pixels along with it.
    BeginSlide(LandmarkId, usize, f64),
    /// A vertex in the chosen curve.
    InsertVertex(Point),
    /// Drag the rim of the circle about that point.
    BeginRadius(LandmarkId),
    /// Put the brush down.
    BeginStroke(Brush, Point),
    /// Fill the region there with the chosen label.
    Fill(Point),
    /// The outline that was drawn is whole.
    FinishOutline,
    /// Work on the film of that place on the screen.
    Activate(usize),
    /// A film beside moved; linked ones go with it.
    Follow(Stand),
    Trainee(TraineeDeed),
    /// Change the preferences; they are kept.
    Prefer(Box<Preferences>),
    /// Frames a second of a stack that plays.
    FrameRate(f32),
    /// Write the keys there.
    SaveSheet(PathBuf),
    /// Compare the exercise with the landmarks of that file.
    ScoreAgainst(PathBuf),
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
    /// The reader stands for the values of that norm table.
    SignNorms(String),
    /// The handbook at a page, or at `page#heading`.
    Consult(String),
    /// Write the report of the film there.
    Export(FilmId, PathBuf),
    /// Write the film's study as all that is in the order, with so much of its patient.
    HandOver(FilmId, Box<Order>, Privacy),
    /// Write a copy of the film without identity there.
    Deidentify(FilmId, PathBuf),
    /// The line of news has been read.
    DismissNotice,
    /// Put a case of the worklist on the screen.
    ShowListed(PathBuf),
    /// These rows of the list of films can be seen.
    See(Vec<FilmId>),
    /// Stop analysing the films of the queue.
    CancelBatch,
    /// A film of the queue that failed, or all of them, once more.
    Retry(Option<ItemId>),
    /// Take the queue off the screen.
    ClearBatch,
    Review(ReviewAct),
    /// What a reader says of the case.
    Comment(String),
    /// Show that saved version of the film, to be read only.
    LookBack(u32),
    /// Back to the film as it stands today.
    LookForward,
    /// The version on the screen takes the place of what stands today.
    RestoreVersion,
    /// Open the films that a crash left.
    OpenUnclosed,
    DismissUnclosed,
}
