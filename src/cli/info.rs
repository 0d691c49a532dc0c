//! `coxa info`: what matters about a file, and who it is of only where that is wanted.

use super::terminal;
use crate::imaging::{self, Presentation, Radiograph, VoiTransform};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A film: DICOM, PNG, JPEG or TIFF
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Frame of a multi-frame file, from 1
    #[arg(long, value_name = "N", default_value_t = 1)]
    frame: u32,
    /// Print *** for whatever identifies the patient or the study
    #[arg(long)]
    mask_identity: bool,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let (film, presentation) = imaging::open_presented(&args.file, args.frame)?;
    let mut lines = image(&film, &presentation);
    lines.extend(identity(&film, args.mask_identity));
    lines.extend(film.warnings.iter().map(|warning| ("warning", warning.clone())));
    for (name, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        terminal::print(&format!("{name:<13}{}", terminal::one_line(value)))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn image(film: &Radiograph, presentation: &Presentation) -> Vec<(&'static str, String)> {
    let spacing = &film.spacing;
    let status = serde_json::to_value(spacing.status).ok();
    let status = status.as_ref().and_then(|v| v.as_str()).unwrap_or_default();
    let size = if spacing.has_millimetres() {
        format!("{} × {} mm (row × column), {status}", spacing.row, spacing.column)
    } else {
        format!("none ({status}), height over width of a pixel {}", film.pixel_aspect())
    };
    let modality = match &film.modality {
        imaging::ModalityTransform::Rescale { slope, intercept } => {
            format!("slope {slope}, intercept {intercept}")
        }
        imaging::ModalityTransform::Table(table) => format!("table of {} entries", table.entries.len()),
    };
    let mut lines = vec![
        ("encoding", imaging::encoding_name(&film.identity.encoding)),
        ("size", format!("{} rows × {} columns", film.rows, film.columns)),
        ("frame", format!("{} of {}", film.frame, presentation.frames)),
        ("bits", film.bits_stored.to_string()),
        ("polarity", if film.inverted { "smallest value white" } else { "smallest value black" }.to_owned()),
        ("rescale", modality),
        ("spacing", size),
        ("projection", film.is_projection().err().unwrap_or_default()),
        (
            "sides",
            match film.patient_right_on_left {
                Some(true) => "patient's right on the left",
                Some(false) => "patient's right on the right",
                None => "not stated",
            }
            .to_owned(),
        ),
    ];
    for (voi, name) in film.voi.iter().zip(&presentation.voi_names) {
        lines.push(match voi {
            VoiTransform::Window(w) => {
                ("window", format!("{name}: centre {}, width {}, {:?}", w.center, w.width, film.voi_function))
            }
            VoiTransform::Table(table) => ("window", format!("{name}: table of {}", table.entries.len())),
        });
    }
    if let Some((low, high)) = film.padding {
        lines.push(("padding", format!("{low} to {high}")));
    }
    for overlay in &presentation.overlays {
        let label = &overlay.label;
        lines.push((
            "overlay",
            format!("{:04X}: {} × {} {label}", overlay.group, overlay.rows, overlay.columns),
        ));
    }
    if let Some(shutter) = &presentation.shutter {
        lines.push(("shutter", format!("{} shapes", shutter.shapes.len())));
    }
    lines
}

fn identity(film: &Radiograph, masked: bool) -> Vec<(&'static str, String)> {
    let who = &film.identity;
    let uid = |uid: &Option<String>| uid.clone().unwrap_or_default();
    let shown = |value: &str| if masked && !value.is_empty() { "***".to_owned() } else { value.to_owned() };
    vec![
        ("modality", who.modality.clone()),
        ("view", who.view_position.clone()),
        ("sex", who.patient_sex.clone()),
        ("age", who.patient_age.clone()),
        ("class", uid(&who.sop_class_uid)),
        ("patient", shown(&who.patient_name)),
        ("patient ID", shown(&who.patient_id)),
        ("born", shown(&who.patient_birth_date)),
        ("study date", shown(&who.study_date)),
        ("study", shown(&who.study_description)),
        ("study UID", shown(&uid(&who.study_instance_uid))),
        ("series UID", shown(&uid(&who.series_instance_uid))),
        ("image UID", shown(&uid(&who.sop_instance_uid))),
    ]
}
