//! The measurements against their worked numbers, and what must hold of them for any film.

mod adult;
mod anatomy;
mod change;
mod child;
mod circle;
mod construction;
mod degenerate;
mod explain;
mod figures;
mod fixture;
mod gate;
mod infant;
mod landmark_file;
mod lines;
mod norms;
mod offer;
mod perthes;
mod properties;
mod reader;
mod refusals;
mod schemes;
mod specification;
mod uncertainty;
mod verdicts;
