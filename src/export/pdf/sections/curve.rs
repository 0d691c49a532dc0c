//! A measurement over age, each side before the norm that judges it: a curve shows at a glance what a table of growth spells
//! out.

use super::sides;
use crate::export::pdf::layout::{DIM, Flow, Font, INK, Node, Op, RULE, Role};
use crate::export::report::Report;
use crate::export::style::Rgb;
use crate::export::wording;
use crate::measure::change::{self, GrowthPoint, NormBand};
use crate::measure::norms;
use crate::measure::zones::{Class, Zones};
use crate::measure::{Assessment, Side};

/// What a growing hip is followed by.
const CODES: [&str; 2] = ["AI", "MP"];
/// Of one side's chart with its title and the words of its axes, points.
const HEIGHT: f32 = 126.0;
const GUTTER: f32 = 24.0;
/// Room for the numbers of the axes.
const ROOM: [f32; 2] = [28.0, 24.0];
/// Behind what is normal: light enough for print on it, dark enough for a grey printer.
const NORMAL: Rgb = Rgb(0xDC, 0xE3, 0xE9);

/// The growth of one side.
struct Curve<'a> {
    name: &'static str,
    side: Side,
    unit: &'static str,
    points: Vec<GrowthPoint>,
    bands: Vec<NormBand<'a>>,
}

/// A chart of each side for every measurement that is followed; `films` with the age of each, the film of the report first.
pub fn curves(flow: &mut Flow, report: &Report, films: &[(f64, &Assessment)]) {
    let Some((now, _)) = films.first() else { return };
    for code in CODES {
        let unit = report.assessment.measurements.iter().find(|m| m.code == code).map(|m| m.unit.suffix());
        let both = sides().map(|(name, side)| Curve {
            name,
            side,
            unit: unit.unwrap_or_default(),
            points: change::growth(films, code, Some(side)),
            bands: judging(report, code, side),
        });
        if both.iter().all(|curve| curve.points.len() < 2) {
            continue;
        }
        let axes = Axes::around(&both);
        flow.need(HEIGHT + 50.0);
        flow.heading(2, &format!("{} over age", wording::title(code)), Font::HEADING);
        let width = (flow.width - GUTTER) / 2.0;
        for (index, curve) in both.iter().enumerate() {
            let left = flow.left + index as f32 * (width + GUTTER);
            flow.column(left, width, |flow| chart(flow, code, curve, &axes, *now));
        }
        flow.gap(HEIGHT);
        flow.paragraph(&legend(&both), Font::SMALL);
        flow.gap(6.0);
    }
}

/// The limits by age of the table that judged the measurement on this film; none where they are not those of the reading.
fn judging(report: &Report, code: &str, side: Side) -> Vec<NormBand<'static>> {
    let judged = report.assessment.readings_of(code, Some(side)).filter(|reading| reading.class.is_some());
    let (Some(reading), Some(age)) = (judged.min_by_key(|r| r.coarse), report.circumstances.age_months)
    else {
        return Vec::new();
    };
    let sex = report.identity.subject().sex;
    let mut bands = change::bands(norms::embedded(), code, Some(side), sex);
    bands.retain(|band| band.table.id == reading.table && band.table.version == reading.version);
    // A table of the hospital's own may have the name of an embedded one.
    let now = bands.iter().find(|band| (band.from_months..band.to_months).contains(&age));
    if now.is_some_and(|band| *band.zones == reading.zones) { bands } else { Vec::new() }
}

/// The stretches of the number line that are normal.
fn normal(zones: &Zones) -> Vec<(f64, f64)> {
    let ends = zones.cuts.iter().map(|cut| cut.at).chain([f64::INFINITY]);
    let from_first = [(f64::NEG_INFINITY, zones.first)];
    let begins = from_first.into_iter().chain(zones.cuts.iter().map(|cut| (cut.at, cut.class)));
    let stretches = begins.zip(ends).filter(|((_, class), _)| *class == Class::Normal);
    stretches.map(|((from, _), to)| (from, to)).collect()
}

fn legend(both: &[Curve]) -> String {
    let mut words = "Filled: this film. Rings: earlier films. Bars: 95\u{a0}% intervals.".to_owned();
    if let Some(band) = both.iter().find_map(|curve| curve.bands.first()) {
        words += &format!(" Shaded: normal by {}; {}.", band.table.title, band.table.source);
    }
    words
}

/// Ages and values that both sides' charts show, so that they can be compared.
struct Axes {
    months: [f64; 2],
    values: [f64; 2],
}

impl Axes {
    fn around(both: &[Curve]) -> Axes {
        let points = || both.iter().flat_map(|curve| &curve.points);
        let ages = points().map(|point| point.age_months);
        let (first, last) = range(ages);
        let pad = ((last - first) * 0.12).max(0.5);
        let months = [(first - pad).max(0.0), last + pad];
        let values = points().flat_map(|p| {
            let (low, high) = p.ci95.unwrap_or((p.value, p.value));
            [low, p.value, high]
        });
        let shown = |band: &&NormBand| band.from_months < months[1] && band.to_months > months[0];
        let limits = both.iter().flat_map(|curve| curve.bands.iter().filter(shown));
        let limits = limits.flat_map(|band| normal(band.zones)).flat_map(|(from, to)| [from, to]);
        let (low, high) = range(values.chain(limits.filter(|limit| limit.is_finite())));
        let step = step(high - low);
        Axes { months, values: [(low / step).floor() * step, (high / step + 0.1).ceil() * step] }
    }
}

fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
}

/// Between two numbers of an axis: at most six of them on `span`.
fn step(span: f64) -> f64 {
    let steps = [1.0, 2.0, 3.0, 5.0, 6.0, 10.0, 12.0, 20.0, 24.0, 50.0, 60.0, 120.0];
    steps.into_iter().find(|step| span / step <= 6.0).unwrap_or(240.0)
}

/// The multiples of the step within the range.
fn ticks([from, to]: [f64; 2]) -> impl Iterator<Item = f64> {
    let step = step(to - from);
    let first = (from / step).ceil() as i64;
    (first..).map(move |n| n as f64 * step).take_while(move |tick| *tick <= to + 1e-9)
}

/// `now` is the age on the film of the report.
fn chart(flow: &mut Flow, code: &str, curve: &Curve, axes: &Axes, now: f64) {
    let title = Font::STRONG;
    let (left, right) = (flow.left + ROOM[0], flow.left + flow.width);
    let (top, bottom) = (flow.y + title.leading() + 6.0, flow.y + HEIGHT - ROOM[1]);
    let share = |value: f64, [from, to]: [f64; 2]| ((value.clamp(from, to) - from) / (to - from)) as f32;
    let x = |months: f64| left + (right - left) * share(months, axes.months);
    let y = |value: f64| bottom - (bottom - top) * share(value, axes.values);
    let rule = |from: [f32; 2], to: [f32; 2], width: f32, color: Rgb| Op::Rule {
        from,
        to,
        width,
        color,
        dash: None,
    };
    let text = |words: String, at: [f32; 2], font: Font| Op::Text {
        at,
        text: words,
        size: font.size,
        weight: font.weight,
        color: font.color,
    };
    let small = Font::SMALL;
    let wide = |words: &str, font: Font| flow.lettering.width(words, font.weight, font.size);
    let unit = curve.unit;

    let mut ops = vec![flow.op(curve.name, title, 0.0)];
    for band in &curve.bands {
        let (from, to) = (x(band.from_months), x(band.to_months));
        for (low, high) in normal(band.zones) {
            let (above, below) = (y(high), y(low));
            if to > from && below > above {
                ops.push(Op::Tint { rect: [from, above, to - from, below - above], color: NORMAL });
            }
        }
    }
    for value in ticks(axes.values) {
        let words = format!("{}{unit}", wording::signed(value).trim_end_matches(".0"));
        ops.push(rule([left, y(value)], [right, y(value)], 0.4, RULE));
        ops.push(text(words.clone(), [left - 4.0 - wide(&words, small), y(value) + 2.6], small));
    }
    ops.push(rule([left, bottom], [right, bottom], 0.8, DIM));
    for months in ticks(axes.months) {
        let words = format!("{months:.0}");
        ops.push(rule([x(months), bottom], [x(months), bottom + 3.0], 0.8, DIM));
        ops.push(text(words.clone(), [x(months) - wide(&words, small) / 2.0, bottom + 11.0], small));
    }
    let words = "age in months";
    ops.push(text(words.to_owned(), [(left + right - wide(words, small)) / 2.0, bottom + 21.0], small));
    for (low, high, at) in
        curve.points.iter().filter_map(|p| p.ci95.map(|(low, high)| (low, high, x(p.age_months))))
    {
        ops.push(rule([at, y(low)], [at, y(high)], 0.7, DIM));
        ops.extend([low, high].map(|end| rule([at - 2.5, y(end)], [at + 2.5, y(end)], 0.7, DIM)));
    }
    for pair in curve.points.windows(2) {
        let [from, to] = [&pair[0], &pair[1]].map(|point| [x(point.age_months), y(point.value)]);
        ops.push(rule(from, to, 1.2, INK));
    }
    for (index, point) in curve.points.iter().enumerate() {
        let at = [x(point.age_months), y(point.value)];
        ops.push(Op::Dot { at, radius: 2.8, color: INK, filled: point.age_months == now });
        let words = format!("{}{unit}", wording::signed(point.value));
        let width = wide(&words, title);
        let fits = at[0] + 6.0 + width <= right;
        // Beside the mark, and off the line that goes on there.
        let beside =
            if fits { curve.points.get(index + 1) } else { index.checked_sub(1).map(|at| &curve.points[at]) };
        let rises = beside.is_some_and(|other| other.value > point.value);
        let [right_of, left_of] = [at[0] + 6.0, at[0] - 6.0 - width];
        let place = [if fits { right_of } else { left_of }, at[1] + if rises { 10.0 } else { -4.0 }];
        ops.push(text(words, place, title));
    }
    flow.push(Node::Leaf(Role::Figure(described(code, curve)), ops));
}

fn described(code: &str, curve: &Curve) -> String {
    let points: Vec<String> = curve
        .points
        .iter()
        .map(|p| format!("{}{} at {:.1} months", wording::signed(p.value), curve.unit, p.age_months))
        .collect();
    let said = if points.is_empty() { "not measured".to_owned() } else { points.join(", ") };
    format!("{} over age, {}: {said}.", wording::title(code), curve.side.name())
}
