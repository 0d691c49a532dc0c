//! What is scrolled through: the slices of a volume, the frames of a file, or the one image of a film.

use super::jobs::Opened;
use crate::imaging::{Plane, Rectangle, Volume};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Pixels of a stack that are kept, at four bytes each: a whole MR examination, some slices of anything larger.
const KEPT: usize = 64 << 20;
/// Slices decoded ahead to either side of the one on the screen.
const AHEAD: usize = 8;

/// One image of a stack.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    /// `None` for the embedded demo.
    pub path: Option<PathBuf>,
    /// From 1.
    pub frame: u32,
    /// Millimetres along the normal of the plane.
    pub position: Option<f64>,
}

/// The images, which of them is on the screen, and what has been decoded.
pub struct Stack {
    slices: Vec<Slice>,
    pub plane: Option<Plane>,
    /// The slice on the screen; it changes when the pixels of `wanted` are there, so that number and picture agree.
    shown: usize,
    wanted: usize,
    ready: BTreeMap<usize, Arc<Opened>>,
    loading: BTreeSet<usize>,
    failed: BTreeMap<usize, String>,
    /// Likely text in the pixels, of the slices that were searched for it.
    text: BTreeMap<usize, Vec<Rectangle>>,
    searched: BTreeSet<usize>,
}

/// The pixels of the slice on the screen.
pub enum Pixels<'a> {
    Waiting,
    Ready(&'a Arc<Opened>),
    /// The reason, for the reader.
    Failed(&'a str),
}

impl Stack {
    fn new(slices: Vec<Slice>, plane: Option<Plane>, first: usize) -> Self {
        Self {
            slices,
            plane,
            shown: first,
            wanted: first,
            ready: BTreeMap::new(),
            loading: BTreeSet::new(),
            failed: BTreeMap::new(),
            text: BTreeMap::new(),
            searched: BTreeSet::new(),
        }
    }

    /// All frames of a file.
    pub fn of_file(path: Option<PathBuf>, frames: u32) -> Self {
        let slice = |frame| Slice { path: path.clone(), frame, position: None };
        Self::new((1..=frames.max(1)).map(slice).collect(), None, 0)
    }

    /// A volume, opened at its middle: the slice through the hips, where the stack was planned on them.
    pub fn of_volume(volume: &Volume) -> Self {
        let slice = |slice: &crate::imaging::Slice| Slice {
            path: Some(slice.path.clone()),
            frame: slice.frame,
            position: Some(slice.position),
        };
        Self::new(volume.slices.iter().map(slice).collect(), Some(volume.plane), volume.middle())
    }

    pub fn len(&self) -> usize {
        self.slices.len()
    }

    /// Whether there is anything to scroll.
    pub fn scrolls(&self) -> bool {
        self.slices.len() > 1
    }

    pub fn shown(&self) -> usize {
        self.shown
    }

    /// The slice that was asked for last; on the screen as soon as it is decoded.
    pub fn wanted(&self) -> usize {
        self.wanted
    }

    pub fn middle(&self) -> usize {
        self.slices.len() / 2
    }

    pub fn slice(&self, index: usize) -> Option<&Slice> {
        self.slices.get(index)
    }

    /// The file of the slice on the screen; `None` for the demo.
    pub fn path(&self) -> Option<&Path> {
        self.slices.get(self.shown)?.path.as_deref()
    }

    /// Whether one of its images is of that file.
    pub fn holds(&self, path: &Path) -> bool {
        self.slices.iter().any(|slice| slice.path.as_deref() == Some(path))
    }

    /// Whether it is made of that file, all of it.
    pub fn is_of(&self, other: &Stack) -> bool {
        self.slices == other.slices
    }

    /// In a word: "coronal".
    pub fn plane_name(&self) -> Option<&'static str> {
        self.plane.map(|plane| match plane {
            Plane::Axial => "axial",
            Plane::Coronal => "coronal",
            Plane::Sagittal => "sagittal",
            Plane::Oblique => "oblique",
        })
    }

    pub fn pixels(&self) -> Pixels<'_> {
        match (self.ready.get(&self.shown), self.failed.get(&self.shown)) {
            (Some(opened), _) => Pixels::Ready(opened),
            (_, Some(reason)) => Pixels::Failed(reason),
            _ => Pixels::Waiting,
        }
    }

    pub fn want(&mut self, index: usize) {
        self.wanted = index.min(self.slices.len().saturating_sub(1));
    }

    /// Puts the wanted slice on the screen if it is there, or is known not to be; `true` if that changed anything.
    pub fn arrive(&mut self) -> bool {
        let known = self.ready.contains_key(&self.wanted) || self.failed.contains_key(&self.wanted);
        let moves = known && self.wanted != self.shown;
        if moves {
            self.shown = self.wanted;
        }
        moves
    }

    pub fn take_in(&mut self, index: usize, result: Result<Arc<Opened>, String>) {
        self.loading.remove(&index);
        match result {
            Ok(opened) => {
                self.ready.insert(index, opened);
            }
            Err(reason) => {
                self.failed.insert(index, reason);
            }
        }
        self.forget_far();
    }

    pub fn fail(&mut self, reason: String) {
        self.failed.insert(self.shown, reason);
    }

    pub fn text(&self) -> &[Rectangle] {
        self.text.get(&self.shown).map_or(&[], Vec::as_slice)
    }

    /// Marks the slice on the screen as searched for text; `false` if it was before.
    pub fn begin_search(&mut self) -> bool {
        self.searched.insert(self.shown)
    }

    pub fn set_text(&mut self, index: usize, lines: Vec<Rectangle>) {
        self.text.insert(index, lines);
    }

    /// Slices being decoded.
    pub fn loading(&self) -> usize {
        self.loading.len()
    }

    /// Starts loading the next slice: the wanted one, with `ahead` also those about it. `None` where nothing is left.
    pub fn load_next(&mut self, ahead: bool) -> Option<usize> {
        let reach = if ahead { AHEAD } else { 0 };
        let about =
            (0..=reach).flat_map(|step| [self.wanted.checked_add(step), self.wanted.checked_sub(step)]);
        let missing = |index: &usize| {
            *index < self.slices.len()
                && !self.ready.contains_key(index)
                && !self.loading.contains(index)
                && !self.failed.contains_key(index)
        };
        let next = about.flatten().find(missing)?;
        self.loading.insert(next);
        Some(next)
    }

    /// Drops all pixels; they are decoded again when they are wanted.
    pub fn unload(&mut self) {
        self.ready.clear();
    }

    /// Keeps the slices nearest to the wanted one, as many as fit.
    fn forget_far(&mut self) {
        let size = |opened: &Arc<Opened>| opened.radiograph.stored.len();
        while self.ready.values().map(size).sum::<usize>() > KEPT {
            let far = self.ready.keys().copied().max_by_key(|index| index.abs_diff(self.wanted));
            match far {
                Some(index) if index != self.wanted && index != self.shown => self.ready.remove(&index),
                _ => break,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wanted_slice_is_loaded_first_and_shown_when_it_is_there() {
        let mut stack = Stack::of_file(Some("a".into()), 9);
        stack.want(4);
        let order: Vec<_> = std::iter::from_fn(|| stack.load_next(true)).collect();
        assert_eq!(order, [4, 5, 3, 6, 2, 7, 1, 8, 0]);
        assert!(!stack.arrive() && stack.shown() == 0, "nothing is decoded yet");
        stack.take_in(4, Err("damaged".to_owned()));
        assert!(stack.arrive() && stack.shown() == 4);
        assert!(matches!(stack.pixels(), Pixels::Failed("damaged")));
    }

    #[test]
    fn the_stack_ends() {
        let mut stack = Stack::of_file(None, 1);
        stack.want(7);
        assert_eq!((stack.wanted(), stack.scrolls()), (0, false));
        assert_eq!((stack.load_next(false), stack.load_next(false)), (Some(0), None));
    }
}
