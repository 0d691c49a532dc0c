//! The send check of everything that is no DICOM object: files before they are written, folders of data sets after.

use super::check::{Checked, SendCheck};
use super::csv::Summary;
use super::{Handover, bundle, json, parquet, wording};
use crate::datasets::image::pixel_hash;
use crate::datasets::{self, Case, Format};
use crate::measure::{LabelMap, Measurement, Structure};
use serde_json::Value;
use std::path::Path;

/// Coordinates come back to this, pixels: YOLO's are shares of width and height, with every digit.
const EXACT: f64 = 1e-9;

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

/// The folder at `path`, read as any data set is, against the cases it was written of.
pub(super) fn data_set(format: Format, path: &Path, meant: &[Case]) -> SendCheck {
    let mut found = Found::default();
    let read = datasets::read(path, Some(format)).map_err(|error| error.to_string()).and_then(|set| {
        if let Some(problem) = set.problems.first() {
            return Err(problem.to_string());
        }
        if set.len() != meant.len() {
            return Err(format!("it holds {} films of {}", set.len(), meant.len()));
        }
        for case in meant {
            let entry = set.entries.iter().find(|entry| entry.name == case.name);
            let entry = entry.ok_or_else(|| format!("{} is not in it", case.name))?;
            found.compare(format, case, &entry.case().map_err(|error| error.to_string())?);
        }
        Ok(())
    });
    let complete = read.is_ok();
    let mut checks = vec![Checked::new("the folder is read back", read)];
    if complete {
        let with_masks = format != Format::Yolo && meant.iter().any(|case| case.masks.is_some());
        let compared = [
            (true, "every pixel of the film is as it was", found.pixels),
            (format != Format::NnUnet, "every point is as it was", found.points),
            (with_masks && format != Format::Csv, "every pixel of the masks is as it was", found.masks),
        ];
        let compared = compared.into_iter().filter(|(applies, ..)| *applies);
        checks.extend(compared.map(|(_, what, fault)| Checked::new(what, fault.map_or(Ok(()), Err))));
    }
    SendCheck { name: format.name(), checks, receiver: found.receiver }
}

/// The first difference of each kind, with its case, and what was seen.
#[derive(Default)]
struct Found {
    pixels: Option<String>,
    points: Option<String>,
    masks: Option<String>,
    receiver: Vec<String>,
}

impl Found {
    fn compare(&mut self, format: Format, meant: &Case, read: &Case) {
        let name = &meant.name;
        if pixel_hash(&read.film) != pixel_hash(&meant.film) {
            self.pixels.get_or_insert_with(|| format!("{name}: a pixel differs"));
        }
        if let Err(fault) = points(meant, read) {
            self.points.get_or_insert_with(|| format!("{name}: {fault}"));
        }
        let labels = |case: &Case| case.masks.as_ref().map(|map| map.labels.clone());
        if labels(read) != labels(meant) {
            self.masks.get_or_insert_with(|| format!("{name}: the masks differ"));
        }
        let mut seen = vec![format!("{name}: a film of {} × {} pixels", read.film.columns, read.film.rows)];
        if format != Format::NnUnet {
            let placed = read.landmarks.iter().filter(|(_, landmark)| landmark.position().is_some());
            seen.push(format!("{} points", placed.count()));
        }
        let areas = |map: &LabelMap| -> Vec<String> {
            let area = |s: &Structure| format!("{}: {} pixels", s.title(), map.area(s.value));
            map.structures.iter().map(area).collect()
        };
        seen.extend(read.masks.iter().flat_map(areas));
        self.receiver.extend(seen);
    }
}

fn points(meant: &Case, read: &Case) -> Result<(), String> {
    let other = meant.landmarks.iter().find(|(id, landmark)| {
        let found = read.landmarks.get(id).and_then(|found| found.position());
        match (landmark.position(), found) {
            (Some(a), Some(b)) => a.distance(b) > EXACT,
            (None, None) => false,
            _ => true,
        }
    });
    other.map_or(Ok(()), |(id, _)| Err(format!("{id} differs")))
}
