//! Deviations of readers by the table, and whose deviation an interval is made of.

use crate::fixture::{Film, L, R, all, id, measured};
use coxa::measure::definition::Need;
use coxa::measure::landmark_file;
use coxa::measure::reader::{self, Reader};
use coxa::measure::spread::{Source, Spreads, meaning};
use coxa::measure::{Covariance, Landmark, LandmarkCode, Origin, Side, Spacing, catalogue};

/// Every point by that hand, without a deviation of its own.
fn by(origin: Origin, sd_px: Option<f64>, mut film: Film) -> Film {
    for landmark in film.landmarks.points.values_mut() {
        *landmark = Landmark::defined(landmark.position().expect("given"), sd_px, origin);
    }
    film
}

fn interval(film: &Film, code: &str, side: Option<Side>) -> Option<(f64, f64)> {
    measured(film, code, side).ci95
}

#[test]
fn the_table_knows_every_landmark_that_is_measured() {
    let table = reader::embedded().expect("the table parses");
    assert_eq!(table.name(), "reader_sd/1");
    for definition in catalogue::definitions() {
        for need in definition.needs.iter().filter(|need| !matches!(need, Need::Circle(_))) {
            let row = table.row(need.code());
            assert!(row.is_some_and(|row| !row.source.is_empty()), "{} of {}", need.code(), definition.code);
        }
    }
}

#[test]
fn a_person_s_acetabular_index_errs_as_published() {
    // Roofs of 0.26 TRC–TRC distances, as on the infants' films. Broughton 1989: ±6° of 95 % confidence.
    let film = Film::fixture_p().with("SMA", Side::Right, 354.0, 475.6);
    let film = by(Origin::Person, None, film);
    let m = measured(&film, "AI", R);
    let (low, high) = m.ci95.expect("by the table");
    assert!((0.5 * (high - low) - 6.0).abs() < 0.5, "{low}…{high}");
    assert_eq!(m.spread, [Source::Reader]);
    assert!(film.assess().finding("IHDI", R).is_some_and(|f| !f.probabilities.is_empty()));
}

#[test]
fn whose_deviation_it_is() {
    let p = Film::fixture_p;
    let source = |film: &Film| measured(film, "AI", R).spread;
    assert_eq!(source(&by(Origin::Person, Some(1.0), p())), [Source::Stated]);
    assert_eq!(source(&by(Origin::File, Some(1.0), p())), [Source::Stated]);
    assert_eq!(source(&by(Origin::Model, Some(1.0), p())), [Source::ModelAndReader]);
    for origin in [Origin::File, Origin::Model] {
        let film = by(origin, None, p());
        assert_eq!((source(&film), interval(&film, "AI", R)), (vec![], None), "nobody says");
    }
    let mut mixed = by(Origin::Model, Some(1.0), p());
    let sma = mixed.landmarks.position(LandmarkCode::SMA, Side::Right).expect("given");
    mixed.landmarks.insert(id("SMA", Side::Right), Landmark::defined(sma, None, Origin::Person));
    assert_eq!(source(&mixed), [Source::ModelAndReader, Source::Reader]);
    let words = meaning(mixed.assess().measurements.iter()).expect("there are intervals");
    assert!(words.contains("many readers") && words.contains("reader SD, by table reader_sd/1"), "{words}");
    assert_eq!(meaning(p().assess().measurements.iter()), None);
}

#[test]
fn correcting_a_point_never_widens_an_interval() {
    let mut film = by(Origin::Model, Some(0.5), Film::fixture_p());
    let width = |film: &Film| {
        let (low, high) = interval(film, "AI", R).expect("known");
        high - low
    };
    let mut before = width(&film);
    for code in ["TRC", "SMA"] {
        let at = film.landmarks.position(LandmarkCode::new(code), Side::Right).expect("given");
        film.landmarks.insert(id(code, Side::Right), Landmark::defined(at, None, Origin::Person));
        let after = width(&film);
        assert!(after < before, "{code}: {before} {after}");
        before = after;
    }
}

#[test]
fn the_deviation_is_the_same_millimetres_however_the_film_is_stored() {
    let film = by(Origin::Person, None, Film::fixture_p());
    let (low, high) = interval(&film, "AI", L).expect("known");
    for stored in [film.clone().stored_with(0.1, 0.3), film.shifted(1e4, -1e4)] {
        let (l, h) = interval(&stored, "AI", L).expect("known");
        assert!((l - low).abs() < 1e-9 && (h - high).abs() < 1e-9, "{l}…{h}");
    }
}

#[test]
fn a_film_without_the_baseline_has_no_reader() {
    let table = reader::embedded().expect("the table parses");
    let sd = |film: &Film, code: &str| {
        Reader::new(table, &film.landmarks, &film.spacing).sd(&LandmarkCode::new(code))
    };
    let p = Film::fixture_p();
    // 200 px of 0.2 mm.
    assert_eq!(sd(&p, "SMA"), Some(0.0105 * 40.0));
    assert_eq!((sd(&p, "LAE"), sd(&p, "XYZ")), (None, None));
    assert_eq!(sd(&p.clone().without("TRC", Side::Left), "SMA"), None);
    let near = p.with("TRC", Side::Left, 460.0, 500.0);
    assert_eq!(sd(&near, "SMA"), None, "a baseline of 12 mm is none");
    // Heads 160 mm apart, and without them the teardrops' 80 mm.
    let a = Film::fixture_a();
    assert_eq!(sd(&a, "LAE"), Some(0.0065 * 160.0));
    assert_eq!(sd(&a.without("FHC", Side::Left), "LAE"), Some(0.0065 * 120.0));
    let bare = Film { spacing: Spacing::UNKNOWN, ..Film::fixture_p() };
    assert_eq!(sd(&bare, "SMA"), Some(0.0105 * 200.0), "in pixels without spacing");
}

#[test]
fn files_state_deviations_in_three_ways() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let read = |text: &str| {
        let path = dir.path().join("points.json");
        std::fs::write(&path, text).expect("writable");
        landmark_file::read(&path)
    };
    let file = read(
        r#"{"spacing_mm": [0.1, 0.2], "origin": "person", "landmarks": [
        {"code": "TRC", "side": "R", "x": 400, "y": 1000},
        {"code": "TRC", "side": "L", "x": 600, "y": 1000, "origin": "file"},
        {"code": "SMA", "side": "R", "x": 300, "y": 900, "sd_px": 9, "covariance_px2": [4, -1, 2]},
        {"code": "SMA", "side": "L", "x": 700, "y": 900, "sd_px": 1.5}]}"#,
    )
    .expect("reads");
    let spreads = Spreads::new(&file.landmarks, &file.spacing);
    let of = |code, side| spreads.get(&id(code, side)).map(|spread| (spread.covariance, spread.source));
    assert_eq!(of("SMA", Side::Right), Covariance::new(4.0, -1.0, 2.0).map(|c| (c, Source::Stated)));
    assert_eq!(of("SMA", Side::Left), Covariance::isotropic(1.5).map(|c| (c, Source::Stated)));
    assert_eq!(of("TRC", Side::Left), None);
    let (covariance, source) = of("TRC", Side::Right).expect("a person's");
    let [xx, xy, yy] = covariance.entries();
    let (x, y) = (0.0065 * 40.0 / 0.2, 0.0065 * 40.0 / 0.1);
    assert!((xx - x * x).abs() < 1e-12 && xy == 0.0 && (yy - y * y).abs() < 1e-12);
    assert_eq!(source, Source::Reader);
    let wrong =
        read(r#"{"landmarks": [{"code": "TRC", "side": "R", "x": 1, "y": 2, "covariance_px2": [1, 2, 1]}]}"#);
    assert!(wrong.is_err_and(|e| e.to_string().contains("TRC-R: covariance_px2")));
}

#[test]
fn a_wrong_table_is_named() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let refused = |text: &str, expected: &str| {
        let path = dir.path().join("own.toml");
        std::fs::write(&path, text).expect("writable");
        let message = reader::ReaderTable::read(&path).expect_err("is refused").to_string();
        assert!(message.contains("own.toml") && message.contains(expected), "{message}");
    };
    let table = |rows: &str| {
        format!(
            "id = \"own\"\nversion = 1\ntitle = \"\"\n[[group]]\nbaselines = [{{ landmark = \"TRC\", times = 1 }}]\n{rows}"
        )
    };
    let row = |codes: &str, share: f64| {
        format!("[[group.row]]\ncodes = [{codes}]\nshare = {share:?}\nsource = \"\"\n")
    };
    refused("id = 1", "not a table of readers");
    refused(&table(&row("\"TRC\"", 0.0)), "share 0 is not a positive number");
    refused(&table(&(row("\"TRC\"", 0.1) + &row("\"TRC\"", 0.2))), "TRC is listed twice");
}

#[test]
fn everything_marked_by_hand_on_an_adult_has_an_interval() {
    let film = by(Origin::Person, None, Film::fixture_a());
    let assessment = film.assess_by(&all());
    for code in ["LCE", "SHARP", "ALPHA_3PT", "NSA", "ADR", "SFP", "LLD"] {
        let of = assessment.measurements.iter().filter(|m| m.code == code && m.value.is_some());
        for m in of {
            println!("{code} {:?} {:.1} ± {:.1}", m.side, m.value.expect("some"), m.sd.unwrap_or(f64::NAN));
            assert!(m.ci95.is_some(), "{code} {:?}", m.side);
        }
    }
}
