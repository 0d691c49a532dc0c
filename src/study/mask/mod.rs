//! The painted mask: which pixels a tool changes, what a step of it remembers, and how well it agrees with the network.
//!
//! A tool is a pure function from a label map to the [`Run`]s it changes; a step keeps those runs alone, so that undo
//! costs what was painted and not the film.

mod agreement;
mod brush;
mod edit;
mod region;
mod smooth;

pub use agreement::{Agreement, LabelAgreement};
pub(super) use brush::repainted;
pub use brush::{Brush, sweep};
pub use edit::{MaskDeed, MaskEdit, Run};
pub(super) use edit::{paint, tidied};
pub use region::{accept, clear, flood, polygon};
pub use smooth::smooth;

use crate::measure::LabelMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::ops::Deref;
use std::sync::Arc;

/// A label map that copies share until one of them is painted on: a study is cloned for every export.
#[derive(Debug, Clone, PartialEq)]
pub struct Mask(Arc<LabelMap>);

impl Mask {
    pub fn new(map: LabelMap) -> Mask {
        Mask(Arc::new(map))
    }

    pub(super) fn make_mut(&mut self) -> &mut LabelMap {
        Arc::make_mut(&mut self.0)
    }
}

impl Deref for Mask {
    type Target = LabelMap;

    fn deref(&self) -> &LabelMap {
        &self.0
    }
}

impl Serialize for Mask {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        LabelMap::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Mask {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Mask, D::Error> {
        LabelMap::deserialize(deserializer).map(Mask::new)
    }
}

/// What a tool writes, and onto what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint {
    /// Value of a structure; 0 erases.
    pub label: u8,
    pub over: Over,
}

/// Which pixels a tool may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    Anything,
    /// Only pixels that have this label; 0 is the background.
    Label(u8),
}

impl Paint {
    /// Whether a pixel of `label` is changed.
    fn changes(self, label: u8) -> bool {
        label != self.label
            && match self.over {
                Over::Anything => true,
                Over::Label(only) => label == only,
            }
    }
}
