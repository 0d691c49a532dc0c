//! From greys to raw points: frame, network, mirrored second opinion, votes, and a second, closer look.
//!
//! Nothing is refused or calibrated here; [`super::predictor`] does that, and training measures this.

use super::ModelError;
use super::frame::{Frame, FramedImage};
use super::plan::Plan;
use super::voting::{Elected, PointPlanes, elect};
use super::whdv::Whdv;
use crate::job::{Cancelled, Job};
use crate::measure::{LandmarkCode, LandmarkId, Point, Side};
use candle_core::{Device, Tensor};

/// Brightness the other way round must be this much more convincing before it is believed.
const POLARITY_MARGIN: f64 = 1.15;
/// A second look is taken only at a first one that was at least this sure of both TRCs.
const SECOND_LOOK_CONFIDENCE: f64 = 0.05;

/// Why there are no points.
#[derive(Debug, thiserror::Error)]
pub enum DetectError {
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    #[error(transparent)]
    Model(#[from] ModelError),
}

impl From<candle_core::Error> for DetectError {
    fn from(error: candle_core::Error) -> Self {
        Self::Model(error.into())
    }
}

/// A point as the votes gave it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detected {
    /// In image pixels.
    pub position: Point,
    /// Per-axis SD of the votes in image pixels, not calibrated.
    pub spread: f64,
    /// 0–1, see [`Elected::confidence`].
    pub confidence: f64,
    /// Probability that the point is there at all; 1 for landmarks that always are.
    pub presence: f64,
}

/// All planes' points of one image.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// In the plan's order; `None` where no vote had any weight.
    pub points: Vec<Option<Detected>>,
    /// The picture was read with its greys turned round.
    pub inverted: bool,
    /// SD of the greys over their range; 0 for a blank picture.
    pub contrast: f32,
}

/// A network with its plan, on a device.
#[derive(Debug, Clone)]
pub struct Detector {
    network: Whdv,
    plan: Plan,
    ids: Vec<LandmarkId>,
    /// Plane of the same landmark on the other side.
    mirror: Vec<usize>,
    device: Device,
}

/// Planes of one look, averaged over the mirrored opinions, on the host.
struct HostPlanes {
    dx: Vec<Vec<f32>>,
    dy: Vec<Vec<f32>>,
    weight: Vec<Vec<f32>>,
    presence: Vec<f64>,
}

impl Detector {
    /// # Errors
    /// A plan whose landmarks have no names, or not both sides.
    pub fn new(network: Whdv, plan: Plan, device: Device) -> Result<Self, ModelError> {
        let damaged = |reason: String| ModelError::Damaged { id: plan.id.clone(), reason };
        let ids = plan.ids().map_err(damaged)?;
        let mirror = ids
            .iter()
            .map(|id| ids.iter().position(|other| is_mirror(id, other)))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| damaged("a landmark lacks its other side".to_owned()))?;
        Ok(Self { network, plan, ids, mirror, device })
    }

    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    pub fn ids(&self) -> &[LandmarkId] {
        &self.ids
    }

    /// The points of a picture whose bone is bright, taken to have the patient's right on its left.
    ///
    /// # Errors
    /// Cancellation, and failures of the device.
    pub fn detect(
        &self,
        grey: &[f32],
        rows: usize,
        columns: usize,
        job: &Job,
    ) -> Result<Detection, DetectError> {
        let first = Frame::letterbox(rows, columns, self.plan.frame);
        let image = first.render(grey, rows, columns, self.plan.neighbourhood_px);
        job.check()?;
        job.report("network", 0.1);
        let upright = self.look(&image, false)?;
        job.check()?;
        job.report("network", 0.4);
        let turned = self.look(&image, true)?;
        let inverted = conviction(&turned) > POLARITY_MARGIN * conviction(&upright);
        let looked = if inverted { turned } else { upright };
        let mut points = to_image(&first, &looked);
        job.check()?;
        job.report("network", 0.7);
        if let Some(closer) = self.closer(&first, &points) {
            let image = closer.render(grey, rows, columns, self.plan.neighbourhood_px);
            points = to_image(&closer, &self.look(&image, inverted)?);
        }
        job.report("network", 1.0);
        Ok(Detection { points, inverted, contrast: image.contrast })
    }

    /// The frame in which the pelvis that `points` show has the size and the attitude of the training.
    fn closer(&self, first: &Frame, points: &[Option<Detected>]) -> Option<Frame> {
        let trc = |side| {
            let plane = self.ids.iter().position(|id| *id == LandmarkId::new(LandmarkCode::TRC, side))?;
            points.get(plane).copied().flatten().filter(|p| p.confidence > SECOND_LOOK_CONFIDENCE)
        };
        let (right, left) = (trc(Side::Right)?.position, trc(Side::Left)?.position);
        let distance = right.distance(left);
        if self.plan.second_look <= 0.0 || distance * first.scale < 0.1 * first.side as f64 {
            return None;
        }
        let line = left - right;
        Some(Frame {
            side: first.side,
            scale: self.plan.second_look * first.side as f64 / distance,
            centre: right.midpoint(left),
            rotation: -line.y.atan2(line.x).clamp(-0.6, 0.6),
        })
    }

    /// Both the picture and its mirror image through the network, then the votes.
    fn look(&self, image: &FramedImage, inverted: bool) -> Result<Vec<Option<(Elected, f64)>>, DetectError> {
        let planes = self.planes(image, inverted)?;
        let side = self.plan.frame / self.plan.architecture.stride();
        let elected = (0..self.ids.len())
            .map(|plane| {
                let planes_of = PointPlanes {
                    rows: side,
                    columns: side,
                    stride: self.plan.architecture.stride(),
                    dx: &planes.dx[plane],
                    dy: &planes.dy[plane],
                    weight: &planes.weight[plane],
                };
                let presence = if self.plan.is_optional(plane) { planes.presence[plane] } else { 1.0 };
                elect(&planes_of, &self.plan.voting).map(|elected| (elected, presence))
            })
            .collect();
        Ok(elected)
    }

    fn planes(&self, image: &FramedImage, inverted: bool) -> Result<HostPlanes, DetectError> {
        let side = self.plan.frame;
        let sign = if inverted { -1.0 } else { 1.0 };
        let mut batch: Vec<f32> = image.values.iter().map(|v| sign * v).collect();
        for row in image.values.chunks_exact(side) {
            batch.extend(row.iter().rev().map(|v| sign * v));
        }
        let input = Tensor::from_vec(batch, (2, 1, side, side), &self.device)?;
        let out = self.network.forward(&input)?;
        let displacement = (out.displacement * self.plan.sigma_px)?.flatten_all()?.to_vec1::<f32>()?;
        let logit = out.weight_logit.flatten_all()?.to_vec1::<f32>()?;
        let presence = out.presence_logit.flatten_all()?.to_vec1::<f32>()?;
        let n = self.ids.len();
        let cells = logit.len() / (2 * n);
        let width = side / self.plan.architecture.stride();
        // Cell of the mirrored picture that shows what `cell` shows.
        let reflected = |cell: usize| cell - cell % width + (width - 1 - cell % width);
        let mut planes = HostPlanes { dx: vec![], dy: vec![], weight: vec![], presence: vec![] };
        for plane in 0..n {
            let other = n + self.mirror[plane];
            let mean = |a: f32, b: f32| 0.5 * (a + b);
            let both = |values: &[f32], a: usize, b: usize, sign: f32| -> Vec<f32> {
                (0..cells).map(|cell| mean(values[a + cell], sign * values[b + reflected(cell)])).collect()
            };
            planes.dx.push(both(&displacement, 2 * plane * cells, 2 * other * cells, -1.0));
            planes.dy.push(both(&displacement, (2 * plane + 1) * cells, (2 * other + 1) * cells, 1.0));
            let weight = both(&logit, plane * cells, other * cells, 1.0);
            planes.weight.push(weight.into_iter().map(|z| 1.0 / (1.0 + (-z).exp())).collect());
            planes.presence.push(1.0 / (1.0 + (-f64::from(mean(presence[plane], presence[other]))).exp()));
        }
        Ok(planes)
    }
}

fn is_mirror(a: &LandmarkId, b: &LandmarkId) -> bool {
    a.code == b.code && a.side.map(Side::opposite) == b.side
}

/// How sure a look is of the points that every pelvis has.
fn conviction(points: &[Option<(Elected, f64)>]) -> f64 {
    points.iter().flatten().map(|(elected, presence)| elected.confidence * presence).sum()
}

fn to_image(frame: &Frame, points: &[Option<(Elected, f64)>]) -> Vec<Option<Detected>> {
    points
        .iter()
        .map(|point| {
            point.map(|(elected, presence)| Detected {
                position: frame.to_image(elected.position),
                spread: elected.spread / frame.scale,
                confidence: elected.confidence,
                presence,
            })
        })
        .collect()
}
