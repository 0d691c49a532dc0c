//! A picture in, what it shows out.

use super::card::{self, ViewCard};
use super::kinds::{Content, View};
use super::network::{PLANES, ViewNet};
use crate::models::contrast::normalise;
use crate::models::predictor::hex;
use crate::models::{DeviceChoice, Frame, ModelError, device};
use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_nn::ops::softmax;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Share of a view from which a picture that is refused upright is said to be that view, turned.
const SURELY: f64 = 0.9;

/// The network with its card, on a device.
#[derive(Debug, Clone)]
pub struct Classifier {
    card: ViewCard,
    network: ViewNet,
    tensors: Device,
    /// Device in words, with the reason why it is that one.
    pub device: String,
}

/// What the classifier makes of a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Opinion {
    /// Of [`Content::ALL`], in its order; they sum to 1.
    pub shares: [f64; Content::ALL.len()],
    /// SD of the greys over their range; 0 for a blank picture.
    pub contrast: f32,
}

impl Opinion {
    /// Share of all views that are read.
    pub fn readable(&self) -> f64 {
        let readable =
            Content::ALL.iter().zip(self.shares).filter(|(c, _)| matches!(c, Content::Readable(_)));
        readable.map(|(_, share)| share).sum()
    }

    pub fn share(&self, content: Content) -> f64 {
        self.shares[content.index()]
    }

    /// The views that it may show, likelier ones first: those with at least `least` of the shares.
    pub fn views(&self, least: f64) -> Vec<View> {
        let mut views: Vec<(View, f64)> = Content::ALL
            .into_iter()
            .filter_map(|content| match content {
                Content::Readable(view) => {
                    Some((view, self.share(content))).filter(|(_, share)| *share >= least)
                }
                Content::Implant | Content::Other => None,
            })
            .collect();
        views.sort_by(|a, b| b.1.total_cmp(&a.1));
        views.into_iter().map(|(view, _)| view).collect()
    }

    /// What the picture is taken for, where the views need `least` of the shares to be believed; an implant where nothing
    /// is likelier: no point of a hip with metal in it can be trusted.
    pub fn verdict(&self, least: f64) -> Content {
        let refused = [Content::Implant, Content::Other];
        let readable = Content::ALL.into_iter().filter(|content| !refused.contains(content));
        let best = |candidates: &mut dyn Iterator<Item = Content>| {
            candidates.max_by(|a, b| self.share(*a).total_cmp(&self.share(*b))).unwrap_or(Content::Other)
        };
        if best(&mut Content::ALL.into_iter()) == Content::Implant {
            Content::Implant
        } else if self.readable() >= least {
            best(&mut readable.into_iter())
        } else {
            best(&mut refused.into_iter())
        }
    }
}

impl Classifier {
    /// The one that lies where models are installed (`view.toml` with its weights), else that inside the program.
    ///
    /// # Errors
    /// Unreadable or damaged files, or a demanded device that is not there.
    pub fn load(choice: DeviceChoice) -> Result<Self, ModelError> {
        let (card, weights) = card::found()?;
        Self::from_bytes(card, &weights, choice)
    }

    /// # Errors
    /// Weights that are not the card's, or a demanded device that is not there.
    pub fn from_bytes(card: ViewCard, weights: &[u8], choice: DeviceChoice) -> Result<Self, ModelError> {
        if hex(&Sha256::digest(weights)) != card.sha256 {
            let reason = "the weights' SHA-256 is not the one of the card".to_owned();
            return Err(ModelError::Damaged { id: card.id, reason });
        }
        let (tensors, device) = device(choice)?;
        let vb = VarBuilder::from_slice_safetensors(weights, DType::F32, &tensors)?;
        Ok(Self { network: ViewNet::new(&card.network, vb)?, card, tensors, device })
    }

    /// From tensors by name, as training has them.
    ///
    /// # Errors
    /// Tensors that are missing or of another shape.
    pub fn from_tensors(
        card: ViewCard,
        weights: HashMap<String, Tensor>,
        tensors: &Device,
    ) -> Result<Self, ModelError> {
        let vb = VarBuilder::from_tensors(weights, DType::F32, tensors);
        let network = ViewNet::new(&card.network, vb)?;
        Ok(Self { network, card, tensors: tensors.clone(), device: String::new() })
    }

    pub fn card(&self) -> &ViewCard {
        &self.card
    }

    /// What a picture shows. `grey` is row-major, `rows * columns`, in any unit, bone bright or not.
    ///
    /// # Errors
    /// Failures of the device.
    pub fn classify(&self, grey: &[f32], rows: usize, columns: usize) -> Result<Opinion, ModelError> {
        let side = self.card.network.side;
        let image = Frame::letterbox(rows, columns, side).render(grey, rows, columns, 0.0);
        let shares = self.shares(&image.values, &image.inside)?;
        Ok(Opinion { shares, contrast: image.contrast })
    }

    /// What a picture that shows nothing to be read would be if it were turned, and by how many degrees clockwise it
    /// lies; `None` where no turn helps.
    ///
    /// # Errors
    /// Failures of the device.
    pub fn turned(
        &self,
        grey: &[f32],
        rows: usize,
        columns: usize,
    ) -> Result<Option<(View, u32)>, ModelError> {
        let side = self.card.network.side;
        for (quarters, lies) in [(1_u32, 270), (2, 180), (3, 90)] {
            let rotation = f64::from(quarters) * std::f64::consts::FRAC_PI_2;
            let frame = Frame { rotation, ..Frame::letterbox(rows, columns, side) };
            let image = frame.render(grey, rows, columns, 0.0);
            let opinion =
                Opinion { shares: self.shares(&image.values, &image.inside)?, contrast: image.contrast };
            if let (true, Content::Readable(view)) = (opinion.readable() >= SURELY, opinion.verdict(SURELY)) {
                return Ok(Some((view, lies)));
            }
        }
        Ok(None)
    }

    /// As [`classify`](Self::classify), of planes that training has prepared.
    ///
    /// # Errors
    /// Planes of another size, failures of the device.
    pub fn of_planes(&self, planes: Vec<f32>) -> Result<Opinion, ModelError> {
        Ok(Opinion { shares: self.of_both(planes)?, contrast: 1.0 })
    }

    /// Shares of a framed picture, the mean of it and its mirror image.
    fn shares(&self, values: &[f32], inside: &[bool]) -> Result<[f64; Content::ALL.len()], ModelError> {
        let side = self.card.network.side;
        self.of_both(planes(values, inside, side, self.card.network.neighbourhood_px))
    }

    /// Of planes that are ready, and of the same mirrored.
    fn of_both(&self, mut planes: Vec<f32>) -> Result<[f64; Content::ALL.len()], ModelError> {
        let side = self.card.network.side;
        let mut mirrored = planes.clone();
        mirrored.chunks_exact_mut(side).for_each(<[f32]>::reverse);
        planes.extend(mirrored);
        let x = Tensor::from_vec(planes, (2, PLANES, side, side), &self.tensors)?;
        let shares: Vec<f32> = softmax(&self.network.forward(&x)?, 1)?.mean(0)?.to_vec1()?;
        Ok(std::array::from_fn(|index| shares.get(index).copied().map_or(0.0, f64::from)))
    }
}

/// What the network is given of standardised greys: them, and them against their neighbourhood.
pub fn planes(values: &[f32], inside: &[bool], side: usize, neighbourhood_px: f64) -> Vec<f32> {
    let mut planes = values.to_vec();
    let mut local = values.to_vec();
    normalise(&mut local, inside, side, neighbourhood_px);
    planes.extend(local);
    planes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opinion(shares: [f64; 6]) -> Opinion {
        Opinion { shares, contrast: 0.2 }
    }

    #[test]
    fn views_are_believed_together_and_named_by_the_best() {
        let unsure = opinion([0.3, 0.35, 0.0, 0.0, 0.05, 0.3]);
        assert_eq!(unsure.verdict(0.6), Content::Readable(View::AdultPelvis));
        assert_eq!(unsure.verdict(0.7), Content::Other);
        assert_eq!(opinion([0.0, 0.3, 0.0, 0.0, 0.6, 0.1]).verdict(0.5), Content::Implant);
        assert_eq!(
            opinion([0.0, 0.3, 0.1, 0.0, 0.5, 0.1]).verdict(0.3),
            Content::Implant,
            "though 0.4 are views"
        );
    }
}
