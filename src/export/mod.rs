//! One report snapshot to PDF, PNG, JSON and CSV.
