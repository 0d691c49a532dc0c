//! `coxa simulate`: radiographs with known truth.

mod adult;

use super::terminal::Bar;
use crate::simulate::infant::{Phantom, PhantomOptions};
use crate::simulate::real::{self, KnownFilm};
use anyhow::Context;
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
    /// AP films, or coronal slices, of adults from the surfaces of their bones: film, NAME.json (truth), NAME_labels.png
    /// (L1 to L5) each, manifest.csv (how each was formed) and cases.csv (whose it is)
    Adult(Box<adult::AdultArgs>),
    /// Films with known points, their hips warped to acetabular indices of 10–45° and IHDI grades I–IV
    Warp {
        #[command(flatten)]
        made: Made,
    },
    /// Poor copies of films with known points: turned, scaled, blurred, badly exposed, noisy, inverted, JPEG
    Stress {
        #[command(flatten)]
        made: Made,
    },
}

/// Films made of others.
#[derive(Debug, clap::Args)]
struct Made {
    /// Folder of films with NAME.reference.json beside them
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// How many are made of each
    #[arg(long, value_name = "N", default_value_t = 12)]
    count: usize,
    /// Every random number comes of it
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Folder for NAME.dcm and NAME.reference.json of each, made where it is missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub fn run(Args { what }: Args) -> anyhow::Result<ExitCode> {
    match what {
        What::Infant { count, seed, out } => infants(count, seed, &out)?,
        What::Adult(args) => adult::run(&args)?,
        What::Warp { made } => made.write(real::warped, "warped films")?,
        What::Stress { made } => made.write(real::stressed, "poor copies")?,
    }
    Ok(ExitCode::SUCCESS)
}

fn infants(count: u64, seed: u64, out: &Path) -> anyhow::Result<()> {
    make(out)?;
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
    Ok(())
}

fn make(out: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(out).with_context(|| format!("{}: cannot be made", out.display()))
}

impl Made {
    /// Reads the films, makes `count` of each with `make_of`, and writes them.
    fn write(
        &self,
        make_of: impl Fn(&KnownFilm, usize, u64) -> Vec<KnownFilm> + Sync,
        what: &str,
    ) -> anyhow::Result<()> {
        let films = real::read(&self.data)?;
        anyhow::ensure!(!films.is_empty(), "{}: no NAME.reference.json in it", self.data.display());
        make(&self.out)?;
        let bar = Bar::new(films.len() as u64);
        let written = films
            .par_iter()
            .map(|film| -> anyhow::Result<usize> {
                let made = make_of(film, self.count, self.seed);
                made.iter().try_for_each(|film| film.write(&self.out))?;
                bar.done();
                Ok(made.len())
            })
            .collect::<anyhow::Result<Vec<_>>>()?;
        drop(bar);
        let (written, asked) = (written.iter().sum::<usize>(), films.len() * self.count);
        super::terminal::complain(&format!(
            "{written} {what} of {asked} asked for in {}",
            self.out.display()
        ));
        Ok(())
    }
}
