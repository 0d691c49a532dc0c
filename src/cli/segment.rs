//! `coxa segment`: masks of films by a trained nnU-Net.

use super::measure::names::Names;
use super::terminal::{self, Bar};
use crate::export::{masks, write_atomic};
use crate::imaging;
use crate::imaging::Radiograph;
use crate::measure::LabelMap;
use crate::models::DeviceChoice;
use crate::models::nnunet::{NnUnet, card};
use anyhow::Context;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Films (DICOM, PNG, JPEG, TIFF) or folders
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Trained folder of nnU-Net v2 (2d): plans.json, dataset.json, fold_N/checkpoint_final.pth; or the id of an
    /// installed one
    #[arg(long, value_name = "MODEL")]
    model: PathBuf,
    /// Folder for NAME_labels.png, NAME_overlay.png and labels.json
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Folds whose opinions are averaged (0, 1, …, all); without it every numbered one that is there
    #[arg(long, value_name = "N", value_delimiter = ',')]
    fold: Vec<String>,
    /// Do not read each window mirrored, too: four times as fast
    #[arg(long)]
    no_mirroring: bool,
    /// Where the network runs
    #[arg(long, default_value = "auto", value_parser = super::measure::devices())]
    device: DeviceChoice,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let model = NnUnet::load(&card::find(&args.model), &args.fold, args.device)?;
    let model = if args.no_mirroring { model.without_mirroring() } else { model };
    std::fs::create_dir_all(&args.out).with_context(|| format!("{}: cannot be made", args.out.display()))?;
    write_atomic(&args.out.join("labels.json"), format!("{:#}\n", legend(&model)).as_bytes())?;
    let found = imaging::find_images(&args.paths);
    let bar = Bar::new(found.len() as u64);
    let films = found.iter().flatten().filter_map(|path| path.canonicalize().ok()).collect();
    let names = Names::new(Some(&args.out), found.iter().flatten(), false);
    let mut session = Session { model, out: args.out, films, names, bar };
    let (mut done, mut failed) = (0, 0);
    for found in found {
        match found.map_err(anyhow::Error::from).and_then(|path| session.film(&path)) {
            Ok(line) => {
                done += 1;
                session.bar.print(&line)?;
            }
            Err(error) => {
                failed += 1;
                session.bar.complain(&format!("{error:#}"));
            }
        }
        session.bar.done();
    }
    let Session { model, out, bar, .. } = session;
    drop(bar);
    let failures = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    let folds = model.folds();
    terminal::complain(&format!(
        "{done} segmented by {folds} fold(s){failures}, results in {}",
        out.display()
    ));
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One run over many films.
struct Session {
    model: NnUnet,
    out: PathBuf,
    /// Canonical paths that must survive.
    films: HashSet<PathBuf>,
    names: Names,
    bar: Bar,
}

impl Session {
    /// Writes the pictures of a film, and says how large its structures are.
    fn film(&mut self, path: &Path) -> anyhow::Result<String> {
        let film = imaging::open(path)?;
        let name = self.names.give(path);
        let job = self.bar.job(name.clone());
        let (found, warnings) =
            self.model.segment(&film, &job).with_context(|| path.display().to_string())?;
        let pictures =
            [("labels", masks::labels_png(&found)?), ("overlay", masks::overlay_png(&film, &found)?)];
        for (kind, picture) in pictures {
            let path = self.out.join(format!("{name}_{kind}.png"));
            if path.canonicalize().is_ok_and(|path| self.films.contains(&path)) {
                anyhow::bail!("{}: is a film and would be overwritten", path.display());
            }
            write_atomic(&path, &picture)?;
        }
        for warning in warnings {
            self.bar.complain(&format!("{name}: {warning}"));
        }
        Ok(format!("{name}: {}", areas(&film, &found)))
    }
}

/// Value, name and colour of every label.
fn legend(model: &NnUnet) -> serde_json::Value {
    let labels = model.dataset().labels.iter().map(|label| {
        serde_json::json!({
            "value": label.value, "name": label.name, "structure": label.title(), "colour": label.colour(),
        })
    });
    labels.collect()
}

/// `L1 812.4 mm², L2 …`; in pixels where the film does not say how large they are.
fn areas(film: &Radiograph, masks: &LabelMap) -> String {
    let of = |value: u8| masks.labels.iter().filter(|label| **label == value).count() as f64;
    let areas = masks.structures.iter().map(|label| {
        if film.spacing.has_millimetres() {
            format!("{} {:.1} mm²", label.name, of(label.value) * film.spacing.row * film.spacing.column)
        } else {
            format!("{} {} px", label.name, of(label.value))
        }
    });
    areas.collect::<Vec<_>>().join(", ")
}
