//! The loss of weighted heatmap displacement voting (paper: see [`crate::models::whdv`]), and what we add.
//!
//! Per pixel: P_w·((P_x − P̂_x)² + (P_y − P̂_y)²) + (P_w − P̂_w)². Displacements are in units of σ, and each point's
//! sum is divided by its ΣP_w, so that a point counts the same wherever it lies on the grid. Ours: the
//! Kullback–Leibler divergence of the weight plane as a distribution over the grid, which finds the place
//! within the first hundred steps where squared errors of a nearly empty plane take thousands; and the
//! cross-entropy of whether an optional point is there.

use super::learner::Loss;
use crate::measure::Point;
use crate::models::layers::spatial_log_softmax;
use crate::models::whdv::Planes;
use candle_core::{D, Device, Result, Tensor};
use serde::{Deserialize, Serialize};

/// Weights of the parts of the loss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LossConfig {
    /// The paper's displacement term.
    pub displacement: f64,
    /// Whether displacements count by the heatmap, as in the paper; `false` is its comparison "HDV".
    pub weighted: bool,
    /// The paper's heatmap term.
    pub heatmap: f64,
    /// Ours: cross-entropy of the weight plane as a distribution over the grid; the paper has 0.
    pub cross_entropy: f64,
    /// Ours: whether optional landmarks are there.
    pub presence: f64,
}

impl Default for LossConfig {
    fn default() -> Self {
        Self { displacement: 1.0, weighted: true, heatmap: 1.0, cross_entropy: 1.0, presence: 1.0 }
    }
}

impl LossConfig {
    /// The paper's: nothing is added.
    pub const PAPER: Self =
        Self { displacement: 1.0, weighted: true, heatmap: 1.0, cross_entropy: 0.0, presence: 0.0 };
}

/// What is true of one point of one film.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Truth {
    /// In frame pixels.
    At(Point),
    /// It is not there.
    Absent,
    /// Outside the frame, or nobody said: it teaches nothing.
    Unknown,
}

/// Geometry of the target planes.
#[derive(Debug, Clone, Copy)]
pub struct Targets {
    pub stride: usize,
    pub sigma_px: f64,
    pub truncation_px: f64,
}

/// Names of the parts.
pub const PARTS: &[&str] = &["displacement", "heatmap", "cross_entropy", "presence"];

/// The loss of a batch and its [`PARTS`], as means over the points that teach; `truth` is film by film in the order of
/// the planes, `optional` says which planes learn presence.
///
/// # Errors
/// Shapes that do not fit.
pub fn whdv_loss(
    planes: &Planes,
    truth: &[Vec<Truth>],
    optional: &[bool],
    targets: &Targets,
    weights: &LossConfig,
) -> Result<Loss> {
    let (batch, points, rows, columns) = planes.weight_logit.dims4()?;
    let device = planes.weight_logit.device();
    let flat = truth.iter().flatten();
    if truth.len() != batch || flat.clone().count() != batch * points || optional.len() != points {
        candle_core::bail!("the truth of {} films does not fit a batch of {batch} × {points}", truth.len());
    }
    let per_point = |value: &dyn Fn(&Truth) -> f32| {
        Tensor::from_vec(flat.clone().map(value).collect::<Vec<_>>(), (batch, points), device)
    };
    let position = |truth: &Truth| match truth {
        Truth::At(p) => *p,
        _ => Point::default(),
    };
    let seen = per_point(&|t| if matches!(t, Truth::At(_)) { 1.0 } else { 0.0 })?;
    let x = per_point(&|t| position(t).x as f32)?.reshape((batch, points, 1, 1))?;
    let y = per_point(&|t| position(t).y as f32)?.reshape((batch, points, 1, 1))?;
    let dx = x.broadcast_sub(&centres(columns, targets.stride, device)?.reshape((1, 1, 1, columns))?)?;
    let dy = y.broadcast_sub(&centres(rows, targets.stride, device)?.reshape((1, 1, rows, 1))?)?;
    let heat = dx.sqr()?.broadcast_add(&dy.sqr()?)?.affine(-0.5 / targets.sigma_px.powi(2), 0.0)?.exp()?;
    let mass = spatial_sum(&heat)?.clamp(1e-6, f64::INFINITY)?;

    let unit = |d: &Tensor| {
        d.clamp(-targets.truncation_px, targets.truncation_px)?.affine(1.0 / targets.sigma_px, 0.0)
    };
    let error = |axis: usize, target: &Tensor| {
        planes.displacement.narrow(2, axis, 1)?.squeeze(2)?.broadcast_sub(target)?.sqr()
    };
    let square = (error(0, &unit(&dx)?)? + error(1, &unit(&dy)?)?)?;
    let square = if weights.weighted { (square * &heat)? } else { square };
    let displacement = (spatial_sum(&square)? / &mass)?;
    let heatmap = (spatial_sum(&(planes.weight()? - &heat)?.sqr()?)? / &mass)?;
    let divergence = || {
        let distribution = heat.broadcast_div(&mass.reshape((batch, points, 1, 1))?)?;
        let log_distribution = (distribution.clamp(1e-30, 1.0))?.log()?;
        let gap = (log_distribution - spatial_log_softmax(&planes.weight_logit)?)?;
        spatial_sum(&(distribution * gap)?)
    };

    let count = seen.sum_all()?.clamp(1.0, f64::INFINITY)?;
    let mean = |values: &Tensor| (values * &seen)?.sum_all()? / &count;
    // What does not count is not computed: over the planes of 58 points that is dear.
    let part = |weight: f64, value: &dyn Fn() -> Result<Tensor>| {
        if weight == 0.0 { Tensor::zeros((), seen.dtype(), device) } else { value()? * weight }
    };
    let parts = [
        part(weights.displacement, &|| mean(&displacement))?,
        part(weights.heatmap, &|| mean(&heatmap))?,
        part(weights.cross_entropy, &|| mean(&divergence()?))?,
        part(weights.presence, &|| presence(planes, truth, optional, device))?,
    ];
    let parts = Tensor::stack(&parts, 0)?;
    Ok(Loss { total: parts.sum_all()?, parts: parts.detach() })
}

/// Frame coordinates of the cells' centres along an axis.
fn centres(count: usize, stride: usize, device: &Device) -> Result<Tensor> {
    let of = |i: usize| ((i as f64 + 0.5) * stride as f64 - 0.5) as f32;
    Tensor::from_vec((0..count).map(of).collect::<Vec<_>>(), count, device)
}

/// `[batch, points, rows, columns]` to `[batch, points]`.
fn spatial_sum(x: &Tensor) -> Result<Tensor> {
    x.flatten_from(2)?.sum(D::Minus1)
}

/// Binary cross-entropy over the optional points whose presence is known.
fn presence(planes: &Planes, truth: &[Vec<Truth>], optional: &[bool], device: &Device) -> Result<Tensor> {
    let shape = planes.presence_logit.dims2()?;
    let mut known = Vec::with_capacity(shape.0 * shape.1);
    let mut there = Vec::with_capacity(shape.0 * shape.1);
    for film in truth {
        for (truth, optional) in film.iter().zip(optional) {
            known.push(if *optional && *truth != Truth::Unknown { 1.0_f32 } else { 0.0 });
            there.push(if matches!(truth, Truth::At(_)) { 1.0_f32 } else { 0.0 });
        }
    }
    let count = known.iter().sum::<f32>().max(1.0);
    let (known, there) = (Tensor::from_vec(known, shape, device)?, Tensor::from_vec(there, shape, device)?);
    let z = &planes.presence_logit;
    let positive = z.relu()?;
    let magnitude = (&positive + z.neg()?.relu()?)?;
    let entropy = ((positive - (z * there)?)? + (magnitude.neg()?.exp()? + 1.0)?.log()?)?;
    (entropy * known)?.sum_all()? / f64::from(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{DType, Var};

    const TARGETS: Targets = Targets { stride: 4, sigma_px: 6.0, truncation_px: 24.0 };

    fn planes(displacement: &Tensor, weight_logit: &Tensor, presence_logit: &Tensor) -> Planes {
        Planes {
            displacement: displacement.clone(),
            weight_logit: weight_logit.clone(),
            presence_logit: presence_logit.clone(),
        }
    }

    /// Perfect planes for one film with one point at `p`.
    fn perfect(p: Point) -> (Tensor, Tensor, Tensor) {
        let (mut x, mut y, mut z) = (vec![], vec![], vec![]);
        for row in 0..8 {
            for column in 0..8 {
                let dx = p.x - (f64::from(column) * 4.0 + 1.5);
                let dy = p.y - (f64::from(row) * 4.0 + 1.5);
                x.push((dx.clamp(-24.0, 24.0) / 6.0) as f32);
                y.push((dy.clamp(-24.0, 24.0) / 6.0) as f32);
                let heat = (-(dx * dx + dy * dy) / 72.0).exp().clamp(1e-7, 1.0 - 1e-7);
                z.push((heat / (1.0 - heat)).ln() as f32);
            }
        }
        x.extend(y);
        let device = &Device::Cpu;
        (
            Tensor::from_vec(x, (1, 1, 2, 8, 8), device).unwrap(),
            Tensor::from_vec(z, (1, 1, 8, 8), device).unwrap(),
            Tensor::from_vec(vec![20.0_f32], (1, 1), device).unwrap(),
        )
    }

    fn parts(planes: &Planes, truth: Truth) -> Vec<f32> {
        let weights = LossConfig::default();
        whdv_loss(planes, &[vec![truth]], &[true], &TARGETS, &weights).unwrap().parts.to_vec1().unwrap()
    }

    #[test]
    fn perfect_planes_have_no_displacement_heatmap_or_presence_loss() {
        let p = Point::new(13.0, 17.5);
        let (d, z, q) = perfect(p);
        let parts = parts(&planes(&d, &z, &q), Truth::At(p));
        assert!(parts[0] < 1e-9 && parts[1] < 1e-6 && parts[3] < 1e-6, "{parts:?}");
    }

    /// Against the paper's formula, written out pixel by pixel.
    #[test]
    fn the_first_two_terms_are_the_papers() {
        let p = Point::new(9.0, 21.0);
        let d = Tensor::from_vec(
            (0..128).map(|i| (i as f32 * 0.37).sin()).collect(),
            (1, 1, 2, 8, 8),
            &Device::Cpu,
        )
        .unwrap();
        let z =
            Tensor::from_vec((0..64).map(|i| (i as f32 * 0.71).cos()).collect(), (1, 1, 8, 8), &Device::Cpu)
                .unwrap();
        let found =
            parts(&planes(&d, &z, &Tensor::zeros((1, 1), DType::F32, &Device::Cpu).unwrap()), Truth::At(p));
        let (dv, zv) = (
            d.flatten_all().unwrap().to_vec1::<f32>().unwrap(),
            z.flatten_all().unwrap().to_vec1::<f32>().unwrap(),
        );
        let (mut displacement, mut heatmap, mut mass) = (0.0, 0.0, 0.0);
        for i in 0..64 {
            let (x, y) = ((i % 8) as f64 * 4.0 + 1.5, (i / 8) as f64 * 4.0 + 1.5);
            let t = |v: f64| v.clamp(-24.0, 24.0) / 6.0;
            let pw = (-((p.x - x).powi(2) + (p.y - y).powi(2)) / 72.0).exp();
            displacement +=
                pw * ((t(p.x - x) - f64::from(dv[i])).powi(2) + (t(p.y - y) - f64::from(dv[64 + i])).powi(2));
            heatmap += (pw - 1.0 / (1.0 + (-f64::from(zv[i])).exp())).powi(2);
            mass += pw;
        }
        assert!(
            (f64::from(found[0]) - displacement / mass).abs() < 1e-4,
            "{found:?} {}",
            displacement / mass
        );
        assert!((f64::from(found[1]) - heatmap / mass).abs() < 1e-4, "{found:?} {}", heatmap / mass);
    }

    /// The paper's comparison: displacements are wrong everywhere alike.
    #[test]
    fn unweighted_displacements_count_the_same_everywhere() {
        let (d, z, q) = perfect(Point::new(13.0, 17.5));
        let off = |index: usize| {
            let mut values = d.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            values[index] += 1.0;
            let d = Tensor::from_vec(values, (1, 1, 2, 8, 8), &Device::Cpu).unwrap();
            let weights = LossConfig { weighted: false, ..LossConfig::PAPER };
            let truth = [vec![Truth::At(Point::new(13.0, 17.5))]];
            let loss = whdv_loss(&planes(&d, &z, &q), &truth, &[true], &TARGETS, &weights).unwrap();
            loss.parts.to_vec1::<f32>().unwrap()
        };
        let (near, far) = (off(3 * 8 + 3), off(63));
        assert!((near[0] - far[0]).abs() < 1e-6 && near[0] > 0.01, "{near:?} {far:?}");
        assert_eq!(&near[2..], &[0.0, 0.0]);
    }

    #[test]
    fn absent_points_teach_presence_only_and_unknown_ones_nothing() {
        let (d, z, q) = perfect(Point::new(10.0, 10.0));
        let absent = parts(&planes(&d, &z, &q), Truth::Absent);
        assert_eq!(&absent[..3], &[0.0, 0.0, 0.0]);
        assert!((absent[3] - 20.0).abs() < 1e-3);
        assert_eq!(parts(&planes(&d, &z, &q), Truth::Unknown), vec![0.0; 4]);
    }

    /// The gradient of every plane against central differences.
    #[test]
    fn the_gradient_is_the_slope() {
        let wave = |n: usize, f: f32| (0..n).map(|i| (i as f32 * f).sin()).collect::<Vec<_>>();
        let values = [wave(128, 0.31), wave(64, 0.53), vec![0.7]];
        let truth = [vec![Truth::At(Point::new(14.0, 11.0))]];
        let loss = |values: &[Vec<f32>; 3]| {
            let var = |v: &Vec<f32>, shape: &[usize]| {
                Var::from_tensor(&Tensor::from_vec(v.clone(), shape, &Device::Cpu).unwrap()).unwrap()
            };
            let vars =
                [var(&values[0], &[1, 1, 2, 8, 8]), var(&values[1], &[1, 1, 8, 8]), var(&values[2], &[1, 1])];
            let planes = planes(&vars[0], &vars[1], &vars[2]);
            let total = whdv_loss(&planes, &truth, &[true], &TARGETS, &LossConfig::default()).unwrap().total;
            (vars, total)
        };
        let (vars, total) = loss(&values);
        let grads = total.backward().unwrap();
        for (plane, index) in [(0, 20), (0, 90), (1, 18), (1, 27), (1, 60), (2, 0)] {
            let grad =
                grads.get(&vars[plane]).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap()[index];
            let shifted = |by: f32| {
                let mut values = values.clone();
                values[plane][index] += by;
                loss(&values).1.to_scalar::<f32>().unwrap()
            };
            let slope = (shifted(0.02) - shifted(-0.02)) / 0.04;
            assert!((grad - slope).abs() < 2e-3 * (1.0 + slope.abs()), "{plane} {index}: {grad} {slope}");
        }
    }
}
