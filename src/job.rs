//! Progress and cancellation of long work, free of any UI type.
//!
//! A long function takes `&Job`; it reports a fraction with a short stage name and asks [`Job::check`] between
//! steps. The caller decides what to do with it: a terminal bar, a channel to the window, or nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The work was cancelled by the person who started it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

/// How far a job has come.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// What is being done now, in a few words ("decoding", "network").
    pub stage: String,
    /// Fraction done, 0–1.
    pub fraction: f32,
}

type Sink = dyn Fn(Progress) + Send + Sync;

/// Handle given to long work. Cheap to clone; clones share the cancel flag and the sink.
#[derive(Clone, Default)]
pub struct Job {
    cancelled: Arc<AtomicBool>,
    sink: Option<Arc<Sink>>,
}

impl Job {
    /// A job nobody watches; it can still be cancelled.
    pub fn silent() -> Self {
        Self::default()
    }

    /// A job whose progress goes to `sink`.
    pub fn watched(sink: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Self { cancelled: Arc::default(), sink: Some(Arc::new(sink)) }
    }

    pub fn report(&self, stage: &str, fraction: f32) {
        if let Some(sink) = &self.sink {
            sink(Progress { stage: stage.to_owned(), fraction: fraction.clamp(0.0, 1.0) });
        }
    }

    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// `Err(Cancelled)` once somebody called [`Job::cancel`]; use with `?` between steps.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_cancellation() {
        let job = Job::silent();
        let clone = job.clone();
        assert_eq!(clone.check(), Ok(()));
        job.cancel();
        assert_eq!(clone.check(), Err(Cancelled));
    }
}
