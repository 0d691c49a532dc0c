//! `coxa evaluate`: networks and given points on films with known truth, as one page, JSON and tables.

mod cases_list;
mod given;
mod readers;
mod source;

pub use cases_list::NAME as CASES;

use super::measure::devices;
use super::terminal::{self, Bar};
use crate::eval::bootstrap::Bootstrap;
use crate::eval::evaluation::{Case, Evaluation, Reader, evaluate};
use crate::export::evaluation::{Head, Picture, points_csv, render, tables_csv, to_json};
use crate::export::write_atomic;
use crate::models::DeviceChoice;
use anyhow::Context;
use readers::Given;
use source::{Film, Source};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Network to judge: an id (see `coxa models`), a plan NAME.toml, its folder, or a trained folder of nnU-Net; several
    /// stand side by side
    #[arg(long, value_name = "ID", required_unless_present = "given_points")]
    model: Vec<String>,
    /// Points (NAME.json, Retuve's too) or masks (NAME_labels.png) that somebody else found, as one more reader
    #[arg(long, value_name = "[NAME=]DIR")]
    given_points: Vec<String>,
    /// Films with their truth beside them (NAME.reference.json or NAME.json, NAME_labels.png), what `coxa dataset import`
    /// made, or a raw folder of nnU-Net; a list cases.csv in it (file, patient, age_months, split, and any grouping) is read
    #[arg(long, value_name = "DIR", required_unless_present = "phantoms")]
    data: Option<PathBuf>,
    /// Of the list's column `split` only these films; of nnU-Net's folder `train` or `test`
    #[arg(long, value_name = "SPLIT")]
    split: Option<String>,
    /// Judge on this many phantoms instead
    #[arg(long, value_name = "N", conflicts_with_all = ["data", "split"])]
    phantoms: Option<u64>,
    /// Seed of the first phantom, and of the bootstrap
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Folder for evaluation.html, .json, .csv and points.csv
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Redraws of patients for the intervals
    #[arg(long, value_name = "N", default_value_t = 2000)]
    draws: usize,
    /// Where the networks run
    #[arg(long, default_value = "auto", value_parser = devices())]
    device: DeviceChoice,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let given = readers::load(&args.model, &args.given_points, args.device)?;
    let source = match (&args.data, args.phantoms) {
        (_, Some(count)) => Source::Phantoms { count, seed: args.seed },
        (Some(folder), None) => Source::of(folder, args.split.as_deref())?,
        (None, None) => anyhow::bail!("there are neither --data nor --phantoms"),
    };
    std::fs::create_dir_all(&args.out).with_context(|| format!("{}: cannot be made", args.out.display()))?;
    let films = source.films()?;
    let read = read(&films, given);
    anyhow::ensure!(!read.cases.is_empty(), "no film with a reference could be opened");
    let bootstrap = Bootstrap { draws: args.draws, seed: args.seed, ..Bootstrap::default() };
    let evaluation = evaluate(&read.cases, &read.readers, bootstrap).map_err(anyhow::Error::msg)?;
    write(args, &source, &read, &films, &evaluation)?;
    terminal::complain(&format!(
        "{} films judged by {} reader(s){}, results in {}",
        read.cases.len(),
        read.readers.len(),
        if read.lost > 0 { format!(", {} could not be opened", read.lost) } else { String::new() },
        args.out.display()
    ));
    Ok(if read.lost == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What came of opening and reading every film.
struct Read {
    cases: Vec<Case>,
    /// Of each case its film.
    films: Vec<usize>,
    readers: Vec<Reader>,
    /// Films that could not be opened.
    lost: usize,
}

/// One film after the other, by every reader: none is decoded twice, and a network keeps the cores busy.
fn read(films: &[Film], given: Vec<Given>) -> Read {
    let mut readers: Vec<Reader> = given.iter().map(Given::reader).collect();
    let mut read = Read { cases: Vec::new(), films: Vec::new(), readers: Vec::new(), lost: 0 };
    let bar = Bar::new(films.len() as u64);
    for (number, film) in films.iter().enumerate() {
        bar.on(&film.name);
        match film.open() {
            Ok((radiograph, case)) => {
                for (given, reader) in given.iter().zip(&mut readers) {
                    let reading = given.read(film, &radiograph, &bar.job(film.name.clone()));
                    reader.readings.push(reading);
                }
                read.cases.push(case);
                read.films.push(number);
            }
            Err(error) => {
                read.lost += 1;
                bar.complain(&format!("{error:#}"));
            }
        }
        bar.done();
    }
    for (given, reader) in given.iter().zip(&mut readers) {
        given.finish(reader);
    }
    read.readers = readers;
    read
}

fn write(
    args: &Args,
    source: &Source,
    read: &Read,
    films: &[Film],
    evaluation: &Evaluation,
) -> anyhow::Result<()> {
    let mut about = source.about();
    about.push((
        "films".to_owned(),
        format!("{} judged, {} could not be opened", read.cases.len(), read.lost),
    ));
    about.push(("intervals".to_owned(), format!("{} redraws of patients, seed {}", args.draws, args.seed)));
    about.push(("made".to_owned(), chrono::Local::now().format("%Y-%m-%d %H:%M").to_string()));
    about.push(("software".to_owned(), format!("coxa {}", env!("CARGO_PKG_VERSION"))));
    let json = to_json(evaluation, &read.cases, &read.readers, &about);
    let names: Vec<&str> = read.readers.iter().map(|reader| reader.name.as_str()).collect();
    let head = Head { title: format!("Evaluation: {}", names.join(", ")), about };
    let page = render(&head, evaluation, &pictures(read, films, evaluation)?)?;
    let files = [
        ("evaluation.html", page.into_bytes()),
        ("evaluation.json", format!("{json:#}\n").into_bytes()),
        ("evaluation.csv", tables_csv(evaluation)?),
        ("points.csv", points_csv(evaluation, &read.cases, &read.readers)?),
    ];
    for (name, bytes) in files {
        write_atomic(&args.out.join(name), &bytes)?;
    }
    Ok(())
}

/// The worst films of every reader, opened once more.
fn pictures(read: &Read, films: &[Film], evaluation: &Evaluation) -> anyhow::Result<Vec<(String, String)>> {
    let mut pictures = Vec::new();
    for (reader, worst) in read.readers.iter().zip(&evaluation.worst) {
        for (rank, case) in worst.iter().enumerate() {
            let (radiograph, _) = films[read.films[*case]].open()?;
            let (name, reading) = (&read.cases[*case].name, &reader.readings[*case]);
            let said = match reading {
                Ok(_) => String::new(),
                Err(reason) => format!(", refused: {reason}"),
            };
            let label = format!("{}, no. {}: {name}{said}", reader.name, rank + 1);
            let picture = Picture {
                film: &radiograph,
                truth: &read.cases[*case].truth,
                found: reading.as_ref().ok().map(|reading| &reading.landmarks),
                truth_labels: read.cases[*case].labels.as_ref(),
                found_labels: reading.as_ref().ok().and_then(|reading| reading.labels.as_ref()),
            };
            pictures.push((label.clone(), picture.svg(&label)?));
        }
    }
    Ok(pictures)
}
