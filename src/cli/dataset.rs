//! `coxa dataset`: labelled films of others in, checked, divided, counted, and out again.

use super::terminal::{self, Bar};
use crate::datasets::check::{Checked, check};
use crate::datasets::pseudonym::Pseudonyms;
use crate::datasets::split::{SplitPlan, Unit, split};
use crate::datasets::stats::{Spread, Stats, stats};
use crate::datasets::{self, DataSet, Format, WriteOptions, coxa};
use anyhow::Context;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, clap::Subcommand)]
enum Task {
    /// Bring a labelled data set into the folder that training, checking and exporting work on
    ///
    /// Films become PNG without identity, patients become pseudonyms, and cases are numbered, since names of files may
    /// identify too. A case that cannot be read is named, and the rest goes on.
    Import {
        /// The data set: a folder, or a file of labels in it
        #[arg(value_name = "SRC")]
        source: PathBuf,
        /// Folder to make
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        #[command(flatten)]
        identity: Identity,
        #[command(flatten)]
        format: SourceFormat,
    },
    /// Look for what spoils training: unreadable films, points off the film, missing pairs, duplicates, patients in two
    /// splits, sides that contradict the film, text in the pixels
    ///
    /// One line a finding. Status 1 where something must be mended; text and films without labels are for a person to
    /// judge and leave it 0. The search for text finds machine-printed lines near the border and no handwriting.
    Check {
        /// The data set
        #[arg(value_name = "DIR")]
        dir: PathBuf,
        #[command(flatten)]
        format: SourceFormat,
    },
    /// Divide an imported data set so that no patient and no picture is on two sides
    ///
    /// Writes split and fold into DIR/cases.csv, which may be edited by hand too.
    Split {
        /// A folder that `coxa dataset import` made
        #[arg(value_name = "DIR")]
        dir: PathBuf,
        /// What stays together; a case whose patient is unknown stands for itself
        #[arg(long, value_enum, default_value = "patient")]
        by: By,
        /// Share of the cases to test on
        #[arg(long, value_name = "SHARE", default_value_t = 0.2)]
        test: f64,
        /// Share of the cases to watch while training
        #[arg(long, value_name = "SHARE", default_value_t = 0.1, conflicts_with = "folds")]
        val: f64,
        /// Folds for cross-validation over what is not tested, instead of a share to watch
        #[arg(long, value_name = "K")]
        folds: Option<u32>,
        /// The same seed divides the same cases alike
        #[arg(long, value_name = "S", default_value_t = 1)]
        seed: u64,
    },
    /// Count: cases, patients, splits, sizes, spacing, landmarks, structures, grades, and how the angles are distributed
    Stats {
        /// The data set
        #[arg(value_name = "DIR")]
        dir: PathBuf,
        /// Write the same as JSON; `-` is standard output, without the table
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
        #[command(flatten)]
        format: SourceFormat,
    },
    /// Write a data set for other programs, without identity
    ///
    /// yolo keeps points only; nnunet masks only; csv points and what is known of a case; coco and labelme both points and
    /// masks, labelme curves and radii too.
    Export {
        /// The data set
        #[arg(value_name = "DIR")]
        dir: PathBuf,
        /// What to write
        #[arg(long, value_enum)]
        to: ToFormat,
        /// Folder to make
        #[arg(long, value_name = "OUT")]
        out: PathBuf,
        /// COCO: masks as lists of runs rather than as text
        #[arg(long)]
        plain_runs: bool,
        /// nnU-Net: .nii.gz, which keeps the spacing, rather than .png
        #[arg(long)]
        nifti: bool,
        /// labelme: the film within the JSON too
        #[arg(long)]
        embed_images: bool,
        #[command(flatten)]
        identity: Identity,
        #[command(flatten)]
        format: SourceFormat,
    },
}

#[derive(Debug, clap::Args)]
struct SourceFormat {
    /// How the labels lie there
    #[arg(long, value_enum, default_value = "auto")]
    format: FromFormat,
}

/// What becomes of names.
#[derive(Debug, clap::Args)]
struct Identity {
    /// Secret that makes runs agree on the pseudonyms of patients; a fresh one without, so that nothing leads back
    #[arg(long, value_name = "TEXT")]
    salt: Option<String>,
    /// Keep the names of the cases (export of an imported set always does)
    #[arg(long)]
    keep_names: bool,
    /// The patient is the name of the file up to this text, as in `1234_left.png` with `_`
    #[arg(long, value_name = "TEXT")]
    patient_until: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum By {
    Patient,
    Case,
}

/// A format to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FromFormat {
    /// What the folder looks like
    Auto,
    /// A folder that `coxa dataset import` made
    Coxa,
    /// NAME.json or NAME.reference.json of this program beside the films, as `coxa simulate` writes them
    Landmarks,
    /// COCO keypoints, masks as runs or outlines
    Coco,
    /// Ultralytics YOLO keypoints, also MTDDH's re-encoding
    Yolo,
    /// MTDDH as published (data set 1)
    Mtddh,
    /// AV-DDH: grades from its spreadsheet
    AvDdh,
    /// Landmarks of Retuve
    Retuve,
    /// nnU-Net's raw folder, .png or .nii.gz
    Nnunet,
    /// Positions `x y` a line: lateral edge, head, neck axis, cam point of the right, then of the left hip
    Fai,
    /// labelme's JSON
    Labelme,
    /// A table of points
    Csv,
}

/// A format to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ToFormat {
    Coco,
    Yolo,
    Nnunet,
    Labelme,
    Csv,
}

impl FromFormat {
    fn format(self) -> Option<Format> {
        match self {
            Self::Auto => None,
            Self::Coxa => Some(Format::Coxa),
            Self::Landmarks => Some(Format::LandmarkJson),
            Self::Coco => Some(Format::Coco),
            Self::Yolo => Some(Format::Yolo),
            Self::Mtddh => Some(Format::Mtddh),
            Self::AvDdh => Some(Format::AvDdh),
            Self::Retuve => Some(Format::Retuve),
            Self::Nnunet => Some(Format::NnUnet),
            Self::Fai => Some(Format::Fai),
            Self::Labelme => Some(Format::Labelme),
            Self::Csv => Some(Format::Csv),
        }
    }
}

impl ToFormat {
    fn format(self) -> Format {
        match self {
            Self::Coco => Format::Coco,
            Self::Yolo => Format::Yolo,
            Self::Nnunet => Format::NnUnet,
            Self::Labelme => Format::Labelme,
            Self::Csv => Format::Csv,
        }
    }
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    match args.task {
        Task::Import { source, out, identity, format } => {
            let set = read(&source, &format)?;
            let options = WriteOptions { patients: identity.pseudonyms(), ..WriteOptions::default() };
            write(&set, Format::Coxa, &out, &identity, &options)
        }
        Task::Export { dir, to, out, plain_runs, nifti, embed_images, identity, format } => {
            let set = read(&dir, &format)?;
            // An imported set has pseudonyms and numbers; a new salt still cuts the tie between the two folders.
            let keep_names = identity.keep_names || set.format == Format::Coxa;
            let identity = Identity { keep_names, ..identity };
            let options = WriteOptions { patients: identity.pseudonyms(), plain_runs, nifti, embed_images };
            write(&set, to.format(), &out, &identity, &options)
        }
        Task::Check { dir, format } => {
            let set = read(&dir, &format)?;
            let bar = Bar::new(set.len() as u64);
            let checked = check(&set, || bar.done());
            drop(bar);
            report(&checked)
        }
        Task::Split { dir, by, test, val, folds, seed } => {
            let set = read(&dir, &SourceFormat { format: FromFormat::Coxa })?;
            let by = if by == By::Patient { Unit::Patient } else { Unit::Case };
            let plan = SplitPlan { by, test, val: if folds.is_some() { 0.0 } else { val }, folds, seed };
            let (assignment, unreadable) = split(&set, &plan).map_err(anyhow::Error::msg)?;
            coxa::assign(&dir, &assignment)?;
            unreadable.iter().for_each(|reason| terminal::complain(reason));
            let mut counts = std::collections::BTreeMap::new();
            for (split, fold) in assignment.values() {
                let fold = fold.map_or(String::new(), |fold| format!(" fold {fold}"));
                let split = split.map_or("none", datasets::Split::name);
                *counts.entry(format!("{split}{fold}")).or_insert(0) += 1;
            }
            for (part, count) in counts {
                terminal::print(&format!("{part}: {count}"))?;
            }
            Ok(if unreadable.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Task::Stats { dir, json, format } => {
            let set = read(&dir, &format)?;
            let bar = Bar::new(set.len() as u64);
            let counted = stats(&set, || bar.done());
            drop(bar);
            let text = serde_json::to_string_pretty(&counted)?;
            match json {
                Some(path) if path.as_os_str() == "-" => terminal::print(&text)?,
                Some(path) => {
                    crate::export::write_atomic(&path, format!("{text}\n").as_bytes())?;
                    terminal::print(&table(&counted))?;
                }
                None => terminal::print(&table(&counted))?,
            }
            Ok(if counted.unreadable == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}

fn read(source: &Path, format: &SourceFormat) -> anyhow::Result<DataSet> {
    Ok(datasets::read(source, format.format.format())?)
}

impl Identity {
    fn pseudonyms(&self) -> Pseudonyms {
        self.salt.as_deref().map_or_else(Pseudonyms::default, Pseudonyms::salted)
    }
}

/// Writes what can be read of `set`; the rest is complained of.
fn write(
    set: &DataSet,
    format: Format,
    out: &Path,
    identity: &Identity,
    options: &WriteOptions,
) -> anyhow::Result<ExitCode> {
    let mut writer = datasets::writer(format, out, options)?;
    let bar = Bar::new(set.len() as u64);
    set.problems.iter().for_each(|problem| bar.complain(&problem.to_string()));
    let (mut written, mut failed) = (0, set.problems.len());
    for (index, entry) in set.entries.iter().enumerate() {
        let done = entry.case().and_then(|mut case| {
            if let Some(until) = &identity.patient_until {
                case.about.patient =
                    case.name.split_once(until.as_str()).map(|(patient, _)| patient.to_owned());
            }
            if !identity.keep_names {
                case.name = format!("case-{:06}", index + 1);
            }
            writer.add(&case)
        });
        match done {
            Ok(()) => written += 1,
            Err(error) => {
                failed += 1;
                bar.complain(&error.to_string());
            }
        }
        bar.done();
    }
    drop(bar);
    if written == 0 {
        anyhow::bail!("{}: not written: no case could be", out.display());
    }
    writer.finish().with_context(|| format!("{} cases", written))?;
    terminal::complain(&format!(
        "{written} cases of {} in {}, {failed} failed",
        set.format.name(),
        out.display()
    ));
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn report(checked: &Checked) -> anyhow::Result<ExitCode> {
    for finding in &checked.findings {
        terminal::print(&terminal::one_line(&finding.to_string()))?;
    }
    let errors = checked.findings.iter().filter(|finding| finding.is_error()).count();
    let questions = checked.findings.len() - errors;
    let mut line = format!("{} cases: {errors} to mend, {questions} to look at", checked.cases);
    if checked.without_patient > 0 {
        let unknown = checked.without_patient;
        line.push_str(&format!("; {unknown} of unknown patients, of which leakage cannot show"));
    }
    terminal::complain(&line);
    Ok(if errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The counts as text.
fn table(stats: &Stats) -> String {
    let mut lines = vec![format!(
        "{} cases, {} unreadable; {} patients, {} cases of unknown ones",
        stats.cases, stats.unreadable, stats.patients, stats.without_patient
    )];
    let splits: Vec<String> = stats.splits.iter().map(|(split, count)| format!("{split} {count}")).collect();
    lines.push(format!("splits: {}", splits.join(", ")));
    let mut spread = |name: &str, spread: &Option<Spread>| {
        if let Some(Spread { n, mean, min, p5, median, p95, max }) = spread {
            lines.push(format!(
                "{name:<28} {n:>6} {mean:>9.3} {min:>9.3} {p5:>9.3} {median:>9.3} {p95:>9.3} {max:>9.3}"
            ));
        }
    };
    spread("rows", &stats.rows);
    spread("columns", &stats.columns);
    spread("pixel height [mm]", &stats.row_mm);
    spread("age [months]", &stats.age_months);
    for (name, share) in &stats.structures {
        spread(&format!("{name} [share of the film]"), &Some(share.clone()));
    }
    for (name, values) in &stats.measurements {
        spread(name, &Some(values.clone()));
    }
    let head = ["n", "mean", "min", "5 %", "median", "95 %", "max"];
    let [n, rest @ ..] = head;
    let rest: String = rest.iter().map(|word| format!(" {word:>9}")).collect();
    lines.insert(2, format!("{:<28} {n:>6}{rest}", ""));
    for (name, presence) in &stats.landmarks {
        let (seen, occluded, absent) = (presence.seen, presence.occluded, presence.absent);
        lines.push(format!("{name:<28} {seen:>6} seen, {occluded} not seen, {absent} absent"));
    }
    for (name, grades) in &stats.grades {
        // A continuous grade has as many values as cases.
        if grades.len() <= 12 {
            let counts: Vec<String> =
                grades.iter().map(|(grade, count)| format!("{grade}: {count}")).collect();
            lines.push(format!("{name:<28} {}", counts.join(", ")));
        }
    }
    lines.join("\n")
}
