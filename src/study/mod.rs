//! The document: landmarks with provenance, commands with inverses, undo. Knows neither candle nor egui.
