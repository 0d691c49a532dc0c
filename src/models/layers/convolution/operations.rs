//! The engine as candle operations: convolution, its transpose, and the gradient to the kernel.
//!
//! The gradients of the first two are made of the three.

use std::sync::{Arc, OnceLock};

use candle_core::{
    CpuStorage, CustomOp1, CustomOp2, CustomOp3, DType, Layout, Result, Shape, Tensor, WithDType,
};
use rayon::prelude::*;

use super::correlation::PackedWeights;
use super::sizes::Sizes;
use crate::models::layers::buffer::values;
use crate::models::layers::{Activation, Conv2dOptions, ConvTranspose2dOptions};

/// The weights of a layer in the order in which the loops read them, made when they are first used.
pub(in crate::models::layers) type PackedCache = Arc<OnceLock<PackedWeights>>;

/// `x` convolved with `weight` `[out, in / groups, k, k]`, plus `bias` `[out]`, activated. `cache` belongs to this
/// weight; it is used unless the weight may change, as a variable does in training.
pub(in crate::models::layers) fn convolve(
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    options: Conv2dOptions,
    activation: Activation,
    cache: &PackedCache,
) -> Result<Tensor> {
    if !(x.device().is_cpu() && x.dtype() == DType::F32) {
        let Conv2dOptions { stride, padding, dilation, groups } = options;
        let y = x.conv2d(weight, padding, stride, dilation, groups)?;
        return activation.apply(&add_bias(y, bias)?);
    }
    let sizes = Sizes::of(x.dims(), weight.dims(), options)?;
    let tracked = x.track_op() || weight.track_op() || bias.is_some_and(Tensor::track_op);
    // The gradient of a fused activation would need its input, so training keeps the two apart.
    let (fused, after) =
        if tracked { (Activation::Identity, activation) } else { (activation, Activation::Identity) };
    let cache = (!weight.track_op()).then(|| cache.clone());
    let operation = Convolution { sizes, activation: fused, cache };
    let (x, weight) = (x.contiguous()?, weight.contiguous()?);
    let y = match bias {
        Some(bias) => x.apply_op3(&weight, &bias.contiguous()?, operation)?,
        None => x.apply_op2(&weight, operation)?,
    };
    after.apply(&y)
}

/// The transposed convolution of `x` with `weight` `[in, out, k, k]`, plus `bias` `[out]`.
pub(in crate::models::layers) fn convolve_transposed(
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    options: ConvTranspose2dOptions,
) -> Result<Tensor> {
    if !(x.device().is_cpu() && x.dtype() == DType::F32) {
        let ConvTranspose2dOptions { stride, padding, output_padding, dilation } = options;
        return add_bias(x.conv_transpose2d(weight, padding, output_padding, stride, dilation)?, bias);
    }
    let operation = Transposed { sizes: Sizes::of_transposed(x.dims(), weight.dims(), options)? };
    let (x, weight) = (x.contiguous()?, weight.contiguous()?);
    match bias {
        Some(bias) => x.apply_op3(&weight, &bias.contiguous()?, operation),
        None => x.apply_op2(&weight, operation),
    }
}

fn add_bias(y: Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    match bias {
        Some(bias) => y.broadcast_add(&bias.reshape((1, (), 1, 1))?),
        None => Ok(y),
    }
}

struct Convolution {
    sizes: Sizes,
    activation: Activation,
    cache: Option<PackedCache>,
}

impl Convolution {
    fn run(&self, x: &[f32], weight: &[f32], bias: Option<&[f32]>) -> (CpuStorage, Shape) {
        let correlation = self.sizes.forward(self.activation);
        let y = match &self.cache {
            Some(cache) => {
                // Packing is threaded, and a thread that waits may take up a task that wants the same cache: no
                // lock is held meanwhile.
                let packed = match cache.get() {
                    Some(packed) => packed,
                    None => {
                        let packed = correlation.pack(weight);
                        cache.get_or_init(|| packed)
                    }
                };
                correlation.run(x, packed, bias)
            }
            None => correlation.run(x, &correlation.pack(weight), bias),
        };
        (f32::to_cpu_storage_owned(y), self.sizes.output_shape())
    }

    fn gradients(&self, x: &Tensor, weight: &Tensor, dy: &Tensor) -> Result<[Option<Tensor>; 2]> {
        let dx = wanted(x, || dy.apply_op2_no_bwd(weight, &Transposed { sizes: self.sizes }))?;
        let dw = wanted(weight, || x.apply_op2_no_bwd(dy, &WeightGradient { sizes: self.sizes }))?;
        Ok([dx, dw])
    }
}

impl CustomOp2 for Convolution {
    fn name(&self) -> &'static str {
        "convolution"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        w: &CpuStorage,
        lw: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        Ok(self.run(values(x, lx)?, values(w, lw)?, None))
    }

    fn bwd(
        &self,
        x: &Tensor,
        w: &Tensor,
        _: &Tensor,
        dy: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        Ok(self.gradients(x, w, &dy.contiguous()?)?.into())
    }
}

impl CustomOp3 for Convolution {
    fn name(&self) -> &'static str {
        "convolution"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        w: &CpuStorage,
        lw: &Layout,
        b: &CpuStorage,
        lb: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        Ok(self.run(values(x, lx)?, values(w, lw)?, Some(values(b, lb)?)))
    }

    fn bwd(
        &self,
        x: &Tensor,
        w: &Tensor,
        b: &Tensor,
        _: &Tensor,
        dy: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let dy = dy.contiguous()?;
        let [dx, dw] = self.gradients(x, w, &dy)?;
        Ok((dx, dw, wanted(b, || dy.apply_op1_no_bwd(&ChannelSums))?))
    }
}

/// The transpose of the convolution with these sizes: from its output to its input.
#[derive(Clone, Copy)]
struct Transposed {
    sizes: Sizes,
}

impl Transposed {
    fn run(&self, x: &[f32], weight: &[f32], bias: Option<&[f32]>) -> (CpuStorage, Shape) {
        let correlation = self.sizes.transposed();
        let y = correlation.run(x, &correlation.pack(weight), bias);
        (f32::to_cpu_storage_owned(y), self.sizes.input_shape())
    }

    fn gradients(&self, x: &Tensor, weight: &Tensor, dy: &Tensor) -> Result<[Option<Tensor>; 2]> {
        let forward = Convolution { sizes: self.sizes, activation: Activation::Identity, cache: None };
        let dx = wanted(x, || dy.apply_op2_no_bwd(weight, &forward))?;
        let dw = wanted(weight, || dy.apply_op2_no_bwd(x, &WeightGradient { sizes: self.sizes }))?;
        Ok([dx, dw])
    }
}

impl CustomOp2 for Transposed {
    fn name(&self) -> &'static str {
        "transposed-convolution"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        w: &CpuStorage,
        lw: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        Ok(self.run(values(x, lx)?, values(w, lw)?, None))
    }

    fn bwd(
        &self,
        x: &Tensor,
        w: &Tensor,
        _: &Tensor,
        dy: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        Ok(self.gradients(x, w, &dy.contiguous()?)?.into())
    }
}

impl CustomOp3 for Transposed {
    fn name(&self) -> &'static str {
        "transposed-convolution"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        w: &CpuStorage,
        lw: &Layout,
        b: &CpuStorage,
        lb: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        Ok(self.run(values(x, lx)?, values(w, lw)?, Some(values(b, lb)?)))
    }

    fn bwd(
        &self,
        x: &Tensor,
        w: &Tensor,
        b: &Tensor,
        _: &Tensor,
        dy: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let dy = dy.contiguous()?;
        let [dx, dw] = self.gradients(x, w, &dy)?;
        Ok((dx, dw, wanted(b, || dy.apply_op1_no_bwd(&ChannelSums))?))
    }
}

/// The gradient to the kernel, from the input and the output gradient.
struct WeightGradient {
    sizes: Sizes,
}

impl CustomOp2 for WeightGradient {
    fn name(&self) -> &'static str {
        "convolution-weight-gradient"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        d: &CpuStorage,
        ld: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let gradient = self.sizes.weight_gradient().run(values(x, lx)?, values(d, ld)?);
        Ok((f32::to_cpu_storage_owned(gradient), self.sizes.weight_shape()))
    }
}

/// The sum of every channel over batch, rows and columns: the gradient to a bias.
struct ChannelSums;

impl CustomOp1 for ChannelSums {
    fn name(&self) -> &'static str {
        "channel-sums"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let x = values(x, layout)?;
        let (batch, channels, height, width) = layout.shape().dims4()?;
        let plane = height * width;
        let sum = |channel: usize| -> f32 {
            let planes = (0..batch).map(|image| &x[(image * channels + channel) * plane..][..plane]);
            planes.map(sum).sum::<f64>() as f32
        };
        let sums: Vec<f32> = (0..channels).into_par_iter().map(sum).collect();
        Ok((f32::to_cpu_storage_owned(sums), Shape::from(channels)))
    }
}

/// The sum of a plane, in as many lanes as a vector has.
fn sum(plane: &[f32]) -> f64 {
    let mut lanes = [0f32; 16];
    let (blocks, rest) = plane.as_chunks::<16>();
    for block in blocks {
        for (lane, value) in lanes.iter_mut().zip(block) {
            *lane += value;
        }
    }
    lanes.iter().chain(rest).map(|value| f64::from(*value)).sum()
}

/// A gradient, if anything asks for it.
fn wanted(tensor: &Tensor, gradient: impl FnOnce() -> Result<Tensor>) -> Result<Option<Tensor>> {
    tensor.track_op().then(gradient).transpose()
}
