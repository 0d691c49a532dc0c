//! The same tables for programs: JSON of everything, CSV of every cell, CSV of every point.

use crate::eval::evaluation::judged::Measure;
use crate::eval::evaluation::table::{Cell, Chart, Section, Table};
use crate::eval::evaluation::{Case, Evaluation, Reader};
use crate::export::ExportError;
use serde_json::{Map, Value, json};

/// Name of the JSON's layout.
pub const SCHEMA: &str = "coxa-evaluation/1";

/// Everything but the pictures.
pub fn to_json(
    evaluation: &Evaluation,
    cases: &[Case],
    readers: &[Reader],
    about: &[(String, String)],
) -> Value {
    let about: Map<String, Value> = about.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
    let sections: Vec<Value> = evaluation.sections.iter().map(section).collect();
    json!({
        "schema": SCHEMA,
        "software": format!("coxa {}", env!("CARGO_PKG_VERSION")),
        "research_use": crate::RESEARCH_USE,
        "about": about,
        "unit": evaluation.unit.to_string(),
        "cases": cases.iter().map(|case| json!({
            "name": case.name,
            "patient": case.patient,
            "groups": case.groups,
            "age_months": case.subject.age_months,
        })).collect::<Vec<_>>(),
        "readers": readers.iter().map(|reader| json!({
            "name": reader.name,
            "identity": reader.identity,
            "offers": reader.offers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "sections": sections,
    })
}

fn section(section: &Section) -> Value {
    json!({
        "id": section.id,
        "title": section.title,
        "text": section.text,
        "tables": section.tables.iter().map(table).collect::<Vec<_>>(),
        "charts": section.charts.iter().map(chart).collect::<Vec<_>>(),
    })
}

fn table(table: &Table) -> Value {
    let row = |row: &crate::eval::evaluation::table::Row| json!({ "published": row.published, "cells": row.cells.iter().map(cell).collect::<Vec<_>>() });
    json!({
        "id": table.id,
        "title": table.title,
        "note": table.note,
        "columns": table.columns,
        "rows": table.rows.iter().map(row).collect::<Vec<_>>(),
    })
}

/// A number with an interval is `{"value", "low", "high"}`, a share `{"hits", "of"}`, what is not there `null`.
fn cell(cell: &Cell) -> Value {
    match cell {
        Cell::Text(words) => json!(words),
        Cell::Count(count) => json!(count),
        Cell::Number { value, interval: None, .. } => json!(value),
        Cell::Number { value, interval: Some(interval), .. } => {
            json!({ "value": value, "low": interval.low, "high": interval.high })
        }
        Cell::Share(share) => json!({ "hits": share.hits, "of": share.of }),
        Cell::Absent => Value::Null,
    }
}

fn chart(chart: &Chart) -> Value {
    json!({
        "id": chart.id,
        "title": chart.title,
        "x": chart.x.label,
        "y": chart.y.label,
        "series": chart.series.iter().map(|series| json!({ "name": series.name, "points": series.points })).collect::<Vec<_>>(),
    })
}

/// Every cell of every table but those of words: one row a cell, so that a spreadsheet can pivot them.
///
/// # Errors
/// None that these rows can make.
pub fn tables_csv(evaluation: &Evaluation) -> Result<Vec<u8>, ExportError> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "section",
        "table",
        "row",
        "labels",
        "published",
        "column",
        "value",
        "low",
        "high",
        "hits",
        "of",
    ])?;
    for section in &evaluation.sections {
        for table in &section.tables {
            for (number, row) in table.rows.iter().enumerate() {
                let labels: Vec<&str> = row
                    .cells
                    .iter()
                    .filter_map(|cell| if let Cell::Text(words) = cell { Some(words.as_str()) } else { None })
                    .collect();
                for (column, cell) in table.columns.iter().zip(&row.cells) {
                    let figures = match cell {
                        Cell::Text(_) => continue,
                        Cell::Absent => Default::default(),
                        Cell::Count(count) => {
                            [count.to_string(), String::new(), String::new(), String::new(), String::new()]
                        }
                        Cell::Number { value, interval, .. } => [
                            value.to_string(),
                            interval.map(|interval| interval.low.to_string()).unwrap_or_default(),
                            interval.map(|interval| interval.high.to_string()).unwrap_or_default(),
                            String::new(),
                            String::new(),
                        ],
                        Cell::Share(share) => [
                            share.value().map(|value| value.to_string()).unwrap_or_default(),
                            String::new(),
                            String::new(),
                            share.hits.to_string(),
                            share.of.to_string(),
                        ],
                    };
                    let head = [
                        section.id.to_owned(),
                        table.id.clone(),
                        (number + 1).to_string(),
                        labels.join(" | "),
                        row.published.to_string(),
                        column.clone(),
                    ];
                    writer.write_record(head.iter().chain(&figures))?;
                }
            }
        }
    }
    writer.into_inner().map_err(|error| ExportError::Table(error.into_error().into()))
}

/// Every point that a reference has and a reader looks for, one row each; without figures where it was not found.
///
/// # Errors
/// None that these rows can make.
pub fn points_csv(
    evaluation: &Evaluation,
    cases: &[Case],
    readers: &[Reader],
) -> Result<Vec<u8>, ExportError> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "reader",
        "film",
        "patient",
        "landmark",
        "status",
        "dx_px",
        "dy_px",
        "px",
        "mm",
        "percent_trc",
        "sd_px",
    ])?;
    for (reader, judged) in readers.iter().zip(&evaluation.judged) {
        for point in &judged.points {
            let case = &cases[point.case];
            let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
            let status = match (&reader.readings[point.case], point.offset) {
                (Err(_), _) => "refused",
                (Ok(_), None) => "missed",
                (Ok(_), Some(_)) => "found",
            };
            let of = |measure| number(point.distance(measure).flatten());
            writer.write_record([
                reader.name.clone(),
                case.name.clone(),
                case.patient.clone(),
                point.id.to_string(),
                status.to_owned(),
                number(point.offset.map(|offset| offset.x)),
                number(point.offset.map(|offset| offset.y)),
                of(Measure::Pixels),
                of(Measure::Millimetres),
                of(Measure::Percent),
                number(point.sd_px),
            ])?;
        }
    }
    writer.into_inner().map_err(|error| ExportError::Table(error.into_error().into()))
}
