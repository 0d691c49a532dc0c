//! Undo and redo: the steps that were done, and those that were taken back.

use super::annotations::Annotations;
use super::command::Command;

/// What can be taken back, and what can be done again.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// The last step on top.
    done: Vec<Command>,
    undone: Vec<Command>,
}

impl History {
    /// Does `command` and remembers it. Nothing happens for a void command.
    pub(super) fn perform(&mut self, annotations: &mut Annotations, command: Command) -> bool {
        if command.is_void() {
            return false;
        }
        command.apply(annotations);
        self.done.push(command);
        self.undone.clear();
        true
    }

    /// The command that was applied, the inverse of what was done; `None` where there is nothing to undo.
    pub(super) fn undo(&mut self, annotations: &mut Annotations) -> Option<Command> {
        let step = self.done.pop()?;
        let inverse = step.clone().inverse();
        inverse.apply(annotations);
        self.undone.push(step);
        Some(inverse)
    }

    /// The command that was applied; `None` where there is nothing to redo.
    pub(super) fn redo(&mut self, annotations: &mut Annotations) -> Option<Command> {
        let step = self.undone.pop()?;
        step.apply(annotations);
        self.done.push(step.clone());
        Some(step)
    }

    /// Applies what an undo once applied; its step may be older than this history.
    pub(super) fn replay_undo(&mut self, annotations: &mut Annotations, inverse: Command) {
        inverse.apply(annotations);
        self.done.pop();
        self.undone.push(inverse.inverse());
    }

    /// Applies what a redo once applied, likewise.
    pub(super) fn replay_redo(&mut self, annotations: &mut Annotations, step: Command) {
        step.apply(annotations);
        self.undone.pop();
        self.done.push(step);
    }

    /// What undo would take back, in words.
    pub fn undoable(&self) -> Option<String> {
        self.done.last().map(Command::describe)
    }

    /// What redo would do again, in words.
    pub fn redoable(&self) -> Option<String> {
        self.undone.last().map(Command::describe)
    }
}
