//! A study as it may leave the house: of a copy of its film without identity, and without what a person wrote.

use super::document::Study;
use super::review::Review;
use crate::imaging::{Presentation, Radiograph};
use crate::measure::Subject;
use std::borrow::Cow;
use std::path::Path;

impl Study {
    /// The study as of `film`, its own without identity, called `path`. Points, masks and figures stay; the names of
    /// readers and the times at which they worked, comments, labels and the review do not. Age and sex by hand stay
    /// with `keep_characteristics`.
    pub fn without_identity(&self, path: &Path, film: &Radiograph, keep_characteristics: bool) -> Study {
        let presentation = Presentation { spacing: self.source().stated, ..Presentation::default() };
        let norms = Cow::Owned(self.protocol().norms.to_vec());
        let mut study = Study::new(path, film, &presentation, norms);
        let mut annotations = self.annotations().clone();
        annotations.comment.clear();
        annotations.free.values_mut().for_each(|free| free.label.clear());
        annotations.notes.values_mut().for_each(|note| note.touched = None);
        if !keep_characteristics {
            let view = annotations.settings.subject.view;
            annotations.settings.subject = Subject { view, ..Subject::default() };
        }
        study.set_saved(annotations, Review::default());
        study
    }
}
