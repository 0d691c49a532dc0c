//! The window: the only place with egui.
