//! `coxa rehearse`: the window without a screen under a made-up hand, for the test that kills it. Hidden: nobody else needs
//! it.

use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A film, or a folder of films, of which the first is edited
    #[arg(value_name = "PATH")]
    pub films: PathBuf,
    /// Where the film is kept
    #[arg(long, value_name = "DIR")]
    pub home: PathBuf,
    /// Of what the hand does
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
}
