//! Undo and redo: two stacks of inverses.

use super::annotations::Annotations;
use super::command::Command;

/// What can be taken back, and what can be done again.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Inverses, the last step on top.
    undo: Vec<Command>,
    redo: Vec<Command>,
}

impl History {
    /// Does `command` and remembers how to take it back. Nothing happens for a void command.
    pub(super) fn perform(&mut self, annotations: &mut Annotations, command: Command) -> bool {
        if command.is_void() {
            return false;
        }
        command.apply(annotations);
        self.undo.push(command.inverse());
        self.redo.clear();
        true
    }

    pub(super) fn undo(&mut self, annotations: &mut Annotations) -> bool {
        Self::step(&mut self.undo, &mut self.redo, annotations)
    }

    pub(super) fn redo(&mut self, annotations: &mut Annotations) -> bool {
        Self::step(&mut self.redo, &mut self.undo, annotations)
    }

    fn step(from: &mut Vec<Command>, to: &mut Vec<Command>, annotations: &mut Annotations) -> bool {
        let Some(command) = from.pop() else { return false };
        command.apply(annotations);
        to.push(command.inverse());
        true
    }

    /// What undo would take back, in words.
    pub fn undoable(&self) -> Option<String> {
        self.undo.last().map(Command::describe)
    }

    /// What redo would do again, in words.
    pub fn redoable(&self) -> Option<String> {
        self.redo.last().map(Command::describe)
    }
}
