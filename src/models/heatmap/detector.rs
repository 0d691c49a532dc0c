//! A heat-map model on a picture: the maps of every member and view, averaged in one frame, and the landmarks they show.

use super::network::{Network, repeated};
use super::plan::{HeatmapPlan, Meaning};
use super::reading::{Map, Reading};
use super::view::View;
use crate::job::Job;
use crate::measure::LandmarkId;
use crate::models::frame::Picture;
use crate::models::landmark_detector::{
    DetectError, Detected, Detection, LandmarkDetector, NotFound, mirrored,
};
use crate::models::layers::spatial_softmax;
use crate::models::members::variables;
use crate::models::{Frame, ModelError};
use candle_core::{D, Device, Tensor};
use candle_nn::VarBuilder;
use candle_nn::ops::{sigmoid, softmax};

/// The maps of one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Atlas {
    /// The frame whose pixels they are of.
    pub frame: Frame,
    /// Of each landmark the mean over members and views, not tempered yet. What they disagree on is spread in it: its
    /// second moments are the mean of theirs and the scatter of their places together.
    pub maps: Vec<Vec<f32>>,
    /// Of labels, the probability of the most probable pixel.
    pub presence: Option<Vec<f64>>,
    /// SD of the greys over their range; 0 for a blank picture.
    pub contrast: f32,
}

/// A model ready to find landmarks.
#[derive(Debug)]
pub struct HeatmapDetector {
    plan: HeatmapPlan,
    ids: Vec<LandmarkId>,
    /// Plane of the same landmark on the other side.
    mirror: Vec<usize>,
    members: Vec<Network>,
    device: Device,
}

impl HeatmapDetector {
    /// Builds it on the variables of `vb`.
    ///
    /// # Errors
    /// A plan that fails its check, landmarks without their other side, variables that are missing or misshapen.
    pub fn new(plan: HeatmapPlan, ids: Vec<LandmarkId>, vb: VarBuilder) -> Result<Self, ModelError> {
        let damaged = |reason| ModelError::Damaged { id: String::new(), reason };
        plan.check().map_err(damaged)?;
        let mirror = mirrored(&ids).map_err(damaged)?;
        let planes = ids.len() + plan.meaning.background();
        let members = variables(&vb, plan.members)
            .map(|vb| Network::new(plan.architecture, planes, vb)?.folded())
            .collect::<candle_core::Result<_>>()?;
        Ok(Self { plan, ids, mirror, members, device: vb.device().clone() })
    }

    /// The maps of a picture.
    ///
    /// # Errors
    /// Cancellation, and failures of the device.
    pub fn maps(&self, picture: &Picture, job: &Job) -> Result<Atlas, DetectError> {
        let side = self.plan.side;
        let base = Frame::letterbox(picture.rows, picture.columns, side);
        let views = self.plan.views.of(base);
        let looks = (views.len() * self.members.len()) as f64;
        let mut maps = vec![vec![0.0_f32; side * side]; self.ids.len()];
        let mut presence = vec![0.0; self.ids.len()];
        let mut contrast = 0.0;
        for (number, view) in views.iter().enumerate() {
            job.check()?;
            job.report("network", number as f32 / views.len() as f32);
            let (values, seen) = view.render(picture);
            if number == 0 {
                contrast = seen;
            }
            let image = Tensor::from_vec(values, (1, 1, side, side), &self.device)?;
            let image = repeated(&image, self.plan.architecture)?;
            for network in &self.members {
                let logits = network.forward(&image, false)?;
                self.add(view, &base, &logits, &mut maps)?;
                for (total, there) in presence.iter_mut().zip(self.presence(view, &logits)?) {
                    *total += there / looks;
                }
            }
        }
        for value in maps.iter_mut().flatten() {
            *value /= looks as f32;
        }
        let presence = (self.plan.meaning != Meaning::Heatmaps).then_some(presence);
        Ok(Atlas { frame: base, maps, presence, contrast })
    }

    /// The plane that shows landmark `point` in `view`.
    fn plane(&self, view: &View, point: usize) -> usize {
        if view.mirror { self.mirror[point] } else { point }
    }

    fn add(
        &self,
        view: &View,
        base: &Frame,
        logits: &Tensor,
        maps: &mut [Vec<f32>],
    ) -> candle_core::Result<()> {
        let landmarks = logits.narrow(1, self.plan.meaning.background(), self.ids.len())?;
        let shown: Vec<Vec<f32>> = spatial_softmax(&landmarks)?.flatten_from(2)?.squeeze(0)?.to_vec2()?;
        for (point, map) in maps.iter_mut().enumerate() {
            view.bring_back(&shown[self.plane(view, point)], base, map);
        }
        Ok(())
    }

    fn presence(&self, view: &View, logits: &Tensor) -> candle_core::Result<Vec<f64>> {
        let probabilities = match self.plan.meaning {
            Meaning::Heatmaps => return Ok(Vec::new()),
            Meaning::Labels => sigmoid(logits)?,
            Meaning::Classes => softmax(logits, 1)?.narrow(1, 1, self.ids.len())?,
        };
        let most: Vec<f32> = probabilities.flatten_from(2)?.max(D::Minus1)?.squeeze(0)?.to_vec1()?;
        Ok((0..self.ids.len()).map(|point| f64::from(most[self.plane(view, point)])).collect())
    }

    /// What the maps show, in pixels of their frame; `None` for a map of nothing.
    pub fn read(&self, atlas: &Atlas) -> Vec<Option<Reading>> {
        let read = |map: &Vec<f32>| {
            Some(Map::new(self.plan.side, map, self.plan.temperature)?.read(self.plan.radius_px))
        };
        atlas.maps.iter().map(read).collect()
    }
}

impl LandmarkDetector for HeatmapDetector {
    fn ids(&self) -> &[LandmarkId] {
        &self.ids
    }

    fn detect(&self, grey: &[f32], rows: usize, columns: usize, job: &Job) -> Result<Detection, DetectError> {
        let atlas = self.maps(&Picture { grey, rows, columns }, job)?;
        let detected = |(point, reading): (usize, Option<Reading>)| {
            let reading = reading.ok_or(NotFound::Unseen)?;
            Ok(Detected {
                position: atlas.frame.to_image(reading.position),
                spread: reading.spread() / atlas.frame.scale,
                confidence: reading.confidence,
                // A heat map sums to 1 whatever is there; how much of it is in one place tells.
                presence: atlas.presence.as_ref().map_or(reading.confidence, |presence| presence[point]),
            })
        };
        job.report("network", 1.0);
        let points = self.read(&atlas).into_iter().enumerate().map(detected).collect();
        Ok(Detection { points, inverted: false, contrast: atlas.contrast })
    }

    fn reach(&self, rows: usize, columns: usize) -> Option<f64> {
        Some(self.plan.radius_px / Frame::letterbox(rows, columns, self.plan.side).scale)
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::{Architecture, Decoder, Modality};
    use super::super::view::Views;
    use super::*;
    use crate::models::bench::formula::formula;
    use crate::models::members::prefix;
    use crate::models::resnet::Depth;

    const ROWS: usize = 60;
    const COLUMNS: usize = 80;

    fn plan(members: usize, meaning: Meaning, views: Views) -> HeatmapPlan {
        HeatmapPlan {
            architecture: Architecture {
                decoder: Decoder::Unet,
                encoder: Depth::Resnet18.into(),
                encoder_depth: 5,
                channels: 1,
            },
            meaning,
            modality: Modality::Radiograph,
            side: 64,
            members,
            views,
            radius_px: 3.0,
            temperature: 1.0,
        }
    }

    fn grey() -> Vec<f32> {
        (0..ROWS * COLUMNS)
            .map(|i| {
                let (x, y) = ((i % COLUMNS) as f32, (i / COLUMNS) as f32);
                (0.31 * x).sin() + (0.17 * x + 0.23 * y).cos() + 0.01 * y
            })
            .collect()
    }

    fn detector(plan: HeatmapPlan, vb: VarBuilder) -> HeatmapDetector {
        HeatmapDetector::new(plan, LandmarkId::infant().to_vec(), vb).unwrap()
    }

    #[test]
    fn with_the_mirrored_view_a_mirrored_picture_has_mirrored_points() {
        let views = Views { mirror: true, ..Views::default() };
        let vb = || formula(&Device::Cpu);
        for meaning in [Meaning::Heatmaps, Meaning::Labels, Meaning::Classes] {
            let detector = detector(plan(1, meaning, views.clone()), vb());
            let upright = grey();
            let mut mirrored = upright.clone();
            mirrored.chunks_exact_mut(COLUMNS).for_each(<[f32]>::reverse);
            let [a, b] = [upright, mirrored]
                .map(|grey| detector.detect(&grey, ROWS, COLUMNS, &Job::silent()).unwrap().points);
            for (point, a) in a.iter().enumerate() {
                let (a, b) = (a.unwrap(), b[detector.mirror[point]].unwrap());
                assert!((a.position.x - (COLUMNS as f64 - 1.0 - b.position.x)).abs() < 0.01, "{a:?} {b:?}");
                assert!((a.position.y - b.position.y).abs() < 0.01, "{a:?} {b:?}");
                assert!((a.confidence - b.confidence).abs() < 1e-3 && (a.presence - b.presence).abs() < 1e-3);
                assert!(a.spread > 0.0 && (0.0..=1.0).contains(&a.presence), "{a:?}");
            }
        }
    }

    #[test]
    fn an_ensemble_has_the_mean_map_of_its_members() {
        let vb = formula(&Device::Cpu);
        let grey = grey();
        let picture = Picture { grey: &grey, rows: ROWS, columns: COLUMNS };
        let maps = |members, vb| {
            let detector = detector(plan(members, Meaning::Heatmaps, Views::default()), vb);
            detector.maps(&picture, &Job::silent()).unwrap().maps
        };
        let all = maps(2, vb.clone());
        let [one, other] = [0, 1].map(|number| maps(1, vb.pp(prefix(number, 2).unwrap())));
        for ((all, one), other) in all.iter().flatten().zip(one.iter().flatten()).zip(other.iter().flatten())
        {
            assert!((all - 0.5 * (one + other)).abs() < 1e-6);
        }
        assert!(one != other);
        assert!((all[0].iter().sum::<f32>() - 1.0).abs() < 1e-4);
    }

    #[test]
    fn a_blank_picture_says_so_and_a_cancelled_job_ends() {
        let detector = detector(plan(1, Meaning::Labels, Views::default()), formula(&Device::Cpu));
        let blank = vec![3.0; ROWS * COLUMNS];
        assert_eq!(detector.detect(&blank, ROWS, COLUMNS, &Job::silent()).unwrap().contrast, 0.0);
        let job = Job::silent();
        job.cancel();
        let ended = detector.detect(&blank, ROWS, COLUMNS, &job);
        assert!(matches!(ended, Err(DetectError::Cancelled(_))));
        let odd = HeatmapPlan { side: 60, ..plan(1, Meaning::Labels, Views::default()) };
        assert!(HeatmapDetector::new(odd, LandmarkId::infant().to_vec(), formula(&Device::Cpu)).is_err());
        assert!((detector.reach(ROWS, COLUMNS).unwrap() - 3.0 * 80.0 / 64.0).abs() < 1e-12);
    }
}
