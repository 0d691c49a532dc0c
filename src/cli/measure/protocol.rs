//! The options that say how a film is assessed: patient, line, thresholds, norms. What an option leaves open comes from
//! the film's header.

use crate::imaging::Radiograph;
use crate::measure::norms::{self, NormTable};
use crate::measure::protocol::CamSet;
use crate::measure::scheme::{self, Scheme};
use crate::measure::{Context, Panel, Protocol, ReferenceLine, Sex, Subject, View};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::borrow::Cow;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "How it is assessed")]
pub struct ProtocolArgs {
    /// Line that angles are measured against: Hilgenreiner, teardrops, ischia, head centres, image
    #[arg(long, value_name = "LINE", value_parser = lines())]
    reference_line: Option<ReferenceLine>,
    /// Age in months, over that of the header
    #[arg(long, value_name = "MONTHS", value_parser = months)]
    age_months: Option<f64>,
    /// Sex, over that of the header
    #[arg(long, value_parser = sexes())]
    sex: Option<Sex>,
    /// Projection, over that of the header
    #[arg(long, value_parser = views())]
    view: Option<View>,
    /// Which measurements are listed; `auto`: those whose landmarks are there
    #[arg(long, default_value = "auto", value_parser = panels())]
    panel: Panel,
    #[command(flatten)]
    thresholds: Thresholds,
    /// Landmark scheme (TOML) whose names, orders and outlines are understood too
    #[arg(long, value_name = "FILE")]
    scheme: Vec<PathBuf>,
}

/// What judges a number.
#[derive(Debug, clap::Args)]
pub struct Thresholds {
    /// Threshold of the alpha angle: above 65° (S5), from 60° (Agricola), above 55° (CT, specimens)
    #[arg(long, value_name = "SET", default_value = "s5_65", value_parser = cam_sets())]
    cam_set: CamSet,
    /// Norm table (TOML), such as one signed by `coxa norms --sign`, in the place of that of the same id
    #[arg(long, value_name = "FILE")]
    norms: Vec<PathBuf>,
}

impl Thresholds {
    /// A protocol with these thresholds, otherwise as usual.
    pub fn protocol(&self) -> anyhow::Result<Protocol> {
        let own = self.norms.iter().map(|path| NormTable::read(path)).collect::<Result<Vec<_>, _>>()?;
        let norms = Cow::Owned(norms::replaced(norms::embedded(), own));
        Ok(Protocol { norms, cam_set: self.cam_set, ..Protocol::default() })
    }
}

impl ProtocolArgs {
    /// The schemes of the program and those of the options.
    pub fn schemes(&self) -> anyhow::Result<Vec<Scheme>> {
        // Own ones first: they may read a map or an outline otherwise.
        let mut schemes = self.scheme.iter().map(|path| Scheme::read(path)).collect::<Result<Vec<_>, _>>()?;
        schemes.extend_from_slice(scheme::embedded());
        Ok(schemes)
    }

    /// The protocol of every film, without what a header says.
    pub fn protocol(&self, schemes: &[Scheme]) -> anyhow::Result<Protocol> {
        Ok(Protocol {
            subject: Subject { age_months: self.age_months, sex: self.sex, view: self.view },
            panel: self.panel,
            reference: self.reference_line,
            segments: Cow::Owned(schemes.iter().flat_map(|scheme| scheme.segments.clone()).collect()),
            ..self.thresholds.protocol()?
        })
    }
}

/// `protocol` with what the header of `film` says of patient and image, where no option said otherwise.
pub fn of_film(protocol: &Protocol, film: &Radiograph) -> Protocol {
    let (header, given) = (film.identity.subject(), protocol.subject);
    Protocol {
        context: Context { patient_right_on_left: film.patient_right_on_left },
        subject: Subject {
            age_months: given.age_months.or(header.age_months),
            sex: given.sex.or(header.sex),
            view: given.view.or(header.view),
        },
        ..protocol.clone()
    }
}

fn months(words: &str) -> Result<f64, String> {
    match words.parse::<f64>() {
        Ok(months) if (0.0..=1500.0).contains(&months) => Ok(months),
        _ => Err("an age is a number of months from 0 to 1500".to_owned()),
    }
}

fn lines() -> impl TypedValueParser<Value = ReferenceLine> {
    let codes = ReferenceLine::ALL.map(ReferenceLine::code);
    PossibleValuesParser::new(codes)
        .map(|code| ReferenceLine::from_code(&code).unwrap_or(ReferenceLine::Image))
}

fn sexes() -> impl TypedValueParser<Value = Sex> {
    PossibleValuesParser::new(["F", "M"]).map(|code| if code == "F" { Sex::Female } else { Sex::Male })
}

fn views() -> impl TypedValueParser<Value = View> {
    let names = ["ap", "frog_leg", "dunn", "cross_table"];
    PossibleValuesParser::new(names).map(|name| View::from_code(&name).unwrap_or(View::Ap))
}

fn cam_sets() -> impl TypedValueParser<Value = CamSet> {
    let names = CamSet::ALL.map(CamSet::name);
    PossibleValuesParser::new(names).map(|name| CamSet::from_name(&name).unwrap_or_default())
}

fn panels() -> impl TypedValueParser<Value = Panel> {
    PossibleValuesParser::new(["auto", "paediatric", "adult", "all"]).map(|name| match name.as_str() {
        "paediatric" => Panel::Paediatric,
        "adult" => Panel::Adult,
        "all" => Panel::All,
        _ => Panel::Auto,
    })
}
