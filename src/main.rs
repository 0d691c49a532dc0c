//! `coxa`: see `coxa --help`.

fn main() {}
