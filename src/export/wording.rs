//! The words of the report: what codes are called, how numbers, names and DICOM dates are written, and what lengths are
//! worth.

use crate::measure::catalogue;
use crate::measure::{Measurement, ReferenceLine, Spacing, SpacingStatus};

/// What a reader calls the measurement or grade; the code itself where it has no other name.
pub fn title(code: &str) -> &str {
    catalogue::title(code).unwrap_or(code)
}

pub fn reference(line: ReferenceLine) -> &'static str {
    match line {
        ReferenceLine::Hilgenreiner => "Hilgenreiner",
        ReferenceLine::Teardrop => "teardrops",
        ReferenceLine::Ischial => "ischia",
        ReferenceLine::HeadCentres => "head centres",
        ReferenceLine::Image => "image horizontal",
    }
}

/// `26.6°`, `14.0 mm`; `None` without a value.
pub fn value(measurement: &Measurement) -> Option<String> {
    measurement.value.map(|v| format!("{}{}", signed(v), measurement.unit.suffix()))
}

/// `24.1 to 29.0`; `None` without an interval.
pub fn interval(measurement: &Measurement) -> Option<String> {
    measurement.ci95.map(|(low, high)| format!("{} to {}", signed(low), signed(high)))
}

/// One decimal, never a negative zero. The minus is an en dash: Noto Sans has no U+2212.
pub fn signed(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    if rounded < 0.0 { format!("–{:.1}", -rounded) } else { format!("{:.1}", rounded.abs()) }
}

/// `83 %`, with a no-break space; 2,000 draws cannot tell 99.9 % from certainty.
pub fn percent(share: f64) -> String {
    if share >= 0.995 { ">99\u{a0}%".to_owned() } else { format!("{:.0}\u{a0}%", share * 100.0) }
}

/// What lengths on this film are worth.
pub fn spacing(spacing: &Spacing) -> String {
    let (row, column) = (short(spacing.row), short(spacing.column));
    let size = match spacing.status {
        SpacingStatus::AssumedIsotropic if spacing.row == spacing.column => {
            "Square pixels of unknown size.".to_owned()
        }
        SpacingStatus::AssumedIsotropic => {
            format!("Pixels of unknown size, {row} high to {column} wide by the file.")
        }
        SpacingStatus::Calibrated => {
            format!("Pixel {row} × {column} mm, calibrated: lengths hold in the plane that was calibrated.")
        }
        SpacingStatus::Corrected => format!("Pixel {row} × {column} mm, corrected for depth."),
        SpacingStatus::Ermf => format!("Pixel {row} × {column} mm, detector spacing over magnification."),
        SpacingStatus::Detector => format!("Pixel {row} × {column} mm at the detector."),
        SpacingStatus::UnknownCalibration => format!("Pixel {row} × {column} mm by the file."),
    };
    match spacing.status.caution() {
        Some(caution) => format!("{size} {caution}"),
        None => size,
    }
}

/// The status as the measurement JSON writes it.
pub fn spacing_code(status: SpacingStatus) -> &'static str {
    match status {
        SpacingStatus::Calibrated => "CALIBRATED",
        SpacingStatus::Corrected => "CORRECTED",
        SpacingStatus::Ermf => "ERMF",
        SpacingStatus::Detector => "DETECTOR",
        SpacingStatus::UnknownCalibration => "UNKNOWN_CALIBRATION",
        SpacingStatus::AssumedIsotropic => "ASSUMED_ISOTROPIC",
    }
}

/// A DICOM person name (PS3.5 6.2): family name first, the ideographic group in brackets behind the alphabetic one; the
/// first filled group alone where one of the two is empty; `—` without any.
pub fn person(name: &str) -> String {
    let groups: Vec<&str> = name.split('=').collect();
    let group = |index: usize, joint: &str| {
        let mut parts = groups.get(index).copied().unwrap_or_default().split('^').map(str::trim);
        let family = parts.next().unwrap_or_default();
        let rest = parts.filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" ");
        [family, &rest].into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(joint)
    };
    let (alphabetic, ideographic) = (group(0, ", "), group(1, " "));
    match (alphabetic.is_empty(), ideographic.is_empty()) {
        (false, false) => format!("{alphabetic} ({ideographic})"),
        (true, true) => or_dash(&group(2, " ")),
        _ => alphabetic + &ideographic,
    }
}

/// A DICOM date `YYYYMMDD` as `YYYY-MM-DD`; anything else as it is, `—` for nothing.
pub fn date(date: &str) -> String {
    let date = date.trim();
    if date.len() == 8 && date.bytes().all(|b| b.is_ascii_digit()) {
        return format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]);
    }
    or_dash(date)
}

/// A DICOM age `009M` as `9 months`; anything else as it is.
pub fn age(age: &str) -> String {
    let age = age.trim();
    let unit = match age.chars().last() {
        Some('D') => "day",
        Some('W') => "week",
        Some('M') => "month",
        Some('Y') => "year",
        _ => return age.to_owned(),
    };
    match age[..age.len() - 1].parse::<u32>() {
        Ok(1) => format!("1 {unit}"),
        Ok(count) => format!("{count} {unit}s"),
        Err(_) => age.to_owned(),
    }
}

pub fn or_dash(text: &str) -> String {
    if text.trim().is_empty() { "—".to_owned() } else { text.trim().to_owned() }
}

fn short(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_a_reader_writes_them() {
        assert_eq!(signed(26.565), "26.6");
        assert_eq!(signed(-14.04), "–14.0");
        assert_eq!(signed(-0.04), "0.0");
    }

    #[test]
    fn an_uncalibrated_film_never_promises_millimetres() {
        let words = spacing(&Spacing::UNKNOWN);
        assert!(words.contains("pixels") && !words.contains(" mm"), "{words}");
        let unknown = Spacing { row: 1.0, column: 1.0, status: SpacingStatus::UnknownCalibration };
        assert!(spacing(&unknown).starts_with("Pixel 1 × 1 mm by the file."), "{}", spacing(&unknown));
    }

    #[test]
    fn dicom_values_become_words() {
        assert_eq!(person("Yamada^Tarou=山田^太郎=やまだ^たろう"), "Yamada, Tarou (山田 太郎)");
        assert_eq!(person("=山田^太郎"), "山田 太郎");
        assert_eq!(person("^^^"), "—");
        assert_eq!(date("20260317"), "2026-03-17");
        assert_eq!(age("009M"), "9 months");
        assert_eq!(age("001Y"), "1 year");
        assert_eq!(age("Ä"), "Ä");
    }
}
