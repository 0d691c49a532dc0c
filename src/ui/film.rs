//! One film of the list: its pixels, its study, and where its reading stands.

use super::canvas::View;
use super::headings::Headings;
use super::jobs::{FilmId, Opened};
use super::lang::tr;
use super::received::Laid;
use super::stack::{Pixels, Stack};
use crate::imaging::Rectangle;
use crate::job::{Job, Progress};
use crate::library::{Entry, StudyKey};
use crate::measure::norms::NormTable;
use crate::study::{ReviewStatus, Stamp, Study};
use chrono::{DateTime, Local};
use egui::TextureHandle;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How the last analysis went.
pub enum Analysis {
    None,
    Running {
        generation: u64,
        job: Job,
        progress: Progress,
    },
    Done,
    /// The network says that this is no film for it.
    Refused(String),
    Failed(String),
}

/// One film of the list: an image, or a stack of them.
pub struct Film {
    pub id: FilmId,
    pub headings: Headings,
    pub modality: String,
    pub stack: Stack,
    /// Of the image on the screen; there from its first decoding on.
    pub study: Option<Study>,
    /// Of other images of the stack, where something was done.
    others: BTreeMap<usize, Study>,
    pub analysis: Analysis,
    pub view: View,
    pub thumbnail: Option<TextureHandle>,
    /// The thumbnail is being made, or was.
    pub previewed: bool,
    /// Parts of the image that a de-identified copy shall not show.
    pub black: Vec<Rectangle>,
    pub keeping: Keeping,
    /// Where a saved version is on the screen: `study` is that one then, and cannot be changed.
    looking_back: Option<LookingBack>,
    /// A presentation state that lies over it.
    pub laid: Option<Laid>,
    /// What a key object says of it.
    pub key_image: Option<String>,
    /// Where the worklist says that its reading stands; for films that are not open.
    pub listed: Option<ReviewStatus>,
    /// Why its last analysis gave nothing, in this sitting or before.
    pub failure: Option<String>,
    /// Studies of images that were scrolled away, to be closed.
    left: Vec<(usize, Study)>,
}

/// How the study on the screen is kept on the disk; blank where nothing is.
#[derive(Debug, Default)]
pub struct Keeping {
    /// The study of that image was asked for.
    pub asked: Option<usize>,
    /// Its name on the disk, once it is open.
    pub key: Option<StudyKey>,
    /// Steps since the last version that were done again when it was opened.
    pub recovered: usize,
    /// Why it is read only.
    pub read_only: Option<String>,
    /// Changes that the disk has not confirmed yet.
    pub unconfirmed: usize,
    pub saved: Option<DateTime<Local>>,
    /// Why the last changes are not on the disk.
    pub trouble: Option<String>,
}

/// A saved version that is looked at.
#[derive(Debug)]
pub struct LookingBack {
    pub version: u32,
    /// Who saved it, and when.
    pub saved: Stamp,
    /// What stands today.
    today: Study,
}

/// What the dot of a film in the list says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Loading,
    Failed,
    New,
    Analysing,
    Refused,
    Predicted,
    InReview,
    Corrected,
    SignedOff,
}

impl State {
    pub fn text(self) -> &'static str {
        match self {
            State::Loading => tr!("state.loading"),
            State::Failed => tr!("state.failed"),
            State::New => tr!("state.new"),
            State::Analysing => tr!("state.analysing"),
            State::Refused => tr!("state.refused"),
            State::Predicted => tr!("state.predicted"),
            State::InReview => tr!("state.in_review"),
            State::Corrected => tr!("state.corrected"),
            State::SignedOff => tr!("state.signed_off"),
        }
    }
}

/// A film of the worklist.
impl From<&Entry> for State {
    fn from(entry: &Entry) -> State {
        match entry.failure {
            Some(_) if entry.status == ReviewStatus::New => State::Refused,
            _ => entry.status.into(),
        }
    }
}

impl From<ReviewStatus> for State {
    fn from(status: ReviewStatus) -> State {
        match status {
            ReviewStatus::New => State::New,
            ReviewStatus::Predicted => State::Predicted,
            ReviewStatus::InReview => State::InReview,
            ReviewStatus::Corrected => State::Corrected,
            ReviewStatus::SignedOff => State::SignedOff,
        }
    }
}

impl Film {
    pub fn new(id: FilmId, headings: Headings, modality: String, stack: Stack) -> Self {
        Self {
            id,
            headings,
            modality,
            stack,
            study: None,
            others: BTreeMap::new(),
            analysis: Analysis::None,
            view: View::default(),
            thumbnail: None,
            previewed: false,
            black: Vec::new(),
            keeping: Keeping::default(),
            looking_back: None,
            laid: None,
            key_image: None,
            listed: None,
            failure: None,
            left: Vec::new(),
        }
    }

    /// "17 coronal slices", the file's name, or what stands for it.
    pub fn name(&self) -> String {
        if let Some(plane) = self.stack.plane_name() {
            return tr!("films.slices", count = self.stack.len(), plane = plane);
        }
        match self.stack.path() {
            None => tr!("films.demo").to_owned(),
            Some(path) => path
                .file_name()
                .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned()),
        }
    }

    /// The file of the image on the screen; `None` for the demo.
    pub fn path(&self) -> Option<&Path> {
        self.stack.path()
    }

    pub fn opened(&self) -> Option<&Arc<Opened>> {
        match self.stack.pixels() {
            Pixels::Ready(opened) => Some(opened),
            _ => None,
        }
    }

    /// What is to be feared of text in the pixels; `None` where nothing points to any.
    pub fn burned_in(&self) -> Option<String> {
        let stated = self.opened().is_some_and(|opened| opened.presentation.burned_in == Some(true));
        match (stated, self.stack.text().len()) {
            (true, _) => Some(tr!("films.burned_in").to_owned()),
            (false, 0) => None,
            (false, 1) => Some(tr!("films.text_line").to_owned()),
            (false, count) => Some(tr!("films.text_lines", count = count)),
        }
    }

    pub fn is_analysing(&self) -> bool {
        matches!(self.analysis, Analysis::Running { .. })
    }

    /// Scrolls to that image of the stack, as soon as it is decoded.
    pub fn scroll_to(&mut self, index: usize) {
        self.stack.want(index);
        self.arrive();
    }

    /// Puts the wanted image on the screen if it is there.
    pub fn arrive(&mut self) {
        let left = self.stack.shown();
        if self.stack.arrive() {
            self.leave(left);
            self.study = self.others.remove(&self.stack.shown());
        }
        if let Some(window) = self.opened().map(|opened| opened.default_window) {
            self.view.default_window = window;
        }
    }

    /// Lets go of the study of that image: it is kept on the disk, or here where something was done.
    fn leave(&mut self, index: usize) {
        if let Analysis::Running { job, .. } = &self.analysis {
            job.cancel();
        }
        self.analysis = Analysis::None;
        self.black.clear();
        self.look_forward();
        let on_disk = std::mem::take(&mut self.keeping).key.is_some();
        let Some(mut study) = self.study.take() else { return };
        study.cancel_analysis();
        study.abort();
        if on_disk {
            self.left.push((index, study));
        } else if study.history().undoable().is_some() || study.history().redoable().is_some() {
            self.others.insert(index, study);
        }
    }

    /// Lets go of pixels, and of a study that is safe on the disk.
    pub fn rest(&mut self) {
        self.stack.unload();
        if self.keeping.key.is_some() && self.keeping.trouble.is_none() {
            self.listed = self.today().map(Study::status).or(self.listed);
            let how = std::mem::replace(&mut self.analysis, Analysis::None);
            self.leave(self.stack.shown());
            self.analysis = how;
        }
    }

    /// Studies that were let go of, with their images.
    pub fn take_left(&mut self) -> Vec<(usize, Study)> {
        std::mem::take(&mut self.left)
    }

    /// The study as it stands, whatever version is on the screen.
    pub fn today(&self) -> Option<&Study> {
        self.looking_back.as_ref().map(|back| &back.today).or(self.study.as_ref())
    }

    pub fn today_mut(&mut self) -> Option<&mut Study> {
        self.looking_back.as_mut().map(|back| &mut back.today).or(self.study.as_mut())
    }

    pub fn looking_back(&self) -> Option<&LookingBack> {
        self.looking_back.as_ref()
    }

    /// Puts `old`, a saved version, on the screen in the place of what stands today.
    pub fn look_back(&mut self, version: u32, saved: Stamp, old: Study) {
        self.look_forward();
        let Some(today) = self.study.replace(old) else { return };
        self.looking_back = Some(LookingBack { version, saved, today });
    }

    /// Back to what stands today; `false` where that is on the screen.
    pub fn look_forward(&mut self) -> bool {
        let Some(back) = self.looking_back.take() else { return false };
        // Whoever works here may have said another name meanwhile.
        let user = self.study.as_ref().map(|old| old.user().to_owned());
        let today = self.study.insert(back.today);
        if let Some(user) = user {
            today.set_user(&user);
        }
        true
    }

    /// Whether the image on the screen has pixels, but no study yet and none on the way.
    pub fn wants_study(&self) -> bool {
        self.study.is_none() && self.opened().is_some() && self.keeping.asked != Some(self.stack.shown())
    }

    /// The study of the image on the screen, just made.
    pub fn new_study(&self, norms: &[NormTable]) -> Option<Study> {
        let opened = self.opened()?;
        let path = self.path().map_or_else(|| PathBuf::from("demo"), Path::to_path_buf);
        Some(Study::new(&path, &opened.radiograph, &opened.presentation, Cow::Owned(norms.to_vec())))
    }

    pub fn state(&self) -> State {
        let status = self.today().map(Study::status).or(self.listed);
        match (self.stack.pixels(), &self.analysis) {
            (Pixels::Failed(_), _) => State::Failed,
            (_, Analysis::Running { .. }) => State::Analysing,
            _ if self.told_failure().is_some() => State::Refused,
            _ if self.stack.loading() > 0 && status.is_none() => State::Loading,
            _ => status.unwrap_or_default().into(),
        }
    }

    /// Whether nobody and nothing has read it: new, or refused so far.
    pub fn is_to_read(&self) -> bool {
        matches!(self.state(), State::New | State::Refused)
    }

    /// Why the film has not been read, where an analysis was tried and nothing was done by hand since.
    pub fn told_failure(&self) -> Option<&str> {
        let status = self.today().map(Study::status).or(self.listed).unwrap_or_default();
        let reason = match &self.analysis {
            Analysis::Refused(reason) | Analysis::Failed(reason) => Some(reason),
            _ => self.failure.as_ref(),
        };
        reason.filter(|_| status == ReviewStatus::New).map(String::as_str)
    }
}
