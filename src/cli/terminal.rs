//! Talking to a terminal or a pipe: results to standard output, everything else to standard error.

use crate::job::{Job, Progress};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, ErrorKind, Write};

/// One line to standard output.
///
/// # Errors
/// A closed pipe or a full disk; see [`is_closed_pipe`].
pub fn print(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// Whether the error is a reader that went away.
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|e| e.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == ErrorKind::BrokenPipe))
}

/// One line to standard error, whatever the message holds.
pub fn complain(message: &str) {
    // A closed standard error leaves nobody to tell.
    let _ = writeln!(io::stderr().lock(), "coxa: {}", one_line(message));
}

/// The message with its line breaks and control characters replaced by spaces.
pub fn one_line(message: &str) -> String {
    let text: String = message.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A bar on standard error where that is a terminal, otherwise nothing.
pub struct Bar(ProgressBar);

impl Bar {
    /// A bar over `length` things.
    pub fn new(length: u64) -> Self {
        let bar = ProgressBar::new(length);
        let style = ProgressStyle::with_template("{bar:32} {pos}/{len} {wide_msg} {eta}");
        Self(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
    }

    pub fn on(&self, message: impl Into<String>) {
        self.0.set_message(one_line(&message.into()));
    }

    pub fn at(&self, position: u64) {
        self.0.set_position(position);
    }

    pub fn done(&self) {
        self.0.inc(1);
    }

    /// [`complain`] without tearing the bar.
    pub fn complain(&self, message: &str) {
        self.0.suspend(|| complain(message));
    }

    /// [`print`] without tearing the bar.
    pub fn print(&self, line: &str) -> io::Result<()> {
        self.0.suspend(|| print(line))
    }

    /// A job that shows its stage behind `name`.
    pub fn job(&self, name: String) -> Job {
        let bar = self.0.clone();
        Job::watched(move |Progress { stage, .. }| bar.set_message(one_line(&format!("{name}: {stage}"))))
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line() {
        assert_eq!(one_line("a\nb\t\x1b[31mc  d\r\n"), "a b [31mc d");
    }
}
