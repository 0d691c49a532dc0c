//! `coxa tour`: the pictures of the window that handbook and README show. The window is opened elsewhere.

use super::bench::By;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder for the pictures, one PNG a scene
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Folder with the bones of adults, as `coxa simulate adult` reads it; without it there are no scenes with adults
    #[arg(long, value_name = "DIR")]
    pub anatomy: Option<PathBuf>,
    /// Only these scenes
    #[arg(long, value_name = "NAME,NAME,…", value_delimiter = ',')]
    pub only: Vec<String>,
    /// What computes the greys of films
    #[arg(long, value_enum, default_value_t = By::Auto)]
    pub greys: By,
}
