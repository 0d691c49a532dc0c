//! `coxa measure`: films in, reports out. One bad file does not stop the others.

mod around;
pub(super) mod names;
mod outputs;
pub mod protocol;

use super::terminal::{self, Bar};
use crate::export::csv::Summary;
use crate::export::json;
use crate::export::pdf::{Batch, Paper};
use crate::export::{Circumstances, Prior, Report, write_atomic};
use crate::imaging::{self, OpenError, Radiograph};
use crate::job::Job;
use crate::measure::landmark_file::{self, LandmarkFile};
use crate::measure::{LandmarkSet, Protocol, assess_by};
use crate::models::{DeviceChoice, ModelError, Pipeline};
use anyhow::Context as _;
pub(super) use around::AroundArgs;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use names::Names;
use outputs::{Format, Outputs};
use protocol::ProtocolArgs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Films (DICOM, PNG, JPEG, TIFF) or folders, which are searched by content
    #[arg(value_name = "PATH", required_unless_present = "landmarks")]
    paths: Vec<PathBuf>,
    /// Folder for the results, made where it is missing
    #[arg(long, value_name = "DIR", required_unless_present_any = ["json", "batch_report"])]
    out: Option<PathBuf>,
    /// What to write: NAME.json, NAME.pdf, NAME.png per film; summary.csv and summary.parquet
    #[arg(long, value_enum, value_delimiter = ',', default_value = "json,pdf,png,csv")]
    format: Vec<Format>,
    /// Of an MR examination: measure the middle slice of its largest coronal stack and nothing else
    #[arg(long)]
    middle_coronal: bool,
    /// Network that finds the landmarks: an id (see `coxa models`) or a plan NAME.toml; without it, the one that is made
    /// for what the picture shows, and pictures of anything else are refused
    #[arg(long, value_name = "ID", conflicts_with = "landmarks")]
    model: Option<String>,
    /// Where the network runs
    #[arg(long, default_value = "auto", value_parser = devices())]
    device: DeviceChoice,
    /// Measure the points of this JSON file instead of asking a network; then no film is needed, and at most one
    #[arg(long, value_name = "FILE")]
    landmarks: Option<PathBuf>,
    /// Print the measurement JSON to standard output: one object a line, in the order of the films
    #[arg(long, value_name = "-", value_parser = ["-"])]
    json: Option<String>,
    /// One PDF of all films: a summary first, then the pages of each
    #[arg(long, value_name = "FILE.pdf")]
    batch_report: Option<PathBuf>,
    /// Paper of the PDF
    #[arg(long, default_value = "a4", value_parser = papers())]
    paper: Paper,
    #[command(flatten)]
    around: AroundArgs,
    #[command(flatten)]
    protocol: ProtocolArgs,
}

pub(super) fn devices() -> impl TypedValueParser<Value = DeviceChoice> {
    PossibleValuesParser::new(["auto", "cpu", "cuda"]).map(|name| match name.as_str() {
        "cpu" => DeviceChoice::Cpu,
        "cuda" => DeviceChoice::Cuda,
        _ => DeviceChoice::Auto,
    })
}

pub(super) fn papers() -> impl TypedValueParser<Value = Paper> {
    PossibleValuesParser::new(["a4", "letter"]).map(|name| match name.as_str() {
        "letter" => Paper::Letter,
        _ => Paper::A4,
    })
}

/// Where the points come from.
pub(super) enum Points {
    Network(Box<Pipeline>),
    File(PathBuf, LandmarkFile),
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let schemes = args.protocol.schemes()?;
    let protocol = args.protocol.protocol(&schemes)?;
    let points = match &args.landmarks {
        Some(path) => Points::File(path.clone(), landmark_file::read_with(path, &schemes)?),
        None => match Pipeline::load(args.model.as_deref(), args.device) {
            Ok(pipeline) => Points::Network(Box::new(pipeline)),
            Err(error @ ModelError::Unknown { .. }) if args.model.is_some() => {
                return Ok(wrong_usage(&error.to_string()));
            }
            Err(error) => return Err(error.into()),
        },
    };
    let found = match (args.paths.is_empty(), args.middle_coronal) {
        (true, _) => Vec::new(),
        (false, false) => films(imaging::find_images(&args.paths)),
        (false, true) => vec![Ok(middle_coronal(&args.paths)?)],
    };
    if args.landmarks.is_some() && found.len() > 1 {
        return Ok(wrong_usage("--landmarks holds the points of one film: name one film, or none"));
    }
    if let Some(out) = &args.out {
        std::fs::create_dir_all(out).with_context(|| format!("{}: cannot be made", out.display()))?;
    }
    if !args.around.prior.is_empty() && found.len() != 1 {
        return Ok(wrong_usage("--prior is an earlier film of one patient: name one film"));
    }
    let mut circumstances = Circumstances { site: args.around.site(), ..Circumstances::default() };
    for path in &args.around.prior {
        circumstances.priors.push(prior(path, &points, &protocol)?);
    }
    let inputs = found.iter().flatten().map(|(path, _)| path).chain(&args.landmarks);
    let names = Names::new(args.out.as_deref(), inputs, args.format.contains(&Format::Json));
    let mut session = Session {
        outputs: args.out.clone().map(|folder| Outputs {
            folder,
            formats: args.format.clone(),
            paper: args.paper,
        }),
        batch: args.batch_report.clone().map(|path| (path, Batch::new(args.paper))),
        circumstances,
        print: args.json.is_some(),
        slice: args.middle_coronal,
        protocol,
        names,
        summary: Summary::default(),
        bar: Bar::new(found.len().max(1) as u64),
        measured: 0,
        failed: 0,
    };
    match &points {
        Points::File(path, file) if args.paths.is_empty() => session.points_alone(path, file)?,
        _ => session.films(found, &points)?,
    }
    session.close()
}

/// A file and its frame, from 1.
type Image = (PathBuf, u32);

/// The first frame of each file.
fn films(found: Vec<Result<PathBuf, OpenError>>) -> Vec<Result<Image, OpenError>> {
    found.into_iter().map(|found| found.map(|path| (path, 1))).collect()
}

/// The slice that the window chooses for the models that read coronal MR.
fn middle_coronal(paths: &[PathBuf]) -> anyhow::Result<Image> {
    let examination = imaging::catalogue(paths, &Job::silent())?;
    let (path, frame) = examination.middle_coronal().context("there is no stack of coronal MR slices")?;
    Ok((path.to_owned(), frame))
}

fn wrong_usage(message: &str) -> ExitCode {
    terminal::complain(message);
    ExitCode::from(2)
}

/// One run over many films.
struct Session {
    outputs: Option<Outputs>,
    batch: Option<(PathBuf, Batch)>,
    circumstances: Circumstances,
    print: bool,
    /// What is measured is a slice, and no projection.
    slice: bool,
    protocol: Protocol,
    names: Names,
    summary: Summary,
    bar: Bar,
    measured: usize,
    failed: usize,
}

impl Session {
    fn points_alone(&mut self, path: &Path, file: &LandmarkFile) -> anyhow::Result<()> {
        let assessment = assess_by(&file.landmarks, &file.spacing, &self.protocol);
        let report = Report::of_points(path, &file.landmarks, &file.spacing, &assessment);
        self.take(path, Ok(report))
    }

    /// One film after the other, as the network keeps every core busy; the next one is decoded meanwhile.
    fn films(&mut self, found: Vec<Result<Image, OpenError>>, points: &Points) -> anyhow::Result<()> {
        std::thread::scope(|scope| {
            let (send, receive) = mpsc::sync_channel(1);
            scope.spawn(move || {
                for found in found {
                    let opened =
                        found.and_then(|(path, frame)| Ok((imaging::open_frame(&path, frame)?, path)));
                    if send.send(opened).is_err() {
                        return;
                    }
                }
            });
            for opened in receive {
                match opened {
                    Ok((film, path)) => {
                        self.bar.on(shown(&path));
                        let report = measure(&film, &path, points, self.slice, &self.protocol, &self.bar);
                        self.take(&path, report.with_context(|| path.display().to_string()))?;
                    }
                    Err(error) => {
                        let path = error.path().to_owned();
                        self.take(&path, Err(error.into()))?;
                    }
                }
            }
            Ok(())
        })
    }

    /// Hands over one report, or tells why there is none.
    ///
    /// # Errors
    /// Only what makes going on pointless: standard output is gone.
    fn take(&mut self, path: &Path, report: anyhow::Result<Report>) -> anyhow::Result<()> {
        let handed = report.and_then(|mut report| {
            let name = self.names.give(path);
            report.circumstances.site.clone_from(&self.circumstances.site);
            report.circumstances.priors.clone_from(&self.circumstances.priors);
            if let Some(outputs) = &self.outputs {
                outputs.write(&name, &report)?;
            }
            Ok((name, report))
        });
        match handed {
            Ok((name, report)) => {
                self.measured += 1;
                self.summary.add(&name, &report);
                if self.print {
                    self.bar.print(&json::to_value(&report).to_string())?;
                }
                if let Some((_, batch)) = &mut self.batch {
                    batch.add(&name, report)?;
                }
            }
            Err(error) => {
                self.failed += 1;
                let message = terminal::one_line(&format!("{error:#}"));
                self.bar.complain(&message);
                self.summary.add_failure(path, &message);
                if let Some((_, batch)) = &mut self.batch {
                    let why = message.strip_prefix(&format!("{}: ", path.display()));
                    batch.fail(&shown(path), why.unwrap_or(&message));
                }
            }
        }
        self.bar.done();
        Ok(())
    }

    fn close(self) -> anyhow::Result<ExitCode> {
        let Session { outputs, batch, summary, bar, measured, failed, .. } = self;
        drop(bar);
        if let Some((path, batch)) = batch {
            write_atomic(&path, &batch.finish()?)?;
        }
        if let Some(outputs) = &outputs {
            outputs.write_summary(&summary)?;
        }
        let place = outputs.map_or(String::new(), |o| format!(", results in {}", o.folder.display()));
        let failures = if failed > 0 { format!(", {failed} failed") } else { String::new() };
        terminal::complain(&format!("{measured} measured{failures}{place}"));
        Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// The file's name: a whole path leaves no room for the bar.
fn shown(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// The report of one film, or of a `slice` that was asked for.
fn measure(
    film: &Radiograph,
    path: &Path,
    points: &Points,
    slice: bool,
    protocol: &Protocol,
    bar: &Bar,
) -> anyhow::Result<Report> {
    let (landmarks, spacing, model, warnings) = match points {
        // What is read, and by which network, is chosen by what the picture shows.
        Points::Network(pipeline) => {
            let prediction = pipeline.predict(film, &bar.job(shown(path)))?;
            (prediction.landmarks, film.spacing, Some(prediction.model), prediction.warnings)
        }
        Points::File(_, file) => {
            let fit = if slice { Ok(()) } else { film.is_projection().and_then(|()| film.is_whole()) };
            fit.map_err(anyhow::Error::msg)?;
            let given = file.spacing.has_millimetres();
            let spacing = if given { file.spacing } else { film.spacing };
            (file.landmarks.clone(), spacing, None, outside(&file.landmarks, film))
        }
    };
    let protocol = protocol::of_film(protocol, film);
    let assessment = assess_by(&landmarks, &spacing, &protocol);
    let mut report =
        Report::of_film(film, path, &landmarks, &spacing, &assessment, model, Vec::new(), &warnings);
    report.circumstances.age_months = protocol.subject.age_months;
    Ok(report)
}

/// The earlier film at `path`, measured as the later one will be.
pub(super) fn prior(path: &Path, points: &Points, protocol: &Protocol) -> anyhow::Result<Prior> {
    let film = imaging::open_frame(path, 1)?;
    let report = measure(&film, path, points, false, protocol, &Bar::new(1))
        .with_context(|| path.display().to_string())?;
    Ok(Prior {
        date: report.identity.study_date,
        age_months: report.circumstances.age_months,
        assessment: report.assessment,
    })
}

/// A warning where points of a file lie off the film: they may belong to another one.
pub(super) fn outside(landmarks: &LandmarkSet, film: &Radiograph) -> Vec<String> {
    let within = |v: f64, size: usize| (-0.5..=size as f64 - 0.5).contains(&v);
    let off: Vec<String> = landmarks
        .iter()
        .filter(|(_, l)| l.position().is_some_and(|p| !within(p.x, film.columns) || !within(p.y, film.rows)))
        .map(|(id, _)| id.to_string())
        .collect();
    if off.is_empty() {
        return Vec::new();
    }
    vec![format!("{} outside the image: do the points belong to this film?", off.join(", "))]
}
