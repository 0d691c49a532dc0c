//! `coxa segment`: masks of films by a trained nnU-Net.

use super::measure::names::Names;
use super::terminal::{self, Bar};
use crate::export::{masks, write_atomic};
use crate::imaging;
use crate::imaging::Radiograph;
use crate::models::DeviceChoice;
use crate::models::nnunet::{Masks, NnUnet};
use anyhow::Context;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Films (DICOM, PNG, JPEG, TIFF) or folders
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Trained folder of nnU-Net v2 (2d): plans.json, dataset.json, fold_N/checkpoint_final.pth
    #[arg(long, value_name = "DIR")]
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
    let model = NnUnet::load(&args.model, &args.fold, args.device)?;
    let model = if args.no_mirroring { model.without_mirroring() } else { model };
    std::fs::create_dir_all(&args.out).with_context(|| format!("{}: cannot be made", args.out.display()))?;
    write_atomic(&args.out.join("labels.json"), format!("{:#}\n", legend(&model)).as_bytes())?;
    let found = imaging::find_images(&args.paths);
    let mut names = Names::new(Some(&args.out), found.iter().flatten(), false);
    let bar = Bar::new(found.len() as u64);
    let (mut done, mut failed) = (0, 0);
    for found in found {
        let outcome = found.map_err(anyhow::Error::from).and_then(|path| {
            let film = imaging::open(&path)?;
            let name = names.give(&path);
            let (masks, warnings) =
                model.segment(&film, &bar.job(name.clone())).with_context(|| path.display().to_string())?;
            write(&args.out, &name, &film, &masks)?;
            for warning in warnings {
                bar.complain(&format!("{name}: {warning}"));
            }
            Ok(format!("{name}: {}", areas(&film, &masks)))
        });
        match outcome {
            Ok(line) => {
                done += 1;
                bar.print(&line)?;
            }
            Err(error) => {
                failed += 1;
                bar.complain(&format!("{error:#}"));
            }
        }
        bar.done();
    }
    drop(bar);
    let failures = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    terminal::complain(&format!(
        "{done} segmented by {} fold(s){failures}, results in {}",
        model.folds(),
        args.out.display()
    ));
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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

fn write(out: &Path, name: &str, film: &Radiograph, found: &Masks) -> anyhow::Result<()> {
    write_atomic(&out.join(format!("{name}_labels.png")), &masks::labels_png(found)?)?;
    write_atomic(&out.join(format!("{name}_overlay.png")), &masks::overlay_png(film, found)?)?;
    Ok(())
}

/// `L1 812.4 mm², L2 …`; in pixels where the film does not say how large they are.
fn areas(film: &Radiograph, masks: &Masks) -> String {
    let of = |value: u8| masks.labels.iter().filter(|label| **label == value).count() as f64;
    let areas = masks.names.iter().map(|label| {
        if film.spacing.has_millimetres() {
            format!("{} {:.1} mm²", label.name, of(label.value) * film.spacing.row * film.spacing.column)
        } else {
            format!("{} {} px", label.name, of(label.value))
        }
    });
    areas.collect::<Vec<_>>().join(", ")
}
