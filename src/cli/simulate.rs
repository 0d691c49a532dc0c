//! `coxa simulate`: radiographs with known truth.

use super::terminal::Bar;
use crate::simulate::adult::{AdultFilm, AdultOptions, Kind, ManifestRow, Person, View, read_all};
use crate::simulate::infant::{Phantom, PhantomOptions};
use anyhow::{Context, bail};
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// AP pelvis films of infants: NAME.dcm (DX) and NAME.json (truth) each
    Infant {
        /// How many
        #[arg(long, value_name = "N", default_value_t = 1)]
        count: u64,
        /// Seed of the first; each further one takes the next number
        #[arg(long, value_name = "S", default_value_t = 1)]
        seed: u64,
        /// Folder for the films, made where it is missing
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// AP films, or coronal slices, of adults from the surfaces of their bones: film, NAME.json (truth), NAME.labels.png
    /// (L1 to L5) each, and manifest.csv
    Adult(AdultArgs),
}

#[derive(Debug, clap::Args)]
struct AdultArgs {
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

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    match args.what {
        What::Infant { count, seed, out } => infants(count, seed, &out),
        What::Adult(args) => adults(&args),
    }
}

/// Films of adults and their manifest.
fn adults(args: &AdultArgs) -> anyhow::Result<ExitCode> {
    let mut people = read_all(&args.anatomy)?;
    if let Some(stranger) = args.people.iter().find(|name| !people.iter().any(|p| p.name == **name)) {
        bail!("{}: there is no {stranger}", args.anatomy.display());
    }
    if !args.people.is_empty() {
        people.retain(|person| args.people.contains(&person.name));
    }
    if args.size < 64 || !(0.0..=1.0).contains(&args.variation) || !(0.0..=0.5).contains(&args.deformed) {
        bail!("--size is at least 64, --variation within 0 and 1, --deformed within 0 and 0.5");
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
    let path = args.out.join("manifest.csv");
    let mut manifest = csv::Writer::from_path(&path).with_context(|| path.display().to_string())?;
    for row in &rows {
        manifest.serialize(row).with_context(|| path.display().to_string())?;
    }
    manifest.flush().with_context(|| path.display().to_string())?;
    drop(bar);
    super::terminal::complain(&format!("{} films in {}", rows.len(), args.out.display()));
    Ok(ExitCode::SUCCESS)
}

fn infants(count: u64, seed: u64, out: &Path) -> anyhow::Result<ExitCode> {
    std::fs::create_dir_all(out).with_context(|| format!("{}: cannot be made", out.display()))?;
    let bar = Bar::new(count);
    (0..count).into_par_iter().try_for_each(|index| -> anyhow::Result<()> {
        // The name carries the seed, so that a film can be made again and runs can share a folder.
        let seed = seed.wrapping_add(index);
        Phantom::generate(seed, &PhantomOptions::default()).write(out, &format!("infant-{seed:06}"))?;
        bar.done();
        Ok(())
    })?;
    drop(bar);
    super::terminal::complain(&format!("{count} phantoms in {}", out.display()));
    Ok(ExitCode::SUCCESS)
}
