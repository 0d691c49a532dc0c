//! Backbone, proposal network, head. Who calls them decides which boxes go in between.

use candle_core::{DType, Module, Result, Tensor, bail};
use candle_nn::ops::softmax;
use candle_nn::{Linear, VarBuilder, linear};

use super::anchors::anchors;
use super::boxes::{BBox, BoxCoder};
use super::pick::Scored;
use super::plan::{FrDdhPlan, Pooling};
use super::proposals::propose;
use crate::models::layers::{
    Activation, Conv2d, Conv2dOptions, RoiAlignOptions, conv2d, relu, roi_align, roi_pool,
};
use crate::models::resnet::ResNet;

/// What the proposal network says of every anchor.
#[derive(Debug, Clone)]
pub struct Objectness {
    /// `[batch, anchors]`.
    pub logits: Tensor,
    /// `[batch, anchors, 4]`, see [`super::boxes::BoxCoder::ANCHORS`].
    pub codes: Tensor,
}

/// What the head says of every region.
#[derive(Debug, Clone)]
pub struct Classified {
    /// `[regions, classes]`; class 0 is the background.
    pub logits: Tensor,
    /// `[regions, classes, 4]`, see [`super::boxes::BoxCoder::PROPOSALS`]; those of the background mean nothing.
    pub codes: Tensor,
}

/// The network.
#[derive(Debug, Clone)]
pub struct FrDdh {
    backbone: ResNet,
    rpn: Conv2d,
    objectness: Conv2d,
    anchor_codes: Conv2d,
    hidden: [Linear; 2],
    class: Linear,
    class_codes: Linear,
    classes: usize,
    plan: FrDdhPlan,
}

impl FrDdh {
    /// Builds it on the variables of `vb`, for `landmarks` classes beside the background.
    ///
    /// # Errors
    /// Variables that are missing or of another shape.
    pub fn new(plan: &FrDdhPlan, landmarks: usize, vb: VarBuilder) -> Result<Self> {
        plan.check().map_err(candle_core::Error::msg)?;
        let (channels, anchors, classes) = (plan.channels(), plan.anchors.len(), landmarks + 1);
        let backbone = ResNet::with_stages(plan.backbone, 3, plan.features - 1, vb.pp("backbone"))?;
        let rpn = vb.pp("rpn.head");
        let point = |outputs, vb| conv2d(plan.rpn_channels, outputs, 1, Conv2dOptions::default(), vb);
        let heads = vb.pp("roi_heads");
        let (mlp, predictor) = (heads.pp("box_head"), heads.pp("box_predictor"));
        let pooled = channels * plan.pooled * plan.pooled;
        Ok(Self {
            backbone,
            rpn: conv2d(channels, plan.rpn_channels, 3, Conv2dOptions::same(3), rpn.pp("conv.0.0"))?,
            objectness: point(anchors, rpn.pp("cls_logits"))?,
            anchor_codes: point(4 * anchors, rpn.pp("bbox_pred"))?,
            hidden: [
                linear(pooled, plan.hidden, mlp.pp("fc6"))?,
                linear(plan.hidden, plan.hidden, mlp.pp("fc7"))?,
            ],
            class: linear(plan.hidden, classes, predictor.pp("cls_score"))?,
            class_codes: linear(plan.hidden, 4 * classes, predictor.pp("bbox_pred"))?,
            classes,
            plan: plan.clone(),
        })
    }

    /// Features of `images` `[batch, 3, rows, columns]`, both multiples of the plan's stride; `train` normalises with the
    /// statistics of the batch.
    ///
    /// # Errors
    /// Images of another shape.
    pub fn features(&self, images: &Tensor, train: bool) -> Result<Tensor> {
        let (_, _, rows, columns) = images.dims4()?;
        let stride = self.plan.stride();
        if rows == 0 || columns == 0 || rows % stride != 0 || columns % stride != 0 {
            bail!("an image of {rows} × {columns} for a network of stride {stride}");
        }
        match self.backbone.forward(images, train)?.pop() {
            Some(features) => Ok(features),
            None => bail!("a backbone without stages"),
        }
    }

    /// The proposal network on `features`.
    ///
    /// # Errors
    /// Features of another shape.
    pub fn objectness(&self, features: &Tensor) -> Result<Objectness> {
        let shared = self.rpn.forward_activated(features, Activation::Relu)?;
        // Channels become the innermost axis: anchors of a cell stand together, as `anchors` lists them.
        let last = |y: Tensor| y.permute((0, 2, 3, 1))?.contiguous();
        let logits = last(self.objectness.forward(&shared)?)?.flatten_from(1)?;
        let (batch, anchors) = logits.dims2()?;
        let codes = last(self.anchor_codes.forward(&shared)?)?.reshape((batch, anchors, 4))?;
        Ok(Objectness { logits, codes })
    }

    /// The head on the boxes of each image of the batch, in their order. No gradient flows to the boxes.
    ///
    /// # Errors
    /// No boxes at all, or as many lists of them as there are no images.
    pub fn classify(&self, features: &Tensor, boxes: &[Vec<BBox>]) -> Result<Classified> {
        let rows: Vec<[f32; 5]> = boxes
            .iter()
            .enumerate()
            .flat_map(|(image, boxes)| {
                boxes.iter().map(move |BBox([l, t, r, b])| [image as f32, *l, *t, *r, *b])
            })
            .collect();
        if rows.is_empty() || boxes.len() != features.dim(0)? {
            bail!("{} regions of {} images for features {:?}", rows.len(), boxes.len(), features.dims());
        }
        let count = rows.len();
        let regions = Tensor::from_vec(rows.into_flattened(), (count, 5), features.device())?;
        let (size, scale) = ([self.plan.pooled; 2], 1.0 / self.plan.stride() as f32);
        let pooled = match self.plan.pooling {
            Pooling::RoiPool => roi_pool(features, &regions, size, scale)?,
            Pooling::RoiAlign => {
                roi_align(features, &regions, RoiAlignOptions { size, scale, sampling: 2, aligned: true })?
            }
        };
        let mut x = pooled.flatten_from(1)?;
        for layer in &self.hidden {
            x = relu(&layer.forward(&x)?)?;
        }
        let codes = self.class_codes.forward(&x)?.reshape(((), self.classes, 4))?;
        Ok(Classified { logits: self.class.forward(&x)?, codes })
    }

    /// All proposals as boxes of each landmark: one list a landmark, every proposal moved as that class moves it.
    /// `image` is one, `[1, 3, rows, columns]`, of which `size` (rows, columns) is no padding.
    ///
    /// # Errors
    /// An image of another shape, outputs that are no numbers.
    pub fn boxes(&self, image: &Tensor, size: [usize; 2]) -> Result<Vec<Vec<Scored>>> {
        let features = self.features(image, false)?;
        let (_, _, rows, columns) = features.dims4()?;
        let objectness = self.objectness(&features)?;
        let proposals: Vec<BBox> = propose(
            &anchors(&self.plan.anchors, [rows, columns], self.plan.stride()),
            &host(&objectness.logits)?,
            host(&objectness.codes)?.as_chunks().0,
            size,
            &self.plan.proposals,
        )?
        .iter()
        .map(|proposal| proposal.bbox)
        .collect();
        if proposals.is_empty() {
            return Ok(vec![Vec::new(); self.classes - 1]);
        }
        let classified = self.classify(&features, std::slice::from_ref(&proposals))?;
        let scores = host(&softmax(&classified.logits, 1)?)?;
        let codes = host(&classified.codes)?;
        let codes = codes.as_chunks::<4>().0;
        let scored = |class: usize| {
            let of = |(index, proposal): (usize, &BBox)| {
                let at = index * self.classes + class;
                Scored { bbox: BoxCoder::PROPOSALS.decode(proposal, codes[at]), score: scores[at] }
            };
            proposals.iter().enumerate().map(of).collect()
        };
        Ok((1..self.classes).map(scored).collect())
    }

    /// The same for inference, every norm folded into its convolution.
    ///
    /// # Errors
    /// Failures of the device.
    pub fn folded(&self) -> Result<Self> {
        Ok(Self { backbone: self.backbone.folded()?, ..self.clone() })
    }

    pub fn plan(&self) -> &FrDdhPlan {
        &self.plan
    }

    /// The landmarks and the background.
    pub fn classes(&self) -> usize {
        self.classes
    }
}

/// The values of a tensor as they are, read to the host.
fn host(tensor: &Tensor) -> Result<Vec<f32>> {
    tensor.detach().to_dtype(DType::F32)?.flatten_all()?.to_vec1()
}
