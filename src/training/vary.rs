//! One recipe with one choice varied, as papers tabulate what a choice does (FR-DDH: N, half the side of a landmark's
//! box).

use super::checkpoint::write_whole;
use super::config::TrainConfig;
use super::run::{Event, train};
use super::{TrainError, file_error};
use crate::job::Job;
use crate::models::Plan;
use std::collections::BTreeSet;
use std::path::Path;
use std::str::FromStr;
use toml::{Table, Value};

/// Figures of all values, in the folder of the whole.
const FILE: &str = "varied.csv";

/// A field of the configuration and the values that it takes in turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// With the tables it lies in, as `system.patch.half`.
    pub key: String,
    pub values: Vec<Value>,
}

impl FromStr for Choice {
    type Err = String;

    /// `KEY=VALUE,VALUE,…`; what is no value of TOML is a word.
    fn from_str(text: &str) -> Result<Self, String> {
        let (key, values) = text.split_once('=').ok_or("KEY=VALUE,VALUE,… is needed")?;
        let values: Vec<Value> = values.split(',').map(|word| value(word.trim())).collect();
        if key.is_empty() || values.contains(&value("")) {
            return Err("KEY=VALUE,VALUE,… is needed".to_owned());
        }
        Ok(Self { key: key.to_owned(), values })
    }
}

fn value(word: &str) -> Value {
    let table = toml::from_str::<Table>(&format!("value = {word}"));
    let parsed = table.ok().and_then(|mut table| table.remove("value"));
    parsed.unwrap_or_else(|| Value::String(word.to_owned()))
}

impl Choice {
    /// `config` with this value.
    ///
    /// # Errors
    /// A key that `config` does not have, or a value that it cannot have.
    pub fn made(&self, config: &TrainConfig, value: &Value) -> Result<TrainConfig, TrainError> {
        let wrong = |reason: String| TrainError::Config(format!("{}: {reason}", self.key));
        let mut whole = Value::try_from(config).map_err(|e| wrong(e.to_string()))?;
        let field = self.key.split('.').try_fold(&mut whole, |table, name| table.get_mut(name));
        *field.ok_or_else(|| wrong("the configuration has no such field".to_owned()))? = value.clone();
        let config: TrainConfig = whole.try_into().map_err(|e: toml::de::Error| wrong(e.to_string()))?;
        config.check()?;
        Ok(config)
    }

    /// As a part of a file's name: `half-80`.
    fn label(&self, value: &Value) -> String {
        let name = self.key.rsplit('.').next().unwrap_or_default();
        format!("{name}-{}", word(value))
    }
}

fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A figure of the cards over the values.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Data set and name.
    pub name: [String; 2],
    /// In the order of the values; `None` where a card lacks it.
    pub values: Vec<Option<f64>>,
}

/// Trains `config` once with each value of `choice`, in `out/NAME-VALUE`, and writes `varied.csv`: a line a figure, a
/// column a value.
///
/// # Errors
/// As [`train`] and [`Choice::made`]; nothing is trained unless every value can be.
pub fn train_varied(
    config: &TrainConfig,
    choice: &Choice,
    out: &Path,
    resume: bool,
    job: &Job,
    mut log: impl FnMut(&Event),
) -> Result<Vec<Line>, TrainError> {
    let made = choice.values.iter().map(|value| choice.made(config, value));
    let configs = made.collect::<Result<Vec<_>, _>>()?;
    let mut plans = Vec::with_capacity(configs.len());
    for (config, value) in configs.iter().zip(&choice.values) {
        log(&Event::Note(format!("{} = {value}", choice.key)));
        plans.push(train(config, &out.join(choice.label(value)), resume, job, &mut log)?);
    }
    let lines = lines(&plans);
    write(choice, &lines, &out.join(FILE))?;
    Ok(lines)
}

fn lines(plans: &[Plan]) -> Vec<Line> {
    let named = |plan: &Plan| -> Vec<[String; 2]> {
        let sets = plan.accuracy.iter();
        sets.flat_map(|(set, figures)| figures.keys().map(|name| [set.clone(), name.clone()])).collect()
    };
    let names: BTreeSet<[String; 2]> = plans.iter().flat_map(named).collect();
    let of = |plan: &Plan, [set, name]: &[String; 2]| plan.accuracy.get(set)?.get(name).copied();
    names
        .into_iter()
        .map(|name| Line { values: plans.iter().map(|plan| of(plan, &name)).collect(), name })
        .collect()
}

fn write(choice: &Choice, lines: &[Line], path: &Path) -> Result<(), TrainError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let heads = choice.values.iter().map(|value| format!("{}={}", choice.key, word(value)));
    let head: Vec<String> = ["set".to_owned(), "figure".to_owned()].into_iter().chain(heads).collect();
    writer.write_record(head).map_err(|e| file_error(path, e))?;
    for Line { name, values } in lines {
        let values = values.iter().map(|value| value.map_or_else(String::new, |value| value.to_string()));
        let row: Vec<String> = name.iter().cloned().chain(values).collect();
        writer.write_record(row).map_err(|e| file_error(path, e))?;
    }
    let bytes = writer.into_inner().map_err(|e| file_error(path, e.error()))?;
    write_whole(path, &bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::config::SystemConfig;

    #[test]
    fn one_field_is_changed_and_no_other() {
        let config = TrainConfig::parse("[system]\nkind = \"fr-ddh\"").unwrap();
        let choice: Choice = "system.patch.half=50, 100".parse().unwrap();
        let made = choice.made(&config, &choice.values[1]).unwrap();
        let SystemConfig::FrDdh(recipe) = &made.system else { panic!("{made:?}") };
        assert_eq!(recipe.patch.half, 100);
        let back = choice.made(&made, &Value::Integer(80)).unwrap();
        assert_eq!(back, config);
        let word: Choice = "system.plan.backbone=resnet18,resnet34".parse().unwrap();
        assert_ne!(word.made(&config, &word.values[0]).unwrap(), config);
        assert_eq!(word.label(&word.values[0]), "backbone-resnet18");
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let config = TrainConfig::parse("[system]\nkind = \"fr-ddh\"").unwrap();
        for wrong in ["system.patch.none=1", "system.patch.half=0", "system.patch.half=much", "seed.x=1"] {
            let choice: Choice = wrong.parse().unwrap();
            assert!(choice.made(&config, &choice.values[0]).is_err(), "{wrong}");
        }
        for wrong in ["seed", "=1", "seed=", "seed=1,,2"] {
            assert!(wrong.parse::<Choice>().is_err(), "{wrong}");
        }
    }
}
