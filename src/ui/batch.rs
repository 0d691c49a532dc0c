//! Many films analysed in the background, one after another; the queue says how far each has come.

use super::films::Films;
use super::jobs::{BatchResult, FilmId, Jobs};
use super::services::AnalysisError;
use crate::job::{Job, Progress};
use crate::library::{ItemId, Queue};
use std::path::PathBuf;

/// A film of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    pub film: FilmId,
    pub name: String,
    /// `None` for the demo.
    path: Option<PathBuf>,
}

/// The queue, and the jobs of what runs.
pub struct Batch {
    queue: Queue<Work>,
    running: Vec<(ItemId, Job)>,
}

impl Default for Batch {
    /// One film at a time: a network uses every core by itself.
    fn default() -> Self {
        Self { queue: Queue::new(1), running: Vec::new() }
    }
}

impl Batch {
    pub fn queue(&self) -> &Queue<Work> {
        &self.queue
    }

    /// Films that were never read, those whose analysis failed before this queue among them; stacks and what cannot be
    /// opened aside. How many are new in the queue.
    pub fn add(&mut self, films: &Films) -> usize {
        self.queue.clear_finished();
        let mut count = 0;
        for film in films.iter().filter(|film| !film.stack.scrolls() && film.is_to_read()) {
            match self.queue.items().iter().find(|item| item.work.film == film.id).map(|item| item.id) {
                Some(failed) => count += usize::from(self.queue.retry(failed)),
                None => {
                    let path = film.path().map(PathBuf::from);
                    self.queue.push(Work { film: film.id, name: film.name(), path });
                    count += 1;
                }
            }
        }
        count
    }

    /// Begins what may begin.
    pub fn go_on(&mut self, jobs: &Jobs) {
        while let Some(item) = self.queue.begin() {
            let job = jobs.analyse_in_turn(item.id, item.work.path.clone());
            self.running.push((item.id, job));
        }
    }

    pub fn progress(&mut self, item: ItemId, progress: &Progress) {
        self.queue.progress(item, &progress.stage, progress.fraction);
    }

    /// The film of an item.
    pub fn film(&self, item: ItemId) -> Option<FilmId> {
        self.queue.get(item).map(|item| item.work.film)
    }

    pub fn finish(&mut self, item: ItemId, outcome: Result<(), String>) {
        self.running.retain(|(id, _)| *id != item);
        self.queue.finish(item, outcome);
    }

    pub fn cancel(&mut self) {
        for item in self.queue.cancel_all() {
            if let Some((_, job)) = self.running.iter().find(|(id, _)| *id == item) {
                job.cancel();
            }
        }
    }

    pub fn retry(&mut self, item: Option<ItemId>) {
        match item {
            Some(item) => {
                self.queue.retry(item);
            }
            None => {
                self.queue.retry_failed();
            }
        }
    }

    /// Takes finished and failed films off the list.
    pub fn clear(&mut self) {
        if self.queue.is_idle() {
            *self = Self::default();
        }
    }
}

/// Why an analysis gave nothing, as the queue says it.
pub fn reason(error: &AnalysisError) -> String {
    match error {
        AnalysisError::Cancelled => "cancelled".to_owned(),
        AnalysisError::Refused(reason) | AnalysisError::Failed(reason) => reason.clone(),
    }
}

/// What a worker made of one film of the queue.
pub type Outcome = Result<Box<BatchResult>, AnalysisError>;
