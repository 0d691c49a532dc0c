//! Why a study did not do what was asked.

/// Each message is a sentence for the reader. Nothing was changed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    #[error("signed off by {by}: unlock it first, with a reason that is kept")]
    Signed { by: String },
    /// As [`super::Study::set_read_only`] was told.
    #[error("read only: {0}")]
    ReadOnly(String),
    #[error("a signature needs a name: set the user in the preferences")]
    Unnamed,
    #[error("a reason is needed, since it is kept")]
    NoReason,
    #[error("{0} is not a number")]
    NotFinite(&'static str),
    #[error("there is no {0}")]
    Nothing(String),
    #[error("the midline of the pelvis is not known: place one pair of points of the pelvis first")]
    NoMidline,
    #[error("a prediction of {found} pixels does not fit the film of {film}")]
    Size { found: String, film: String },
    #[error("{0}")]
    Shape(&'static str),
}
