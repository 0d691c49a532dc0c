//! The command line: one file a subcommand, the only place with clap.
