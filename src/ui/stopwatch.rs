//! How long a person waits: from asking for a film to its picture on the screen, and how much of that was decoding.

use std::time::{Duration, Instant};

/// Times of the last film that was asked for.
#[derive(Debug, Default)]
pub struct Stopwatch {
    asked: Option<Instant>,
    /// Reading and decoding, in the background.
    pub decoding: Option<Duration>,
    /// From asking to the end of the first frame with the picture in it, without handing it to the screen.
    pub to_picture: Option<Duration>,
}

impl Stopwatch {
    pub fn asked(&mut self) {
        *self = Stopwatch { asked: Some(Instant::now()), ..Stopwatch::default() };
    }

    pub fn decoded(&mut self, took: Duration) {
        self.decoding.get_or_insert(took);
    }

    pub fn painted(&mut self) {
        if let Some(asked) = self.asked.take() {
            self.to_picture = Some(asked.elapsed());
        }
    }
}
