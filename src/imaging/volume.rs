//! Slices of a series as stacks to scroll through, in the order of the body and not of the files.

use super::dicom::Placement;
use std::path::PathBuf;

/// Directions whose cosine is below this are different.
const PARALLEL: f64 = 0.999;
/// The normal of a named plane is nearer than 30° to an axis of the patient.
const NAMED: f64 = 0.866;
/// Positions nearer than this, in millimetres, are one.
const SAME: f64 = 0.01;

/// The plane in which slices lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plane {
    Axial,
    Coronal,
    Sagittal,
    Oblique,
}

/// One slice: a frame of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    pub path: PathBuf,
    /// From 1.
    pub frame: u32,
    /// Millimetres along the normal of the stack.
    pub position: f64,
}

/// Parallel slices of one size, each at a position of its own, from right to left, front to back or feet to head.
#[derive(Debug, Clone, PartialEq)]
pub struct Volume {
    pub plane: Plane,
    pub slices: Vec<Slice>,
    /// Millimetres between neighbouring slices; `None` where it varies by more than a tenth, or of one slice.
    pub step: Option<f64>,
}

impl Volume {
    /// Index of the middle slice.
    pub fn middle(&self) -> usize {
        self.slices.len() / 2
    }
}

/// A frame with its place.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub path: PathBuf,
    pub frame: u32,
    pub rows: usize,
    pub columns: usize,
    pub placement: Placement,
}

/// The stacks that `slices` make, in the order in which they are first met. Repeated positions (echoes, phases)
/// become stacks of their own.
pub(super) fn stacks(slices: Vec<Placed>) -> Vec<Volume> {
    let mut groups: Vec<(Placed, Vec<Placed>)> = Vec::new();
    for slice in slices {
        let fits = |first: &Placed| {
            (first.rows, first.columns) == (slice.rows, slice.columns)
                && dot(first.placement.along_row, slice.placement.along_row) > PARALLEL
                && dot(first.placement.along_column, slice.placement.along_column) > PARALLEL
        };
        match groups.iter_mut().find(|(first, _)| fits(first)) {
            Some((_, group)) => group.push(slice),
            None => groups.push((slice.clone(), vec![slice])),
        }
    }
    groups.into_iter().flat_map(|(first, group)| by_position(first.placement, group)).collect()
}

fn by_position(placement: Placement, group: Vec<Placed>) -> Vec<Volume> {
    let (plane, normal) = plane_of(placement);
    let mut slices: Vec<Slice> = group
        .into_iter()
        .map(|p| Slice { path: p.path, frame: p.frame, position: dot(p.placement.position, normal) })
        .collect();
    // Stable: among equal positions the order of acquisition stays.
    slices.sort_by(|a, b| a.position.total_cmp(&b.position));
    let mut volumes: Vec<Vec<Slice>> = Vec::new();
    for slice in slices {
        let is_free =
            |stack: &&mut Vec<Slice>| stack.last().is_none_or(|last| slice.position - last.position > SAME);
        match volumes.iter_mut().find(is_free) {
            Some(stack) => stack.push(slice),
            None => volumes.push(vec![slice]),
        }
    }
    volumes.into_iter().map(|slices| Volume { plane, step: step(&slices), slices }).collect()
}

fn step(slices: &[Slice]) -> Option<f64> {
    let steps: Vec<f64> = slices.windows(2).map(|pair| pair[1].position - pair[0].position).collect();
    let mean = steps.iter().sum::<f64>() / steps.len() as f64;
    (!steps.is_empty() && steps.iter().all(|s| (s - mean).abs() <= 0.1 * mean)).then_some(mean)
}

/// Plane and normal, the normal pointing along the axis of the patient that it is nearest to.
fn plane_of(placement: Placement) -> (Plane, [f64; 3]) {
    let ([a, b, c], [d, e, f]) = (placement.along_row, placement.along_column);
    let normal = [b * f - c * e, c * d - a * f, a * e - b * d];
    let length = dot(normal, normal).sqrt();
    if !length.is_finite() || length < 1e-6 {
        return (Plane::Oblique, [0.0, 0.0, 1.0]);
    }
    let axis = (0..3).max_by(|&i, &j| normal[i].abs().total_cmp(&normal[j].abs())).unwrap_or(2);
    let scale = normal[axis].signum() / length;
    let plane = match axis {
        _ if normal[axis].abs() / length < NAMED => Plane::Oblique,
        0 => Plane::Sagittal,
        1 => Plane::Coronal,
        _ => Plane::Axial,
    };
    (plane, normal.map(|v| v * scale))
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(name: &str, position: [f64; 3], along_row: [f64; 3], along_column: [f64; 3]) -> Placed {
        let placement = Placement { position, along_row, along_column };
        Placed { path: name.into(), frame: 1, rows: 4, columns: 4, placement }
    }

    #[test]
    fn coronal_slices_go_from_front_to_back() {
        let (x, down) = ([1.0, 0.0, 0.0], [0.0, 0.0, -1.0]);
        let slices = [3.0, -1.0, 1.0].map(|y| slice(&y.to_string(), [0.0, y, 0.0], x, down));
        let [volume] = &stacks(slices.to_vec())[..] else { panic!("one stack") };
        assert_eq!((volume.plane, volume.step), (Plane::Coronal, Some(2.0)));
        let names: Vec<_> = volume.slices.iter().map(|s| s.path.to_string_lossy().into_owned()).collect();
        assert_eq!(names, ["-1", "1", "3"]);
        assert_eq!(volume.middle(), 1);
    }

    #[test]
    fn echoes_and_scouts_are_stacks_of_their_own() {
        let (x, y, down) = ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, -1.0]);
        let mut slices: Vec<Placed> = Vec::new();
        for z in [0.0, 5.0] {
            slices.push(slice("first echo", [0.0, 0.0, z], x, y));
            slices.push(slice("second echo", [0.0, 0.0, z], x, y));
        }
        slices.push(slice("scout", [0.0; 3], y, down));
        let found = stacks(slices);
        let planes: Vec<_> = found.iter().map(|v| (v.plane, v.slices.len())).collect();
        assert_eq!(planes, [(Plane::Axial, 2), (Plane::Axial, 2), (Plane::Sagittal, 1)]);
        assert!(found[0].slices.iter().all(|s| s.path.to_string_lossy() == "first echo"));
    }

    #[test]
    fn tilted_planes_have_no_name() {
        let s = 0.5f64.sqrt();
        let tilted = slice("t", [0.0; 3], [1.0, 0.0, 0.0], [0.0, s, -s]);
        assert_eq!(stacks(vec![tilted])[0].plane, Plane::Oblique);
    }
}
