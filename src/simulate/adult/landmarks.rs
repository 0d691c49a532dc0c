//! Where the landmarks of a film are, by one written definition each.
//!
//! | code | on the film |
//! |---|---|
//! | FHC | centre of the sphere fitted to the femoral head; its radius goes with it |
//! | NA, NC | middle of the neck at its isthmus: mean of the experts' superior, anterior, inferior and posterior points |
//! | LAE | lateral end of the roof: in each section of the hip bone parallel to the film the point with the greatest cover angle from FHC, between 1 and 1.35 head radii from it; the mean of the sections |
//! | LCP | where the femur's outline, followed down the superior neck, is first farther than 1.05 radii from the centre of the circle fitted to the head's outline (see [`crate::measure::femur::cam_point`]) |
//! | HN01–HN37 | that outline, from the superior neck over the head to the inferior neck |
//! | TD | lowest point, above the obturator foramen, of each such section; their mean |
//! | ISC | as low as the lowest point of the hip bone, in the middle of what lies within 2 mm of its height |
//! | GT | as high as the highest point of the femur within 22 mm of the experts' tip of the greater trochanter, in the middle likewise |
//! | LT | most medial point, across the shaft, within 12 mm of the experts' point of the lesser trochanter |
//! | SCJ | middle of the sacrum's section at the level of its inferior lateral angles |
//! | F01–F58, SHL, SHM | on the femur's outline ([`FemurOutline`]): shaft cut 1.6 head radii below the lesser trochanter; F08 most lateral, F18 lowest between tip of the trochanter and head, F24 and F42 where the head's sphere, 1.05 times as large, is left, F48 deepest between head and lesser trochanter; between them evenly |
//! | REF1, REF2 | FHC; midway between SHL and SHM |
//! | SP, SD | middle of the shaft 15 and 50 mm below the lesser trochanter |
//!
//! "Highest" and "lowest" are of the film. A point off the film is not among the landmarks.
//!
//! The sections lie within .3 head radii before and behind FHC: a film shows where many of them end, not where one does. Of
//! the rim's points as far as that the most lateral one, which LAE once was, lies on the posterior wall, where nothing on
//! the film tells how deep it is.

use super::beam::Beam;
use super::mesh::V3;
use super::outline::FemurOutline;
use super::scene::{PosedFemur, Scene};
use crate::measure::femur::cam_point;
use crate::measure::{Landmark, LandmarkCode, LandmarkId, LandmarkSet, Origin, Point, Side};

/// Tuberosities and trochanters end broad: their one lowest or highest point lies now at one end, now at the other, as the
/// bone turns by a degree. What is so little away from it, mm on the detector, has a say in where the middle is.
const CREST_MM: f64 = 2.0;

/// What is read off one hip; points are pixels.
#[derive(Debug, Clone)]
pub struct HipReading {
    pub head: Point,
    pub radius: f64,
    pub edge: Option<Point>,
    /// `None` for a femur that is turned too far to show its outline.
    pub outline: Option<FemurOutline>,
    pub socket: Option<Socket>,
}

/// The hip bone about the head's centre.
#[derive(Debug, Clone)]
pub struct Socket {
    /// Closed curves of each section that has a roof and ends above the foramen.
    pub sections: Vec<Vec<Vec<Point>>>,
    /// The teardrop's lowest point.
    pub lowest: Point,
}

impl HipReading {
    /// Reads the hip of `place` (0 right, 1 left).
    pub fn new(scene: &Scene, place: usize, beam: &Beam) -> HipReading {
        let femur = &scene.femora[place];
        let sections = sections(scene, place);
        HipReading {
            head: beam.project(&femur.head),
            radius: femur.radius * beam.scale(&femur.head),
            edge: lateral_edge(&sections, femur, beam),
            outline: FemurOutline::trace(femur, beam),
            socket: socket(&sections, femur, beam),
        }
    }
}

/// 1 where lateral is to the right of the film.
fn lateral(femur: &PosedFemur) -> f64 {
    if femur.side == Side::Left { 1.0 } else { -1.0 }
}

/// Closed curves of a section parallel to the film.
type Section = Vec<Vec<V3>>;

/// Sections of the hip bone, and how far before and behind the head's centre they lie, in head radii.
const SECTIONS: i32 = 7;
const DEPTH: f64 = 0.3;

fn sections(scene: &Scene, place: usize) -> Vec<Section> {
    let femur = &scene.femora[place];
    let bone = &scene.hips[place].outer;
    let share = |number: i32| 2.0 * f64::from(number) / f64::from(SECTIONS - 1) - 1.0;
    let depth = |number| femur.head.z + DEPTH * femur.radius * share(number);
    (0..SECTIONS).map(|number| bone.section(|p| p.z - depth(number))).collect()
}

fn mean(points: &[Point]) -> Option<Point> {
    let of = |axis: fn(&Point) -> f64| points.iter().map(axis).sum::<f64>() / points.len() as f64;
    (!points.is_empty()).then(|| Point::new(of(|p| p.x), of(|p| p.y)))
}

/// Rims that are read lie no farther round than this.
const MOST_COVER_DEG: f64 = 75.0;

/// `None` where most sections have no roof.
fn lateral_edge(sections: &[Section], femur: &PosedFemur, beam: &Beam) -> Option<Point> {
    let head = beam.project(&femur.head);
    let radius = femur.radius * beam.scale(&femur.head);
    let cover = |p: &Point| {
        let from = *p - head;
        (lateral(femur) * from.x).atan2(-from.y).to_degrees()
    };
    let end = |section: &Section| {
        let bone = section.iter().flatten().map(|p| beam.project(p));
        bone.filter(|p| (1.0..1.35).contains(&(p.distance(head) / radius)) && cover(p) < MOST_COVER_DEG)
            .max_by(|a, b| cover(a).total_cmp(&cover(b)))
    };
    let ends: Vec<Point> = sections.iter().filter_map(end).collect();
    mean(&ends).filter(|_| 2 * ends.len() > sections.len())
}

/// `None` where no section ends above the foramen.
fn socket(sections: &[Section], femur: &PosedFemur, beam: &Beam) -> Option<Socket> {
    let (wanted, lowest): (Vec<&Section>, Vec<Point>) = sections
        .iter()
        .filter_map(|section| Some((section, beam.project(lowest_of_wall(section, femur)?))))
        .unzip();
    let flat = |section: &&Section| -> Vec<Vec<Point>> {
        section.iter().map(|curve| curve.iter().map(|p| beam.project(p)).collect()).collect()
    };
    Some(Socket { sections: wanted.iter().map(flat).collect(), lowest: mean(&lowest)? })
}

/// The lower end of the socket's medial wall in a section; `None` where this has none.
fn lowest_of_wall<'a>(section: &'a Section, femur: &PosedFemur) -> Option<&'a V3> {
    let head = femur.head;
    let top = |curve: &Vec<V3>| curve.iter().map(|p| p.y).fold(f64::MAX, f64::min);
    // The part that has the roof: its upper end lies above the head.
    let roof = section.iter().filter(|curve| top(curve) < head.y - femur.radius);
    let wall = roof
        .flatten()
        .filter(|p| lateral(femur) * (p.x - head.x) < 0.0 && (p.x - head.x).abs() < 2.2 * femur.radius);
    let lowest = wall.max_by(|a, b| a.y.total_cmp(&b.y))?;
    // Farther down it would be the ischium; at the head's height the floor of the socket was cut through.
    (head.y + 0.3 * femur.radius..head.y + 1.6 * femur.radius).contains(&lowest.y).then_some(lowest)
}

/// Everything that lies on the film, of hips read as `readings` (right, left).
pub fn landmarks(scene: &Scene, readings: &[HipReading; 2], beam: &Beam) -> LandmarkSet {
    let mut set = LandmarkSet::default();
    let on = |value: f64, count: usize| (0.0..=count as f64 - 1.0).contains(&value);
    let mut put = |id: LandmarkId, at: Option<Point>| {
        if let Some(at) = at.filter(|p| on(p.x, beam.columns) && on(p.y, beam.rows)) {
            set.insert(id, Landmark::defined(at, None, Origin::File));
        }
    };
    for (place, (side, reading)) in Side::BOTH.into_iter().zip(readings).enumerate() {
        let femur = &scene.femora[place];
        let mut of = |code: LandmarkCode, at: Option<Point>| put(LandmarkId::new(code, side), at);
        let neck = beam.project(&femur.neck);
        of(LandmarkCode::FHC, Some(reading.head));
        of(LandmarkCode::NA, Some(neck));
        of(LandmarkCode::NC, Some(neck));
        of(LandmarkCode::LAE, reading.edge);
        of(LandmarkCode::TD, reading.socket.as_ref().map(|socket| socket.lowest));
        of(LandmarkCode::ISC, lowest(scene, place, beam));
        of(LandmarkCode::GT, greater(femur, beam));
        of(LandmarkCode::LT, lesser(femur, beam));
        for (code, p) in [LandmarkCode::SP, LandmarkCode::SD].into_iter().zip(&femur.shaft) {
            of(code, Some(beam.project(p)));
        }
        let Some(outline) = &reading.outline else { continue };
        of(LandmarkCode::LCP, outline.cam_point(side == Side::Right));
        for (number, p) in outline.head_neck(side == Side::Right).into_iter().flatten().enumerate() {
            of(cam_point::code(number), Some(p));
        }
        let points = outline.points_58();
        for (number, p) in points.iter().enumerate() {
            of(LandmarkCode::new(format!("F{:02}", number + 1)), Some(*p));
        }
        if let (Some(&first), Some(&last)) = (points.first(), points.last()) {
            of(LandmarkCode::new("SHL"), Some(first));
            of(LandmarkCode::new("SHM"), Some(last));
            of(LandmarkCode::new("REF1"), Some(reading.head));
            of(LandmarkCode::new("REF2"), Some(first.midpoint(last)));
        }
    }
    put(LandmarkId::midline(LandmarkCode::SCJ), Some(beam.project(&scene.sacrococcygeal)));
    for (side, reading) in Side::BOTH.into_iter().zip(readings) {
        let id = LandmarkId::new(LandmarkCode::FHC, side);
        if set.get(&id).is_some() {
            set.radii_px.insert(id, reading.radius);
        }
    }
    set
}

fn lowest(scene: &Scene, place: usize, beam: &Beam) -> Option<Point> {
    let bone = scene.hips[place].outer.vertices.iter().map(|p| beam.project(p));
    crest(bone, 1.0, CREST_MM / beam.pixel)
}

fn greater(femur: &PosedFemur, beam: &Beam) -> Option<Point> {
    let near = |p: &&V3| (*p - femur.greater).norm() < 22.0;
    let tip = femur.shell.outer.vertices.iter().filter(near).map(|p| beam.project(p));
    crest(tip, -1.0, CREST_MM / beam.pixel)
}

/// As low as the lowest of `bone` with `down` = 1, as high as the highest with −1, and in the middle of what lies nearly
/// there: the farther away, up to `height` pixels, the less it counts.
fn crest(bone: impl Iterator<Item = Point>, down: f64, height: f64) -> Option<Point> {
    let bone: Vec<Point> = bone.collect();
    let end = bone.iter().map(|p| down * p.y).reduce(f64::max)?;
    let (sum, weight) = bone.iter().fold((0.0, 0.0), |(sum, total), p| {
        let weight = (1.0 - (end - down * p.y) / height).max(0.0);
        (sum + weight * p.x, total + weight)
    });
    Some(Point::new(sum / weight, down * end))
}

fn lesser(femur: &PosedFemur, beam: &Beam) -> Option<Point> {
    let [proximal, distal] = femur.shaft.map(|p| beam.project(&p));
    let axis = (distal - proximal).unit()?;
    // Turned a quarter from the shaft, towards the midline.
    let medial = crate::measure::Vector::new(-axis.y, axis.x) * lateral(femur);
    let near = |p: &&V3| (*p - femur.lesser).norm() < 12.0;
    let hump = femur.shell.outer.vertices.iter().filter(near).map(|p| beam.project(p));
    hump.max_by(|a, b| (*a - proximal).dot(medial).total_cmp(&(*b - proximal).dot(medial)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A flat end 20 pixels wide that is turned by a hundredth this way and that: its extreme point changes ends.
    #[test]
    fn the_middle_of_a_flat_end_stays_where_it_is() {
        let turned = |slope: f64, down: f64| {
            let end = (-40..=40).map(move |i| {
                let x = 0.25 * f64::from(i);
                Point::new(x, slope * x)
            });
            // The rest of the bone lies far away.
            let rest = (0..50).map(move |i| Point::new(f64::from(i), -30.0 * down));
            crest(end.chain(rest), down, 4.0).unwrap()
        };
        for down in [1.0, -1.0] {
            assert!(turned(0.0, down).x.abs() < 1e-9);
            for slope in [-0.01, 0.01] {
                let at = turned(slope, down);
                assert!(at.x.abs() < 0.3, "{at:?}");
                assert!((down * at.y - 0.1).abs() < 1e-9, "as far down as its end: {at:?}");
            }
        }
        assert!(crest(std::iter::empty(), 1.0, 4.0).is_none());
    }
}
