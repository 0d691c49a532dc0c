//! The engine as candle operations: convolution and its transpose, and the gradient to the kernel.
//!
//! The gradients of the first two are made of the three.

use std::sync::{Arc, OnceLock};

use candle_core::{
    CpuStorage, CustomOp1, CustomOp2, CustomOp3, DType, Device, Layout, Result, Shape, Tensor, WithDType,
    bail,
};
use rayon::prelude::*;

use super::correlation::PackedWeights;
use super::epilogue::Epilogue;
use super::sizes::Sizes;
use crate::models::layers::buffer::{values, with_values};
use crate::models::layers::{Activation, Conv2dOptions, ConvTranspose2dOptions};

/// The weights of a layer as the loops read them, made when they are first used: for the direct sum and for Winograd's,
/// between which the size of the image decides.
pub(in crate::models::layers) type PackedCache = Arc<[OnceLock<PackedWeights>; 2]>;

/// `x` convolved with `weight` `[out, in / groups, k, k]`, plus `bias` `[out]`, plus `added`, activated. `cache` belongs
/// to this weight; it is used unless the weight may change, as a variable does in training.
pub(in crate::models::layers) fn convolve(
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    options: Conv2dOptions,
    added: Option<&Tensor>,
    activation: Activation,
    cache: &PackedCache,
) -> Result<Tensor> {
    let finish = |y: Tensor| activation.apply(&added.map_or(Ok(y.clone()), |added| y + added)?);
    if !(x.device().is_cpu() && x.dtype() == DType::F32) {
        let Conv2dOptions { stride, padding, dilation, groups } = options;
        let y = x.conv2d(weight, padding, stride, dilation, groups)?;
        return finish(add_bias(y, bias)?);
    }
    let sizes = Sizes::of(x.dims(), weight.dims(), options)?;
    let operation = Convolution::new(sizes, false, (!weight.track_op()).then_some(cache));
    // The gradient of a fused activation would need its input, so training keeps the steps apart.
    if [Some(x), Some(weight), bias, added].into_iter().flatten().any(Tensor::track_op) {
        return finish(operation.apply(x, weight, bias)?);
    }
    let added = added.map(Tensor::contiguous).transpose()?;
    Convolution { added, activation, ..operation }.apply(x, weight, bias)
}

/// The transposed convolution of `x` with `weight` `[in, out, k, k]`, plus `bias` `[out]`; `cache` as in [`convolve`].
pub(in crate::models::layers) fn convolve_transposed(
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    options: ConvTranspose2dOptions,
    cache: &PackedCache,
) -> Result<Tensor> {
    if !(x.device().is_cpu() && x.dtype() == DType::F32) {
        let ConvTranspose2dOptions { stride, padding, output_padding, dilation } = options;
        return add_bias(x.conv_transpose2d(weight, padding, output_padding, stride, dilation)?, bias);
    }
    let sizes = Sizes::of_transposed(x.dims(), weight.dims(), options)?;
    Convolution::new(sizes, true, (!weight.track_op()).then_some(cache)).apply(x, weight, bias)
}

fn add_bias(y: Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    match bias {
        Some(bias) => y.broadcast_add(&bias.reshape((1, (), 1, 1))?),
        None => Ok(y),
    }
}

/// A convolution, or its transpose: from its output to its input. Its operands are input, weight and bias, which is
/// empty where there is none.
struct Convolution {
    sizes: Sizes,
    transposed: bool,
    cache: Option<PackedCache>,
    /// What is added to the result; nothing where gradients are asked for, and no activation either.
    added: Option<Tensor>,
    activation: Activation,
}

impl Convolution {
    fn new(sizes: Sizes, transposed: bool, cache: Option<&PackedCache>) -> Self {
        Self { sizes, transposed, cache: cache.cloned(), added: None, activation: Activation::Identity }
    }

    fn apply(self, x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
        let bias = bias.map_or_else(|| Tensor::zeros(0, DType::F32, &Device::Cpu), Tensor::contiguous)?;
        x.contiguous()?.apply_op3(&weight.contiguous()?, &bias, self)
    }

    fn run(&self, x: &[f32], weight: &[f32], epilogue: &Epilogue) -> Vec<f32> {
        let unkept = OnceLock::new();
        let kept = |which: usize| self.cache.as_ref().map_or(&unkept, |cache| &cache[which]);
        match self.sizes.winograd(self.transposed) {
            Some(winograd) => winograd.run(x, once(kept(1), || winograd.pack(weight)), epilogue),
            None => {
                let direct = self.sizes.direct(self.transposed);
                direct.run(x, once(kept(0), || direct.pack(weight)), epilogue)
            }
        }
    }
}

impl CustomOp3 for Convolution {
    fn name(&self) -> &'static str {
        if self.transposed { "transposed-convolution" } else { "convolution" }
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
        let (x, weight, bias) = (values(x, lx)?, values(w, lw)?, values(b, lb)?);
        let shape = if self.transposed { self.sizes.input_shape() } else { self.sizes.output_shape() };
        let run = |added: Option<&[f32]>| {
            let bias = (!bias.is_empty()).then_some(bias);
            self.run(x, weight, &Epilogue { bias, added, activation: self.activation })
        };
        let y = match &self.added {
            Some(added) if added.shape() == &shape => with_values(added, |added| run(Some(added)))?,
            Some(added) => bail!("{:?} cannot be added to a convolution of {shape:?}", added.shape()),
            None => run(None),
        };
        Ok((f32::to_cpu_storage_owned(y), shape))
    }

    fn bwd(
        &self,
        x: &Tensor,
        w: &Tensor,
        b: &Tensor,
        _: &Tensor,
        dy: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (sizes, dy) = (self.sizes, dy.contiguous()?);
        let back = Self::new(sizes, !self.transposed, None);
        let dx = wanted(x, || back.apply(&dy, &w.detach(), None))?;
        let [from, to] = if self.transposed { [&dy, x] } else { [x, &dy] };
        let dw = wanted(w, || from.apply_op2_no_bwd(to, &WeightGradient { sizes }))?;
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

/// What is in `cell`, made by `make` where it is empty. Packing is threaded, and a thread that waits may take up a task
/// that wants the same weights: no lock is held meanwhile.
fn once<T>(cell: &OnceLock<T>, make: impl FnOnce() -> T) -> &T {
    match cell.get() {
        Some(made) => made,
        None => {
            let made = make();
            cell.get_or_init(|| made)
        }
    }
}
