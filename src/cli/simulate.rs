//! `coxa simulate`: radiographs with known truth.

use super::terminal::Bar;
use crate::simulate::infant::{Phantom, PhantomOptions};
use anyhow::Context;
use rayon::prelude::*;
use std::path::PathBuf;
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
}

pub fn run(Args { what: What::Infant { count, seed, out } }: Args) -> anyhow::Result<ExitCode> {
    std::fs::create_dir_all(&out).with_context(|| format!("{}: cannot be made", out.display()))?;
    let bar = Bar::new(count);
    (0..count).into_par_iter().try_for_each(|index| -> anyhow::Result<()> {
        // The name carries the seed, so that a film can be made again and runs can share a folder.
        let seed = seed.wrapping_add(index);
        Phantom::generate(seed, &PhantomOptions::default()).write(&out, &format!("infant-{seed:06}"))?;
        bar.done();
        Ok(())
    })?;
    drop(bar);
    super::terminal::complain(&format!("{count} phantoms in {}", out.display()));
    Ok(ExitCode::SUCCESS)
}
