//! The send check of everything that is no DICOM object: files before they are written, folders of data sets after.

use super::check::{Checked, SendCheck};
use super::csv::Summary;
use super::{Handover, bundle, json, parquet, wording};
use crate::datasets::image::pixel_hash;
use crate::datasets::{self, Case, Format};
use crate::measure::Measurement;
use serde_json::Value;
use std::path::Path;

/// Coordinates of COCO, labelme and CSV come back to this, pixels.
const EXACT: f64 = 1e-9;
/// YOLO writes six digits of the film's width and height.
const YOLO: f64 = 1e-6;

/// A page: it is looked at, not read.
pub(super) fn page(bytes: &[u8]) -> SendCheck {
    let begins = if bytes.starts_with(b"%PDF-") { Ok(()) } else { Err("it is no PDF".to_owned()) };
    SendCheck {
        name: "PDF",
        checks: vec![Checked::new("it is a PDF", begins)],
        receiver: vec![format!("a PDF of {} kB", bytes.len().div_ceil(1000))],
    }
}

pub(super) fn picture(bytes: &[u8]) -> SendCheck {
    let read = image::load_from_memory(bytes).map_err(|error| error.to_string());
    let receiver = read.iter().map(|picture| format!("{} × {} pixels", picture.width(), picture.height()));
    SendCheck {
        name: "Picture",
        receiver: receiver.collect(),
        checks: vec![Checked::new("it decodes", read.map(drop))],
    }
}

pub(super) fn numbers(bytes: &[u8], handover: &Handover) -> SendCheck {
    let read = serde_json::from_slice::<Value>(bytes).map_err(|error| error.to_string());
    let same = read.as_ref().map_err(Clone::clone).and_then(|read| {
        if *read == json::to_value(handover.report) { Ok(()) } else { Err("a value differs".to_owned()) }
    });
    SendCheck {
        name: "JSON",
        checks: vec![Checked::new("every value is as it was", same)],
        receiver: values(handover),
    }
}

pub(super) fn csv(bytes: &[u8], handover: &Handover, meant: &Summary) -> SendCheck {
    let mut reader = ::csv::Reader::from_reader(bytes);
    let rows: Result<Vec<Vec<String>>, _> = reader.deserialize().collect();
    table("CSV", rows.map_err(|error| error.to_string()), handover, meant)
}

pub(super) fn parquet(bytes: &[u8], handover: &Handover, meant: &Summary) -> SendCheck {
    table("Parquet", parquet::read(bytes).map_err(|error| error.to_string()), handover, meant)
}

fn table(
    name: &'static str,
    rows: Result<Vec<Vec<String>>, String>,
    handover: &Handover,
    meant: &Summary,
) -> SendCheck {
    let same =
        rows.and_then(
            |rows| {
                if meant.rows().eq(rows.iter()) { Ok(()) } else { Err("a cell differs".to_owned()) }
            },
        );
    SendCheck {
        name,
        checks: vec![Checked::new("every cell is as it was", same)],
        receiver: values(handover),
    }
}

/// "AI right: 26.6°, 24.1–29.0".
fn values(handover: &Handover) -> Vec<String> {
    let line = |measurement: &Measurement| {
        let side = measurement.side.map_or("", |side| side.name());
        let value = wording::value(measurement).unwrap_or_else(|| measurement.status.code().to_owned());
        let interval = wording::interval(measurement).map(|interval| format!(", {interval}"));
        let interval = interval.unwrap_or_default();
        format!("{} {side}", wording::title(measurement.code)).trim_end().to_owned()
            + &format!(": {value}{interval}")
    };
    handover.report.assessment.measurements.iter().map(line).collect()
}

pub(super) fn replayed(bytes: &[u8], handover: &Handover) -> SendCheck {
    let replay = bundle::replay_bytes(Path::new("bundle"), bytes, handover.film);
    let (receiver, same) = match replay {
        Ok(replay) => {
            let counted = format!(
                "{} measurements and {} grades, made again from the points",
                replay.measurements, replay.findings
            );
            (vec![counted], replay.differences.first().map_or(Ok(()), |difference| Err(difference.clone())))
        }
        Err(error) => (Vec::new(), Err(error.to_string())),
    };
    SendCheck {
        name: "Replay bundle",
        checks: vec![Checked::new("replayed, every number comes out again", same)],
        receiver,
    }
}

/// The folder at `path`, read as any data set is, against the one case it was written of.
pub(super) fn data_set(format: Format, path: &Path, meant: &Case) -> SendCheck {
    let mut checks = Vec::new();
    let mut receiver = Vec::new();
    match only_case(format, path) {
        Err(reason) => checks.push(Checked::new("the folder is read back", Err(reason))),
        Ok(read) => {
            checks.push(Checked::new("the folder is read back", Ok(())));
            let pixels = if pixel_hash(&read.film) == pixel_hash(&meant.film) {
                Ok(())
            } else {
                Err("a pixel differs".to_owned())
            };
            checks.push(Checked::new("every pixel of the film is as it was", pixels));
            receiver.push(format!("a film of {} × {} pixels", read.film.columns, read.film.rows));
            if format != Format::NnUnet {
                checks.push(Checked::new("every point is as it was", points(format, meant, &read)));
                let placed = read.landmarks.iter().filter(|(_, landmark)| landmark.position().is_some());
                receiver.push(format!("{} points", placed.count()));
            }
            if let (Some(meant), true) = (&meant.masks, format != Format::Yolo) {
                let labels = read.masks.as_ref().map(|map| &map.labels);
                let same =
                    if labels == Some(&meant.labels) { Ok(()) } else { Err("the masks differ".to_owned()) };
                checks.push(Checked::new("every pixel of the masks is as it was", same));
                receiver.extend(read.masks.iter().flat_map(|map| {
                    map.structures.iter().map(|s| format!("{}: {} pixels", s.title(), map.area(s.value)))
                }));
            }
        }
    }
    SendCheck { name: format.name(), checks, receiver }
}

fn only_case(format: Format, path: &Path) -> Result<Case, String> {
    let set = datasets::read(path, Some(format)).map_err(|error| error.to_string())?;
    if let Some(problem) = set.problems.first() {
        return Err(problem.to_string());
    }
    match set.entries.as_slice() {
        [entry] => entry.case().map_err(|error| error.to_string()),
        entries => Err(format!("it holds {} films", entries.len())),
    }
}

fn points(format: Format, meant: &Case, read: &Case) -> Result<(), String> {
    let near = match format {
        Format::Yolo => YOLO * meant.film.columns.max(meant.film.rows) as f64,
        _ => EXACT,
    };
    let other = meant.landmarks.iter().find(|(id, landmark)| {
        let found = read.landmarks.get(id).and_then(|found| found.position());
        match (landmark.position(), found) {
            (Some(a), Some(b)) => a.distance(b) > near,
            (None, None) => false,
            _ => true,
        }
    });
    other.map_or(Ok(()), |(id, _)| Err(format!("{id} differs")))
}
