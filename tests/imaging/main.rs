//! Reading, showing, cataloguing and de-identifying files that the tests make themselves.

mod broken;
mod catalogue;
mod deidentify;
mod display;
mod formats;
mod made;
mod mutations;
