//! Grades and classes: confusion matrices with accuracy and kappa.

use super::Context;
use super::judged::GradeError;
use super::table::{Cell, Section, Table};
use crate::eval::confusion::Proportion;
use crate::eval::kappa::{Weights, kappa};
use std::collections::BTreeSet;

pub fn section(context: &Context) -> Section {
    let mut section = Section::new("grades", "Grades and classes");
    let codes: BTreeSet<&str> = context.judged.iter().flat_map(|j| j.grades.iter().map(|g| g.code)).collect();
    if codes.is_empty() {
        section.says(
            "The references of these films give no grade (grades need TRC, SMA and HP or FH, or the age).",
        );
        return section;
    }
    let columns =
        ["grading", "reader", "n", "not graded", "right", "share right [95 % CI]", "kappa", "linear kappa"];
    let mut summary = Table::new("grades", "Grades against those of the reference", &columns).noted(
        "A hip that was not graded is not right. The interval is drawn by patient. Kappas are over the graded hips; absent \
         where all have one and the same grade.",
    );
    let mut matrices = Vec::new();
    for code in codes {
        for (at, reader, judged) in context.each() {
            let all: Vec<&GradeError> = judged.grades.iter().filter(|grade| grade.code == code).collect();
            if all.is_empty() {
                continue;
            }
            let hit = |grade: &GradeError| grade.predicted.as_ref() == Some(&grade.truth);
            let hits = all.iter().filter(|grade| hit(grade)).count();
            let rights: Vec<(usize, f64)> =
                all.iter().map(|grade| (grade.case, 100.0 * f64::from(u8::from(hit(grade))))).collect();
            let grades: Vec<&str> = names(&all);
            let number = |name: &str| grades.iter().position(|grade| *grade == name).map(|at| at as u32);
            let pairs: Vec<(u32, u32)> = all
                .iter()
                .filter_map(|grade| Some((number(&grade.truth)?, number(grade.predicted.as_ref()?)?)))
                .collect();
            summary.push(vec![
                Cell::text(code),
                Cell::text(&reader.name),
                all.len().into(),
                (all.len() - pairs.len()).into(),
                Cell::Share(Proportion { hits, of: all.len() }),
                context.mean(&rights, 1),
                Cell::number(kappa(&pairs, Weights::Unweighted), 3),
                Cell::number(kappa(&pairs, Weights::Linear), 3),
            ]);
            matrices.push(matrix(code, at, &reader.name, &grades, &all));
        }
    }
    section.tables.push(summary);
    section.tables.extend(matrices);
    section
}

/// All grades that occur, in the order of their names, which is that of severity for I to IV.
fn names<'a>(all: &[&'a GradeError]) -> Vec<&'a str> {
    let both = |grade: &&'a GradeError| {
        let grade: &'a GradeError = grade;
        std::iter::once(grade.truth.as_str()).chain(grade.predicted.as_deref())
    };
    all.iter().flat_map(both).collect::<BTreeSet<_>>().into_iter().collect()
}

fn matrix(code: &str, at: usize, reader: &str, grades: &[&str], all: &[&GradeError]) -> Table {
    let columns: Vec<&str> = std::iter::once("reference ↓ reader →")
        .chain(grades.iter().copied())
        .chain(["not graded", "n"])
        .collect();
    let mut table = Table::new(format!("confusion-{code}-{at}"), format!("{code}: {reader}"), &columns);
    table.matrix = true;
    for truth in grades {
        let row: Vec<&&GradeError> = all.iter().filter(|grade| grade.truth == *truth).collect();
        let count =
            |name: Option<&str>| row.iter().filter(|grade| grade.predicted.as_deref() == name).count();
        let mut cells = vec![Cell::text(*truth)];
        cells.extend(grades.iter().map(|name| Cell::Count(count(Some(name)))));
        cells.extend([count(None).into(), row.len().into()]);
        table.push(cells);
    }
    table
}
