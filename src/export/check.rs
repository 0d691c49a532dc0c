//! The send check: what is to leave is read back from the very bytes, as every import reads it, and compared with what
//! was meant. What its receiver will see is told from what was read.

use std::fmt;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub what: String,
    /// What is wrong with it, with the name of the item; `None` where nothing is.
    pub fault: Option<String>,
}

impl Checked {
    pub(super) fn new(what: &str, found: Result<(), String>) -> Checked {
        Checked { what: what.to_owned(), fault: found.err() }
    }
}

/// The outcome of one file's check, or one folder's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendCheck {
    /// What a person calls it.
    pub name: &'static str,
    pub checks: Vec<Checked>,
    /// What the receiver will see, a line each.
    pub receiver: Vec<String>,
}

impl SendCheck {
    pub fn is_sound(&self) -> bool {
        self.checks.iter().all(|check| check.fault.is_none())
    }

    pub fn faults(&self) -> impl Iterator<Item = &str> {
        self.checks.iter().filter_map(|check| check.fault.as_deref())
    }
}

/// For a person, in plain lines.
impl fmt::Display for SendCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.name)?;
        for check in &self.checks {
            match &check.fault {
                None => writeln!(f, "  ok     {}", check.what)?,
                Some(fault) => writeln!(f, "  FAULT  {}: {fault}", check.what)?,
            }
        }
        writeln!(f, "  The receiver will see:")?;
        for line in &self.receiver {
            writeln!(f, "    {line}")?;
        }
        Ok(())
    }
}
