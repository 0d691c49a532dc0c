//! `coxa deidentify`: files without identity, and a word about text in their pixels.

use super::terminal;
use crate::imaging::{self, Dates, DeidentifyOptions, Rectangle};
use anyhow::{Context, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A DICOM file, or a folder whose images are taken
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// File to write, or for a folder the folder to make: names there are numbers
    #[arg(value_name = "OUT")]
    output: PathBuf,
    /// Make a part of the pixels black: first column and row, width, height; may be repeated
    #[arg(long, value_name = "X,Y,W,H", value_parser = rectangle)]
    black: Vec<Rectangle>,
    /// What becomes of dates: all of a patient moved by the same days, or removed
    #[arg(long, value_enum, default_value = "shift")]
    dates: DatesChoice,
    /// Keep sex, age, size and weight
    #[arg(long)]
    keep_characteristics: bool,
    /// Secret that makes runs agree on new UIDs and patient IDs; a fresh one without
    #[arg(long, value_name = "TEXT")]
    key: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum DatesChoice {
    Shift,
    Remove,
}

fn rectangle(text: &str) -> Result<Rectangle, String> {
    let numbers: Result<Vec<usize>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    match numbers.as_deref() {
        Ok(&[x, y, width, height]) if width > 0 && height > 0 => Ok(Rectangle { x, y, width, height }),
        _ => Err("four whole numbers, as in 0,0,400,60".to_owned()),
    }
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let options = DeidentifyOptions {
        key: args
            .key
            .as_ref()
            .map_or_else(|| uuid::Uuid::new_v4().into_bytes().to_vec(), |k| k.clone().into_bytes()),
        dates: match args.dates {
            DatesChoice::Shift => Dates::Shift,
            DatesChoice::Remove => Dates::Remove,
        },
        keep_characteristics: args.keep_characteristics,
        black: args.black,
    };
    if !args.input.is_dir() {
        one(&args.input, &args.output, &options)?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.output.starts_with(&args.input) {
        bail!("{}: lies within the folder that is read", args.output.display());
    }
    fs::create_dir_all(&args.output).with_context(|| format!("{}: cannot be made", args.output.display()))?;
    let mut failed = false;
    for (index, image) in imaging::find_images(std::slice::from_ref(&args.input)).into_iter().enumerate() {
        // The names of the files may identify too.
        let output = args.output.join(format!("{:06}.dcm", index + 1));
        let done = image.map_err(anyhow::Error::from).and_then(|image| one(&image, &output, &options));
        if let Err(error) = done {
            failed = true;
            terminal::complain(&format!("{error:#}"));
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn one(input: &Path, output: &Path, options: &DeidentifyOptions) -> anyhow::Result<()> {
    let done = imaging::deidentify(input, output, options)?;
    for warning in done.warnings {
        terminal::complain(&format!("{}: {warning}", output.display()));
    }
    for Rectangle { x, y, width, height } in done.text {
        terminal::complain(&format!("{}: text? --black {x},{y},{width},{height}", output.display()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangles_are_four_numbers() {
        assert_eq!(rectangle("1, 2,3,4"), Ok(Rectangle { x: 1, y: 2, width: 3, height: 4 }));
        assert!(
            rectangle("1,2,3").is_err() && rectangle("1,2,0,4").is_err() && rectangle("-1,2,3,4").is_err()
        );
    }
}
