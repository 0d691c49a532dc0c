//! Radiographs with known truth.
