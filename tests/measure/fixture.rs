//! Fixtures P (child) and A (adult) of the measurement specification, and the ways in which the same hip can be stored.

use coxa::measure::{
    Assessment, Landmark, LandmarkCode, LandmarkId, LandmarkSet, Measurement, Origin, Panel, Point, Protocol,
    Side, Spacing, SpacingStatus, Status, Unit,
};

/// 0.2 mm pixels; femoral heads of 50 px radius.
const POINTS: [(&str, Side, f64, f64); 8] = [
    ("TRC", Side::Right, 400.0, 500.0),
    ("TRC", Side::Left, 600.0, 500.0),
    ("SMA", Side::Right, 300.0, 450.0),
    ("SMA", Side::Left, 700.0, 430.0),
    ("FH", Side::Right, 340.0, 520.0),
    ("FH", Side::Left, 720.0, 510.0),
    ("HP", Side::Right, 330.0, 540.0),
    ("HP", Side::Left, 720.0, 525.0),
];

/// 0.2 mm pixels; femoral heads of 120 px radius.
const ADULT: [(&str, Side, f64, f64); 15] = [
    ("TD", Side::Right, 800.0, 1200.0),
    ("TD", Side::Left, 1200.0, 1200.0),
    ("FHC", Side::Right, 600.0, 1060.0),
    ("FHC", Side::Left, 1400.0, 1060.0),
    ("LAE", Side::Right, 520.0, 960.0),
    ("LAE", Side::Left, 1430.0, 960.0),
    ("LSE", Side::Right, 540.0, 960.0),
    ("MSE", Side::Right, 640.0, 975.0),
    ("AD", Side::Right, 680.0, 960.0),
    ("NA", Side::Right, 480.0, 1180.0),
    ("NC", Side::Right, 480.0, 1180.0),
    ("LCP", Side::Right, 490.0, 1010.0),
    ("SP", Side::Right, 430.0, 1300.0),
    ("SD", Side::Right, 440.0, 1700.0),
    ("LT", Side::Right, 470.0, 1400.0),
];
const ADULT_MIDLINE: [(&str, f64, f64); 3] =
    [("SCJ", 1000.0, 1000.0), ("PSS", 1000.0, 1200.0), ("S1M", 1000.0, 700.0)];

pub const R: Option<Side> = Some(Side::Right);
pub const L: Option<Side> = Some(Side::Left);

pub fn id(code: &str, side: Side) -> LandmarkId {
    LandmarkId::new(LandmarkCode::new(code), side)
}

pub fn spacing(row: f64, column: f64) -> Spacing {
    Spacing::millimetres(row, column, SpacingStatus::Calibrated).expect("positive")
}

/// Landmarks with the spacing that gives them their size.
#[derive(Debug, Clone)]
pub struct Film {
    pub landmarks: LandmarkSet,
    pub spacing: Spacing,
}

impl Film {
    pub fn fixture_p() -> Film {
        let mut landmarks = LandmarkSet::default();
        for (code, side, x, y) in POINTS {
            landmarks.insert(id(code, side), Landmark::defined(Point::new(x, y), None, Origin::File));
        }
        for side in Side::BOTH {
            landmarks.radii_px.insert(id("FH", side), 50.0);
        }
        Film { landmarks, spacing: spacing(0.2, 0.2) }
    }

    pub fn fixture_a() -> Film {
        let mut film = Film::empty();
        for (code, side, x, y) in ADULT {
            film = film.with(code, side, x, y);
        }
        for (code, x, y) in ADULT_MIDLINE {
            film = film.with_midline(code, x, y);
        }
        film.with("LT", Side::Left, 1530.0, 1430.0).with_radius("FHC", Side::Right, 120.0).with_radius(
            "FHC",
            Side::Left,
            120.0,
        )
    }

    /// 0.2 mm pixels and no landmark.
    pub fn empty() -> Film {
        Film { landmarks: LandmarkSet::default(), spacing: spacing(0.2, 0.2) }
    }

    pub fn with_midline(mut self, code: &str, x: f64, y: f64) -> Film {
        let id = LandmarkId::midline(LandmarkCode::new(code));
        self.landmarks.insert(id, Landmark::defined(Point::new(x, y), None, Origin::File));
        self
    }

    pub fn with_radius(mut self, code: &str, side: Side, radius: f64) -> Film {
        self.landmarks.radii_px.insert(id(code, side), radius);
        self
    }

    pub fn with_curve(mut self, code: &str, side: Side, points: &[(f64, f64)]) -> Film {
        let points = points.iter().map(|(x, y)| Point::new(*x, *y)).collect();
        self.landmarks.polylines.insert(id(code, side), points);
        self
    }

    pub fn with(mut self, code: &str, side: Side, x: f64, y: f64) -> Film {
        self.landmarks.insert(id(code, side), Landmark::defined(Point::new(x, y), None, Origin::File));
        self
    }

    pub fn without(mut self, code: &str, side: Side) -> Film {
        self.landmarks.points.remove(&id(code, side));
        self
    }

    /// Every point with the same per-axis deviation.
    pub fn with_deviation(mut self, sd_px: f64) -> Film {
        for landmark in self.landmarks.points.values_mut() {
            if let Some(position) = landmark.position() {
                *landmark = Landmark::defined(position, Some(sd_px), landmark.origin);
            }
        }
        self
    }

    pub fn map(mut self, f: impl Fn(Point) -> Point) -> Film {
        for landmark in self.landmarks.points.values_mut() {
            if let Some(position) = landmark.position() {
                *landmark = Landmark::defined(f(position), landmark.sd_px(), landmark.origin);
            }
        }
        for point in self.landmarks.polylines.values_mut().flatten() {
            *point = f(*point);
        }
        self
    }

    /// Turned in the image about its first pixel; needs square pixels.
    pub fn turned(self, degrees: f64) -> Film {
        let (sin, cos) = degrees.to_radians().sin_cos();
        self.map(|p| Point::new(p.x * cos - p.y * sin, p.x * sin + p.y * cos))
    }

    /// Stored left to right: the labels stay with the patient.
    pub fn mirrored(self) -> Film {
        self.map(|p| Point::new(2000.0 - p.x, p.y))
    }

    pub fn shifted(self, x: f64, y: f64) -> Film {
        self.map(|p| Point::new(p.x + x, p.y + y))
    }

    /// The same millimetres in pixels of another size.
    pub fn stored_with(self, row: f64, column: f64) -> Film {
        let old = self.spacing;
        let stretch = old.column / column;
        let mut film = self.map(|p| Point::new(p.x * stretch, p.y * old.row / row));
        film.landmarks.radii_px.values_mut().for_each(|radius| *radius *= stretch);
        film.spacing = Spacing { row, column, status: old.status };
        film
    }

    pub fn assess(&self) -> Assessment {
        coxa::measure::assess(&self.landmarks, &self.spacing)
    }

    pub fn assess_by(&self, protocol: &Protocol) -> Assessment {
        coxa::measure::assess_by(&self.landmarks, &self.spacing, protocol)
    }

    /// [`Film::stored_in_all_ways`], and 10⁴ px away.
    pub fn stored_everywhere(&self) -> Vec<(&'static str, Film)> {
        let mut ways = self.stored_in_all_ways();
        ways.push(("shifted by 10⁴ px", self.clone().shifted(1e4, -1e4)));
        ways
    }

    /// Every way of storing that must change no result, named.
    pub fn stored_in_all_ways(&self) -> Vec<(&'static str, Film)> {
        let film = || self.clone();
        vec![
            ("as given", film()),
            ("turned 5°", film().turned(5.0)),
            ("turned −5°", film().turned(-5.0)),
            ("mirrored", film().mirrored()),
            ("shifted", film().shifted(-731.25, 94.5)),
            ("0.1\\0.2 mm pixels", film().stored_with(0.1, 0.2)),
            ("0.3\\0.1 mm pixels", film().stored_with(0.3, 0.1)),
            ("turned, mirrored and 0.1\\0.2 mm pixels", film().turned(5.0).mirrored().stored_with(0.1, 0.2)),
            ("upside down", film().turned(180.0)),
            ("on its side", film().turned(90.0)),
        ]
    }
}

/// Everything that can be measured, listed.
pub fn all() -> Protocol {
    Protocol { panel: Panel::All, ..Protocol::default() }
}

/// One measurement of the film, whatever the film offers.
#[track_caller]
pub fn measured(film: &Film, code: &str, side: Option<Side>) -> Measurement {
    film.assess_by(&all()).measurement(code, side).cloned().expect("is listed")
}

/// Asserts a value, within `slack`, in every way of storing the same hip.
#[track_caller]
pub fn expect_in_all_ways(
    film: &Film,
    code: &str,
    side: Option<Side>,
    (expected, slack): (f64, f64),
    unit: Unit,
    status: Status,
) {
    for (way, film) in film.stored_everywhere() {
        let measurement = measured(&film, code, side);
        let value = measurement.value.unwrap_or_else(|| panic!("{code} {way}: {}", measurement.reason));
        assert!((value - expected).abs() <= slack, "{code} {way}: {value}, expected {expected}");
        assert_eq!((measurement.unit, measurement.status), (unit, status), "{code} {way}");
    }
}
