//! Weighted heatmap displacement voting as a detector: frame, network, mirrored second opinion, votes, and a second,
//! closer look.

use super::ModelError;
use super::frame::{Frame, FramedImage};
use super::landmark_detector::{DetectError, Detected, Detection, LandmarkDetector, NotFound, mirrored};
use super::looks::{Looks, together};
use super::members::{is_one, one, variables};
use super::voting::{Elected, PointPlanes, Voting, elect};
use super::whdv::{Architecture, Whdv};
use crate::job::Job;
use crate::measure::{LandmarkCode, LandmarkId, Side};
use candle_core::{Device, Tensor};
use candle_nn::VarBuilder;
use serde::{Deserialize, Serialize};

/// Brightness the other way round must be this much more convincing before it is believed.
const POLARITY_MARGIN: f64 = 1.15;
/// A second look is taken only at a first one that was at least this sure of both TRCs.
const SECOND_LOOK_CONFIDENCE: f64 = 0.05;

/// What inference must know of this system beside the weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhdvPlan {
    /// Side of the square frame in pixels.
    pub frame: usize,
    /// SD in frame pixels of the neighbourhood that greys are measured against; 0 for the whole image only.
    pub neighbourhood_px: f64,
    /// Frame pixels in one unit of displacement: σ of the heatmap.
    pub sigma_px: f64,
    /// Displacements are cut at this many frame pixels.
    pub truncation_px: f64,
    /// TRC–TRC distance as a share of the frame in the second look; 0 for one look only.
    pub second_look: f64,
    /// Networks whose findings are put together.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub members: usize,
    /// How often each takes the second look.
    #[serde(default, skip_serializing_if = "Looks::is_none")]
    pub looks: Looks,
    pub architecture: Architecture,
    pub voting: Voting,
}

impl WhdvPlan {
    /// # Errors
    /// The first thing that cannot be.
    pub fn check(&self, points: usize) -> Result<(), String> {
        self.architecture.check()?;
        if self.architecture.points != points {
            return Err("architecture.points is not the number of landmarks".to_owned());
        }
        if self.frame == 0 || !self.frame.is_multiple_of(self.architecture.multiple()) {
            return Err(format!("frame must be a multiple of {}", self.architecture.multiple()));
        }
        if !(self.sigma_px > 0.0 && self.truncation_px > 0.0) {
            return Err("sigma_px and truncation_px are positive".to_owned());
        }
        if self.members == 0 {
            return Err("members: one at least".to_owned());
        }
        self.looks.check()
    }
}

/// The network with its plan, on a device.
#[derive(Debug, Clone)]
pub struct WhdvDetector {
    members: Vec<Whdv>,
    plan: WhdvPlan,
    ids: Vec<LandmarkId>,
    /// Whether the landmark of this plane may be absent.
    optional: Vec<bool>,
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

impl LandmarkDetector for WhdvDetector {
    fn ids(&self) -> &[LandmarkId] {
        &self.ids
    }

    fn detect(&self, grey: &[f32], rows: usize, columns: usize, job: &Job) -> Result<Detection, DetectError> {
        let first = Frame::letterbox(rows, columns, self.plan.frame);
        let image = first.render(grey, rows, columns, self.plan.neighbourhood_px);
        job.check()?;
        job.report("network", 0.1);
        let upright = self.look(&first, &image, false)?;
        job.check()?;
        job.report("network", 0.4);
        let turned = self.look(&first, &image, true)?;
        let inverted = conviction(&turned) > POLARITY_MARGIN * conviction(&upright);
        let mut points = if inverted { turned } else { upright };
        job.check()?;
        job.report("network", 0.7);
        if let Some(closer) = self.closer(&first, &points) {
            let mut looks = Vec::new();
            for frame in self.plan.looks.frames(&closer) {
                job.check()?;
                let image = frame.render(grey, rows, columns, self.plan.neighbourhood_px);
                looks.push(self.look(&frame, &image, inverted)?);
            }
            points = together(&looks);
        }
        job.report("network", 1.0);
        let points = points.into_iter().map(|point| point.ok_or(NotFound::Unseen)).collect();
        Ok(Detection { points, inverted, contrast: image.contrast })
    }
}

impl WhdvDetector {
    /// The detector of `ids`, of which some are `optional`, on the variables of `vb`.
    ///
    /// # Errors
    /// Landmarks without their other side; variables that are missing or of another shape.
    pub fn new(
        plan: WhdvPlan,
        ids: Vec<LandmarkId>,
        optional: Vec<bool>,
        vb: VarBuilder,
    ) -> Result<Self, ModelError> {
        let mirror = mirrored(&ids).map_err(|reason| ModelError::Damaged { id: String::new(), reason })?;
        let device = vb.device().clone();
        let members = variables(&vb, plan.members)
            .map(|vb| Whdv::new(&plan.architecture, vb))
            .collect::<candle_core::Result<_>>()?;
        Ok(Self { members, plan, ids, optional, mirror, device })
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

    /// What all members find on the picture of `frame`.
    fn look(
        &self,
        frame: &Frame,
        image: &FramedImage,
        inverted: bool,
    ) -> Result<Vec<Option<Detected>>, DetectError> {
        let found = |network: &Whdv| Ok(to_image(frame, &self.elected(network, image, inverted)?));
        Ok(together(&self.members.iter().map(found).collect::<Result<Vec<_>, DetectError>>()?))
    }

    /// Both the picture and its mirror image through the network, then the votes.
    fn elected(
        &self,
        network: &Whdv,
        image: &FramedImage,
        inverted: bool,
    ) -> Result<Vec<Option<(Elected, f64)>>, DetectError> {
        let planes = self.planes(network, image, inverted)?;
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
                let presence = if self.optional[plane] { planes.presence[plane] } else { 1.0 };
                elect(&planes_of, &self.plan.voting).map(|elected| (elected, presence))
            })
            .collect();
        Ok(elected)
    }

    fn planes(&self, network: &Whdv, image: &FramedImage, inverted: bool) -> Result<HostPlanes, DetectError> {
        let side = self.plan.frame;
        let sign = if inverted { -1.0 } else { 1.0 };
        let mut batch: Vec<f32> = image.values.iter().map(|v| sign * v).collect();
        for row in image.values.chunks_exact(side) {
            batch.extend(row.iter().rev().map(|v| sign * v));
        }
        let input = Tensor::from_vec(batch, (2, 1, side, side), &self.device)?;
        let out = network.forward(&input)?;
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

/// How sure a look is of the points that every pelvis has.
fn conviction(points: &[Option<Detected>]) -> f64 {
    points.iter().flatten().map(|point| point.confidence * point.presence).sum()
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
