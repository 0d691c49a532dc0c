//! The order in which cases are read, and the signature that ends the reading of one.

use super::app::{Notice, Workbench};
use super::films::State;
use super::intent::Intent;
use super::jobs::FilmId;
use super::lang::tr;
use super::panels::review;
use crate::library::Entry;
use crate::study::{ReviewAct, ReviewStatus};
use egui::Context;
use std::path::PathBuf;

/// A film of the window, or a file of the worklist.
pub enum Case {
    Film(FilmId),
    File(PathBuf),
}

impl Workbench {
    /// The worklist as it is shown: most urgent first, without what is filtered away.
    pub(super) fn cases(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.listed.entries.iter().filter(|entry| self.wants(entry))
    }

    fn wants(&self, entry: &Entry) -> bool {
        self.only.is_none_or(|state| state == State::from(entry))
    }

    /// The case after (1) or before (-1) that on the screen: in the order of the worklist; in that of the list of films
    /// where there is no worklist.
    pub(super) fn next_case(&self, steps: isize) -> Option<Case> {
        let entries = &self.listed.entries;
        if entries.is_empty() {
            return self.films.neighbour(steps).map(Case::Film);
        }
        let current = self.films.current();
        let here = |entry: &Entry| current.is_some_and(|film| film.stack.holds(&entry.path));
        let at = entries.iter().position(here);
        // A signed case stands at the end of the list: what comes next is at its beginning.
        let signed = at.is_some_and(|at| entries[at].status == ReviewStatus::SignedOff);
        let wanted = |entry: &&Entry| self.wants(entry) && !here(entry);
        let open = |entry: &&Entry| entry.status != ReviewStatus::SignedOff;
        let found = match at {
            None if steps > 0 => entries.iter().find(wanted),
            None => entries.iter().rev().find(wanted),
            Some(at) if steps > 0 => {
                let again = || entries.iter().filter(|_| signed).filter(open).find(wanted);
                again().or_else(|| entries[at + 1..].iter().find(wanted))
            }
            Some(at) => entries[..at].iter().rev().find(wanted),
        };
        found.map(|entry| Case::File(entry.path.clone()))
    }

    pub(super) fn show_case(&mut self, case: Case, context: &Context) {
        match case {
            Case::Film(id) => self.show_film(id),
            Case::File(path) => match self.films.of_path(&path) {
                Some(id) => self.show_film(id),
                None => self.perform(Intent::Open(vec![path]), context),
            },
        }
    }

    /// Whether the film on the screen can be signed now.
    pub(super) fn may_sign(&self) -> bool {
        let study = self.films.current().and_then(|film| film.study.as_ref());
        study.is_some_and(|study| study.status() != ReviewStatus::New && study.may_change().is_ok())
    }

    pub(super) fn sign_off(&mut self, context: &Context) {
        if self.preferences.user.trim().is_empty() {
            self.notice = Some(Notice::Bad(tr!("review.name_first").to_owned()));
            self.preferences.layout.findings = true;
            context.memory_mut(|memory| memory.request_focus(review::name_field()));
            return;
        }
        self.edit(|study| study.review_act(ReviewAct::SignOff));
    }
}
