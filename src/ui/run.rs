//! Opens the real window, or says in one line why there is none.

use super::app::Workbench;
use super::gpu::Card;
use super::services::Services;
use super::theme;
use super::workshop::Workshop;
use crate::library::{Greys, Preferences};
use eframe::{NativeOptions, Renderer};
use egui::{ViewportBuilder, vec2};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Without a window there is nothing to do: usage, as the command line counts.
const NO_WINDOW: u8 = 2;

/// Opens the workbench on `paths`, or on the embedded demo without any; returns when the window is closed.
///
/// Exit status 2, with one line on standard error that names the headless way, where no window can be opened.
///
/// # Errors
/// None beside those of the window itself, which become the exit status.
pub fn run(paths: Vec<PathBuf>) -> anyhow::Result<ExitCode> {
    let kept = Preferences::path().and_then(|path| Preferences::read(&path).ok()).unwrap_or_default().layout;
    let look = Look { size: kept.size, maximised: kept.maximised, vsync: true, greys: None };
    open(Workshop::of_user(), paths, look, |workbench| Box::new(workbench))
}

/// How the window begins.
pub(super) struct Look {
    pub size: [f32; 2],
    pub maximised: bool,
    /// Wait for the screen after each frame.
    pub vsync: bool,
    /// What computes greys, instead of what was settled.
    pub greys: Option<Greys>,
}

/// Opens a window on whatever `wrap` makes of the workbench.
pub(super) fn open(
    workshop: Workshop,
    paths: Vec<PathBuf>,
    look: Look,
    wrap: impl FnOnce(Workbench) -> Box<dyn eframe::App> + 'static,
) -> anyhow::Result<ExitCode> {
    if !has_display() {
        return Ok(no_window("no display (neither DISPLAY nor WAYLAND_DISPLAY is set)"));
    }
    let mut options = NativeOptions {
        viewport: ViewportBuilder::default()
            .with_title("Coxa")
            .with_app_id("coxa")
            .with_inner_size(look.size)
            .with_maximized(look.maximised)
            .with_min_inner_size(vec2(960.0, 600.0))
            .with_drag_and_drop(true),
        renderer: Renderer::Glow,
        // A grey of the film is that grey on the screen, and no shader works on it.
        dithering: false,
        ..NativeOptions::default()
    };
    options.glow_options.vsync = look.vsync;
    workshop.prepare();
    let services: Arc<dyn Services> = Arc::new(workshop);
    let opened = eframe::run_native(
        "Coxa",
        options,
        Box::new(|creation| {
            theme::install(&creation.egui_ctx);
            let mut workbench = Workbench::new(services, &creation.egui_ctx, paths)?;
            workbench.card = Card::new(creation.gl.clone());
            let greys = look.greys.unwrap_or(workbench.preferences.greys);
            workbench.preferences.greys = greys;
            workbench.canvas.gpu = workbench.card.choose(greys);
            Ok(wrap(workbench))
        }),
    );
    match opened {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => Ok(no_window(&reason(&error))),
    }
}

fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// Errors of the window system name files of its source; a reader needs what to mend.
fn reason(error: &eframe::Error) -> String {
    match error {
        eframe::Error::Winit(_) | eframe::Error::WinitEventLoop(_) => {
            "the display cannot be reached".to_owned()
        }
        eframe::Error::Glutin(error) => format!("no OpenGL: {error}"),
        eframe::Error::NoGlutinConfigs(..) | eframe::Error::OpenGL(_) => {
            "no usable OpenGL (2.1 or ES 2.0)".to_owned()
        }
        eframe::Error::AppCreation(error) => error.to_string(),
    }
}

fn no_window(reason: &str) -> ExitCode {
    eprintln!("coxa: cannot open a window: {reason}; without one, use: coxa measure FILE --out DIR");
    ExitCode::from(NO_WINDOW)
}
