//! A data set as it is read: names at once, each case when it is asked for.

use super::case::Case;
use super::error::DatasetError;
use super::format::Format;
use crate::measure::Structure;

type Load = Box<dyn Fn() -> Result<Case, DatasetError> + Send + Sync>;

/// A case that is not read yet.
pub struct Entry {
    pub name: String,
    load: Load,
}

impl Entry {
    /// `load` is called whenever the case is asked for.
    pub fn new(
        name: impl Into<String>,
        load: impl Fn() -> Result<Case, DatasetError> + Send + Sync + 'static,
    ) -> Self {
        Self { name: name.into(), load: Box::new(load) }
    }

    /// Reads the case.
    ///
    /// # Errors
    /// Files that are missing or damaged, labels that do not fit their image.
    pub fn case(&self) -> Result<Case, DatasetError> {
        (self.load)()
    }
}

/// Cases of one source.
pub struct DataSet {
    pub format: Format,
    /// What the masks may hold; empty without masks.
    pub structures: Vec<Structure>,
    /// In the order of names.
    pub entries: Vec<Entry>,
    /// What could not be read at all: labels without an image, damaged label files. The rest is in `entries`.
    pub problems: Vec<DatasetError>,
}

impl std::fmt::Debug for DataSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} of {} cases, {} problems", self.format, self.entries.len(), self.problems.len())
    }
}

impl DataSet {
    /// Puts the entries in the order of names.
    pub(super) fn new(format: Format, structures: Vec<Structure>, mut entries: Vec<Entry>) -> Self {
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Self { format, structures, entries, problems: Vec::new() }
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Every case, read one after the other.
    pub fn cases(&self) -> impl Iterator<Item = Result<Case, DatasetError>> + '_ {
        self.entries.iter().map(Entry::case)
    }
}
