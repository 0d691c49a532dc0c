//! What a report says beside the numbers, as it is asked for: the hospital, and the patient's earlier films.

use crate::cli::terminal;
use crate::export::Site;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What stands beside the numbers")]
pub struct AroundArgs {
    /// Name of the hospital for the head of reports
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    /// Logo of the hospital, a PNG
    #[arg(long, value_name = "FILE.png")]
    logo: Option<PathBuf>,
    /// Earlier film of the same patient, measured by the same network, once for each: change and growth stand on a page of
    /// their own
    #[arg(long, value_name = "FILM", conflicts_with = "landmarks")]
    pub prior: Vec<PathBuf>,
}

impl AroundArgs {
    /// The head of reports; says so where the logo has to be left out.
    pub fn site(&self) -> Site {
        let (site, fault) = Site::with_logo(self.site.as_deref().unwrap_or_default(), self.logo.as_deref());
        fault.into_iter().for_each(|fault| terminal::complain(&fault));
        site
    }
}
