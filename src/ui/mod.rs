//! The window: the only place with egui.
//!
//! [`Workbench`] is the state and one frame of it, [`Services`] what it needs from the layers below, [`run`] opens
//! the real window. Views (`canvas`, `panels`, `dialogs`) send [`Intent`]s; `perform.rs` does them, `receive.rs` takes
//! in what `jobs.rs` has done in the background. [`Action`] is the one table of menus, toolbar, palette, keys and cheat
//! sheet; every word stands in `assets/lang` (`lang.rs`).

mod action;
mod app;
mod batch;
mod bench;
mod bench_pages;
mod bench_times;
mod canvas;
mod cases;
mod cheat_sheet;
mod clerk;
mod dialogs;
mod film;
mod films;
mod gpu;
mod handing_over;
mod headings;
mod intent;
mod jobs;
mod keeping;
mod keymap;
mod lang;
mod markdown;
mod panels;
mod panes;
mod perform;
mod perform_drawing;
mod perform_frame;
mod phrases;
mod receive;
mod received;
mod rehearsal;
mod run;
mod services;
mod site;
mod stack;
mod stopwatch;
mod terms;
pub mod theme;
mod thumbnail;
mod tour;
mod trainee;
mod versions;
mod workshop;

pub use action::Action;
pub use app::Workbench;
pub use bench::bench;
pub use bench_pages::bench as bench_pages;
pub use films::{Film, Films, State};
pub use intent::Intent;
pub use rehearsal::rehearse;
pub use run::run;
pub use services::{AnalysisError, Choice, Services, SiteNorms, Snapshot};
pub use tour::tour;

/// The services of the real program, except that nothing is kept.
pub fn services() -> std::sync::Arc<dyn Services> {
    std::sync::Arc::new(workshop::Workshop::default())
}
