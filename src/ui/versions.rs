//! Saved versions of the film on the screen: listed, looked at in the place of what stands today, and restored. Restoring
//! is a step like any other, between two new versions: nothing is lost by it.

use super::app::{Notice, Workbench};
use super::clerk::{Order, Place, Sake};
use super::lang::tr;
use crate::study::{Refused, SavedStudy, Study};

impl Workbench {
    /// The image that is on the screen.
    pub(super) fn place(&self) -> Option<Place> {
        self.films.current().map(|film| (film.id, film.stack.shown()))
    }

    /// Opens the list, or closes it; it comes back as news.
    pub(super) fn toggle_versions(&mut self) {
        self.dialogs.versions.open = !self.dialogs.versions.open;
        self.tend();
        if let (Some(clerk), Some(place), true) = (&self.clerk, self.place(), self.dialogs.versions.open) {
            clerk.order(Order::Versions(place));
        }
    }

    /// Asks for a version to be looked at.
    pub(super) fn look_back(&mut self, number: u32) {
        self.dialogs.versions.close();
        if let (Some(clerk), Some(place)) = (&self.clerk, self.place()) {
            clerk.order(Order::ReadVersion(place, number));
        }
    }

    pub(super) fn look_forward(&mut self) {
        self.canvas.release();
        self.view(|film| {
            film.look_forward();
        });
    }

    /// A version that was asked for goes onto the screen, unless another image is there by now.
    pub(super) fn version_read(
        &mut self,
        place: Place,
        number: u32,
        result: Result<Box<SavedStudy>, String>,
    ) {
        if self.place() != Some(place) {
            return;
        }
        self.edit(|study| Ok(study.abort()));
        self.canvas.release();
        let Some(film) = self.films.current_mut() else { return };
        let Some(mut old) = film.new_study(&self.norms) else { return };
        let saved = result.and_then(|saved| {
            let stamp = saved.saved.clone();
            old.restore(*saved).map(|()| stamp).map_err(|error| error.to_string())
        });
        match saved {
            Ok(stamp) => {
                old.set_user(&self.preferences.user);
                old.set_read_only(Some(tr!("versions.old", number = number)));
                film.look_back(number, stamp, old);
                self.notice = None;
            }
            Err(reason) => {
                self.notice = Some(Notice::Bad(tr!("versions.unread", number = number, reason = reason)));
            }
        }
    }

    /// The version on the screen takes the place of what stands today; a study that may not be changed says why.
    pub(super) fn restore_version(&mut self) {
        let Some(film) = self.films.current_mut() else { return };
        let Some(number) = film.looking_back().map(|back| back.version) else { return };
        if let Err(refused) = film.today().map_or(Ok(()), Study::may_change) {
            self.notice = Some(Notice::Bad(tr!("news.not_changed", reason = refused)));
            return;
        }
        let Some(old) = film.study.as_ref().map(|old| old.annotations().clone()) else { return };
        film.look_forward();
        self.canvas.selected = None;
        self.canvas.curve = None;
        self.save_version(Sake::BeforeRestoring);
        let mut changed: Result<bool, Refused> = Ok(false);
        self.edit(|study| {
            changed = study.restore_version(number, old);
            changed.clone()
        });
        match changed {
            Ok(true) => self.save_version(Sake::Restored(number)),
            Ok(false) => self.notice = Some(Notice::Good(tr!("versions.same", number = number))),
            // It has been said.
            Err(_) => {}
        }
    }

    /// The disk has a version, or refused it.
    pub(super) fn version_saved(&mut self, sake: Sake, result: Result<u32, String>) {
        self.notice = Some(match (sake, result) {
            (Sake::Restored(old), Ok(number)) => {
                Notice::Good(tr!("versions.restored", old = old, number = number))
            }
            (_, Ok(number)) => Notice::Good(tr!("keeping.version", number = number)),
            (_, Err(reason)) => Notice::Bad(tr!("keeping.trouble", reason = reason)),
        });
    }
}
