//! `coxa export`: one film, or one report of it, as files that other systems read.

mod input;

use super::measure::AroundArgs;
use super::measure::protocol::ProtocolArgs;
use super::terminal::{self, Bar};
use crate::export::Handover;
use crate::export::dicom::{Stamp, Uids};
use crate::export::pdf::Paper;
use crate::export::target::{self, Options, Target};
use crate::models::DeviceChoice;
use anyhow::Context as _;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A film (DICOM, PNG, JPEG, TIFF), or a DICOM structured report of ours to be opened again
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What to write
    #[arg(long, value_name = "TARGET", value_delimiter = ',', required = true, value_parser = targets())]
    to: Vec<Target>,
    /// Folder for the results, made where it is missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Points of this JSON file instead of a network's
    #[arg(long, value_name = "FILE")]
    landmarks: Option<PathBuf>,
    /// The film of a report, where it does not lie beside it
    #[arg(long, value_name = "FILE", conflicts_with = "landmarks")]
    film: Option<PathBuf>,
    /// Masks for seg, labelmap, nnunet and others: a picture of labels (from `coxa segment`), or a DICOM segmentation
    #[arg(long, value_name = "FILE")]
    masks: Option<PathBuf>,
    /// Masks by this trained nnU-Net folder
    #[arg(long, value_name = "DIR", conflicts_with = "masks")]
    mask_model: Option<PathBuf>,
    /// Network that finds the landmarks: an id (see `coxa models`) or a plan NAME.toml
    #[arg(long, value_name = "ID", conflicts_with = "landmarks")]
    model: Option<String>,
    /// Where networks run
    #[arg(long, default_value = "auto", value_parser = super::measure::devices())]
    device: DeviceChoice,
    /// Who read the film, as DICOM writes names: Family^Given
    #[arg(long, value_name = "NAME")]
    reader: Option<String>,
    /// Paper of the PDF
    #[arg(long, default_value = "a4", value_parser = super::measure::papers())]
    paper: Paper,
    /// The bundle holds the film's picture too, with whatever is burned into it; without, only the hash of its pixels
    #[arg(long)]
    film_in_bundle: bool,
    /// Replace files that are there; a folder that is not empty never is
    #[arg(long)]
    overwrite: bool,
    /// Print what was checked of each file, and what its receiver will see
    #[arg(long)]
    check: bool,
    /// Make the same UIDs each time, out of this word: for comparing files
    #[arg(long, value_name = "WORD", hide = true)]
    uid_seed: Option<String>,
    #[command(flatten)]
    around: AroundArgs,
    #[command(flatten)]
    protocol: ProtocolArgs,
}

fn targets() -> impl TypedValueParser<Value = Target> {
    PossibleValuesParser::new(Target::ALL.map(|t| PossibleValue::new(t.name()).help(t.words())))
        .map(|name| Target::from_name(&name).unwrap_or(Target::Json))
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let bar = Bar::new(1);
    let name = stem(&args.file);
    let paths = args.to.iter().map(|target| {
        let path = target.path(&args.out, &name);
        free(&path, &args)?;
        Ok((*target, path))
    });
    let paths: Vec<(Target, PathBuf)> = paths.collect::<anyhow::Result<_>>()?;
    let input = input::read(&args, &bar)?;
    let no_masks = input.annotations.mask.is_none();
    if let Some(target) = args.to.iter().find(|target| no_masks && target.needs_masks()) {
        terminal::complain(&format!("{} needs --masks or --mask-model", target.name()));
        return Ok(ExitCode::from(2));
    }
    std::fs::create_dir_all(&args.out).with_context(|| format!("{}: cannot be made", args.out.display()))?;
    for note in &input.notes {
        bar.complain(note);
    }
    let uids = args.uid_seed.clone().map_or(Uids::Fresh, Uids::Seeded);
    let reader = args.reader.clone().or(input.reader.clone());
    let stamp = Stamp { uids, reader, ..Stamp::now() };
    let handover = Handover {
        report: &input.report,
        annotations: &input.annotations,
        review: &input.review,
        protocol: &input.protocol,
        image: input.image.as_ref(),
        film: input.film.as_ref(),
        stamp: &stamp,
    };
    let options =
        Options { paper: args.paper, film_in_bundle: args.film_in_bundle, overwrite: args.overwrite };
    let mut failed = 0;
    let mut written = Vec::new();
    for (target, path) in paths {
        // One that cannot be made does not keep the others from it.
        let made = target::write(target, &handover, &path, &options)
            .with_context(|| format!("{}: {}", args.file.display(), target.name()));
        match made {
            Ok(check) => {
                if args.check {
                    bar.print(check.to_string().trim_end())?;
                }
                written.push(target.name());
            }
            Err(error) => {
                failed += 1;
                bar.complain(&terminal::one_line(&format!("{error:#}")));
            }
        }
    }
    drop(bar);
    let failures = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    let written = if written.is_empty() { "nothing".to_owned() } else { written.join(", ") };
    terminal::complain(&format!("{written} written{failures}, in {}", args.out.display()));
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The file's name without what `coxa export` or a film puts behind it.
fn stem(file: &Path) -> String {
    let stem = file.file_stem().map_or_else(|| "film".to_owned(), |s| s.to_string_lossy().into_owned());
    stem.strip_suffix(".sr").unwrap_or(&stem).to_owned()
}

/// # Errors
/// Where a file is there and must stay.
fn free(path: &Path, args: &Args) -> anyhow::Result<()> {
    let inputs = [Some(&args.file), args.landmarks.as_ref(), args.film.as_ref(), args.masks.as_ref()];
    let same = |input: &PathBuf| match (input.canonicalize(), path.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    };
    if inputs.into_iter().flatten().any(same) {
        anyhow::bail!("{}: not written: it is what is read", path.display());
    }
    if path.exists() && !args.overwrite {
        anyhow::bail!("{}: not written: it is there already (--overwrite replaces it)", path.display());
    }
    Ok(())
}
