//! What a picture shows, and so which model reads it, if any: a small classifier before the landmark models.
//!
//! A network that was trained on pelves finds its points on a chest, too. So every picture is first asked what it is;
//! what is no AP pelvis, hip or coronal MR of the hips is refused in words. The header may refuse as well (a CT slice, a
//! chest), but never vouches for a picture.

mod card;
mod classifier;
mod kinds;
mod network;
mod pipeline;

pub use card::{ID, ViewCard, found};
pub use classifier::{Classifier, Opinion, planes};
pub use kinds::{Content, View};
pub use network::{Architecture, PLANES, ViewNet};
pub use pipeline::Pipeline;
