//! `coxa simulate adult`: films and slices of adults from the surfaces of their bones.

use crate::cli::evaluate::CASES;
use crate::cli::terminal::{self, Bar};
use crate::simulate::adult::{AdultFilm, AdultOptions, Kind, ManifestRow, Person, View, read_all};
use anyhow::{Context, bail};
use rayon::prelude::*;
use serde::Serialize;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub struct AdultArgs {
    /// Folder with a folder a person: NAME/NAME.json and the bones as PLY
    #[arg(long, value_name = "DIR")]
    anatomy: PathBuf,
    /// Folder for the films, made where it is missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How many; the people take turns
    #[arg(long, value_name = "N", default_value_t = 1)]
    count: u64,
    /// Seed of the first; each further one takes the next number
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Only these people
    #[arg(long, value_name = "NAME,NAME,…", value_delimiter = ',')]
    people: Vec<String>,
    /// Radiographs or T1-like coronal slices
    #[arg(long, default_value = "xray")]
    kind: KindArg,
    /// Both hips or one
    #[arg(long, default_value = "pelvis")]
    view: ViewArg,
    /// Longer side in pixels
    #[arg(long, value_name = "PX", default_value_t = AdultOptions::default().size)]
    size: usize,
    /// How far the picture strays from a good modern film: 0 none, 1 all of it
    #[arg(long, value_name = "0–1", default_value_t = 1.0)]
    variation: f64,
    /// Share of the hips of each form that the person does not have: cam, rim, neck–shaft angle, length
    #[arg(long, value_name = "0–0.5", default_value_t = AdultOptions::default().deformed)]
    deformed: f64,
    /// How far details of the bones stray from those that were scanned: 1 is a millimetre or two.
    #[arg(long, value_name = "0–4", default_value_t = AdultOptions::default().details)]
    details: f64,
    /// Share of the films with a total hip, whose side has no landmarks
    #[arg(long, value_name = "0–1", default_value_t = 0.0)]
    implants: f64,
    /// PNG instead of DICOM
    #[arg(long)]
    png: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum KindArg {
    Xray,
    Mr,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum ViewArg {
    Pelvis,
    Hip,
}

/// Films of adults and their manifest.
pub fn run(args: &AdultArgs) -> anyhow::Result<()> {
    let mut people = read_all(&args.anatomy)?;
    if let Some(stranger) = args.people.iter().find(|name| !people.iter().any(|p| p.name == **name)) {
        bail!("{}: there is no {stranger}", args.anatomy.display());
    }
    if !args.people.is_empty() {
        people.retain(|person| args.people.contains(&person.name));
    }
    if args.size < 64
        || !(0.0..=1.0).contains(&args.variation)
        || !(0.0..=0.5).contains(&args.deformed)
        || !(0.0..=4.0).contains(&args.details)
    {
        bail!(
            "--size is at least 64, --variation within 0 and 1, --deformed within 0 and 0.5, --details within 0 and 4"
        );
    }
    if !(0.0..=1.0).contains(&args.implants) {
        bail!("--implants is a share, within 0 and 1");
    }
    let options = AdultOptions {
        kind: match args.kind {
            KindArg::Xray => Kind::Xray,
            KindArg::Mr => Kind::Mr,
        },
        view: match args.view {
            ViewArg::Pelvis => View::Pelvis,
            ViewArg::Hip => View::Hip,
        },
        size: args.size,
        variation: args.variation,
        deformed: args.deformed,
        details: args.details,
        implants: args.implants,
        ..AdultOptions::default()
    };
    std::fs::create_dir_all(&args.out).with_context(|| format!("{}: cannot be made", args.out.display()))?;
    let bar = Bar::new(args.count);
    let rows: Vec<ManifestRow> = (0..args.count)
        .into_par_iter()
        .map(|index| -> anyhow::Result<ManifestRow> {
            let person: &Person = &people[index as usize % people.len()];
            let seed = args.seed.wrapping_add(index);
            let film = AdultFilm::generate(person, seed, &options)
                .with_context(|| format!("{}: seed {seed} gives no readable hip", person.name))?;
            let row = film.write(&args.out, &format!("{}-{seed:06}", person.name), args.png)?;
            bar.done();
            Ok(row)
        })
        .collect::<Result<_, _>>()?;
    write_table(&args.out.join("manifest.csv"), rows.iter())?;
    // Films of one body are one patient's to `coxa evaluate`.
    let cases =
        rows.iter().map(|ManifestRow { name, body, sex, .. }| Case { file: name, patient: body, sex });
    write_table(&args.out.join(CASES), cases)?;
    drop(bar);
    terminal::complain(&format!("{} films in {}", rows.len(), args.out.display()));
    Ok(())
}

/// A line of the list of cases that `coxa evaluate` reads.
#[derive(Serialize)]
struct Case<'a> {
    file: &'a str,
    patient: &'a str,
    sex: &'a str,
}

fn write_table(path: &Path, rows: impl Iterator<Item = impl Serialize>) -> anyhow::Result<()> {
    let mut table = csv::Writer::from_path(path).with_context(|| path.display().to_string())?;
    for row in rows {
        table.serialize(row).with_context(|| path.display().to_string())?;
    }
    table.flush().with_context(|| path.display().to_string())
}
