//! Two-dimensional convolution: the layer with its parameters.

use candle_core::{Module, Result, Tensor};
use candle_nn::{Init, VarBuilder};

use super::convolution::{PackedCache, convolve};
use super::{Activation, BatchNorm2d};

/// The geometry of a convolution, the same along rows and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conv2dOptions {
    /// Output pixels are this many input pixels apart.
    pub stride: usize,
    /// Zeros added on each of the four sides.
    pub padding: usize,
    /// Kernel taps are this many input pixels apart.
    pub dilation: usize,
    /// Channels fall into this many groups that do not see each other.
    pub groups: usize,
}

impl Default for Conv2dOptions {
    fn default() -> Self {
        Self { stride: 1, padding: 0, dilation: 1, groups: 1 }
    }
}

impl Conv2dOptions {
    /// Stride 1 with the padding that keeps the size of the image under an odd kernel of `size`.
    pub fn same(size: usize) -> Self {
        Self { padding: size / 2, ..Self::default() }
    }

    /// The same geometry with another stride.
    pub fn with_stride(self, stride: usize) -> Self {
        Self { stride, ..self }
    }
}

/// A convolution: weight `[out, in / groups, k, k]` and an optional bias `[out]`.
///
/// A weight that is no variable is taken for constant: its packed form is kept from the first use on.
#[derive(Debug, Clone)]
pub struct Conv2d {
    weight: Tensor,
    bias: Option<Tensor>,
    options: Conv2dOptions,
    packed: PackedCache,
}

impl Conv2d {
    /// A convolution of these parameters.
    pub fn new(weight: Tensor, bias: Option<Tensor>, options: Conv2dOptions) -> Self {
        Self { weight, bias, options, packed: PackedCache::default() }
    }

    /// `[out, in / groups, k, k]`.
    pub fn weight(&self) -> &Tensor {
        &self.weight
    }

    /// `[out]`.
    pub fn bias(&self) -> Option<&Tensor> {
        self.bias.as_ref()
    }

    /// Stride, padding, dilation, groups.
    pub fn options(&self) -> &Conv2dOptions {
        &self.options
    }

    /// The convolution followed by an activation, in one pass where the device has one.
    pub fn forward_activated(&self, x: &Tensor, activation: Activation) -> Result<Tensor> {
        convolve(x, &self.weight, self.bias.as_ref(), self.options, None, activation, &self.packed)
    }

    /// The convolution plus `added` of the shape of the result, activated: the end of a residual block.
    pub fn forward_added(&self, x: &Tensor, added: &Tensor, activation: Activation) -> Result<Tensor> {
        convolve(x, &self.weight, self.bias.as_ref(), self.options, Some(added), activation, &self.packed)
    }

    /// This convolution with the batch norm that follows it folded into its parameters; for inference only.
    pub fn folded(&self, norm: &BatchNorm2d) -> Result<Self> {
        let (scale, shift) = norm.scale_and_shift()?;
        let weight = self.weight.detach().broadcast_mul(&scale.reshape(((), 1, 1, 1))?)?;
        let bias = match &self.bias {
            Some(bias) => (bias.detach().mul(&scale)? + shift)?,
            None => shift,
        };
        Ok(Self::new(weight, Some(bias), self.options))
    }
}

impl Module for Conv2d {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.forward_activated(x, Activation::Identity)
    }
}

fn kernel(
    inputs: usize,
    outputs: usize,
    size: usize,
    options: Conv2dOptions,
    vb: &VarBuilder,
) -> Result<Tensor> {
    let shape = (outputs, inputs / options.groups.max(1), size, size);
    vb.get_with_hints(shape, "weight", candle_nn::init::DEFAULT_KAIMING_NORMAL)
}

/// A convolution with square kernels and a bias; parameters `weight` and `bias` of `vb`.
pub fn conv2d(
    inputs: usize,
    outputs: usize,
    size: usize,
    options: Conv2dOptions,
    vb: VarBuilder,
) -> Result<Conv2d> {
    let weight = kernel(inputs, outputs, size, options, &vb)?;
    let bound = 1.0 / ((inputs / options.groups.max(1) * size * size).max(1) as f64).sqrt();
    let bias = vb.get_with_hints(outputs, "bias", Init::Uniform { lo: -bound, up: bound })?;
    Ok(Conv2d::new(weight, Some(bias), options))
}

/// A convolution with square kernels and no bias; parameter `weight` of `vb`.
pub fn conv2d_no_bias(
    inputs: usize,
    outputs: usize,
    size: usize,
    options: Conv2dOptions,
    vb: VarBuilder,
) -> Result<Conv2d> {
    Ok(Conv2d::new(kernel(inputs, outputs, size, options, &vb)?, None, options))
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::super::check::{difference, gradients, random};
    use super::*;

    fn options(stride: usize, padding: usize, dilation: usize, groups: usize) -> Conv2dOptions {
        Conv2dOptions { stride, padding, dilation, groups }
    }

    /// Input, kernel, options: odd and even sizes, every option, several tiles and blocks.
    fn cases() -> Vec<([usize; 4], [usize; 4], Conv2dOptions)> {
        vec![
            ([2, 3, 7, 6], [5, 3, 3, 3], options(1, 1, 1, 1)),
            ([2, 3, 9, 8], [4, 3, 5, 5], options(2, 2, 1, 1)),
            ([1, 2, 8, 11], [9, 2, 3, 3], options(2, 1, 1, 1)),
            ([3, 4, 6, 5], [6, 4, 1, 1], options(1, 0, 1, 1)),
            ([2, 4, 7, 7], [6, 4, 1, 1], options(2, 0, 1, 1)),
            ([2, 4, 11, 10], [6, 2, 3, 3], options(1, 2, 2, 2)),
            ([1, 4, 9, 9], [8, 1, 3, 3], options(3, 1, 2, 4)),
            ([1, 1, 9, 7], [1, 1, 2, 4], options(1, 3, 1, 1)),
            ([2, 2, 3, 3], [3, 2, 3, 3], options(1, 0, 1, 1)),
            ([2, 32, 9, 14], [33, 32, 3, 3], options(1, 1, 1, 1)),
        ]
    }

    #[test]
    fn gradients_match_finite_differences() {
        for (x, weight, options) in cases() {
            let inputs = [random(&x, 1), random(&weight, 2), random(&weight[..1], 3)];
            // Linear in each argument, so a wide step has no error but rounding.
            gradients(&inputs, 0.5, 1e-4, |t| {
                Conv2d::new(t[1].clone(), Some(t[2].clone()), options).forward(&t[0])
            });
        }
    }

    #[test]
    fn equals_candle_forward_and_backward() {
        let mut cases = cases();
        cases.extend([
            ([2, 24, 70, 90], [40, 24, 3, 3], options(1, 1, 1, 1)),
            ([3, 1, 65, 127], [24, 1, 5, 5], options(2, 2, 1, 1)),
            ([1, 130, 16, 16], [66, 130, 3, 3], options(1, 1, 1, 1)),
            ([2, 40, 33, 50], [22, 20, 3, 3], options(2, 1, 1, 2)),
            ([1, 30, 40, 300], [7, 30, 7, 7], options(2, 3, 1, 1)),
            ([2, 64, 20, 20], [32, 64, 1, 1], options(1, 0, 1, 1)),
            // Enough channels and pixels for Winograd's sums, and too few pixels.
            ([2, 33, 18, 21], [41, 33, 3, 3], options(1, 1, 1, 1)),
            ([1, 32, 17, 30], [32, 32, 3, 3], options(1, 2, 1, 1)),
            ([1, 40, 9, 8], [40, 40, 3, 3], options(1, 0, 1, 1)),
            // So deep that a tile takes the channels in parts.
            ([1, 520, 9, 40], [20, 520, 3, 3], options(1, 1, 1, 1)),
            ([2, 600, 20, 35], [18, 300, 3, 3], options(2, 1, 1, 2)),
        ]);
        let mut compared = 0;
        for (x, weight, options) in cases {
            let make = || [random(&x, 1), random(&weight, 2)].map(|t| Var::from_tensor(&t).unwrap());
            let Conv2dOptions { stride, padding, dilation, groups } = options;
            let [x1, w1] = make();
            let ours = Conv2d::new(w1.as_tensor().clone(), None, options)
                .forward(&x1.affine(1.0, 0.0).unwrap())
                .unwrap();
            let [x2, w2] = make();
            let theirs = x2.conv2d(&w2, padding, stride, dilation, groups).unwrap();
            let error = difference(&ours, &theirs);
            assert!(error < 2e-5, "forward: {error} {x:?} {weight:?} {options:?}");
            let seed = random(ours.dims(), 4);
            let ours = (ours * &seed).unwrap().backward().unwrap();
            // candle refuses sizes whose rows and columns leave different remainders of the stride.
            let Ok(theirs) = (theirs * &seed).unwrap().backward() else { continue };
            compared += 1;
            for (name, a, b) in [("input", &x1, &x2), ("kernel", &w1, &w2)] {
                let difference = difference(ours.get(a).unwrap(), theirs.get(b).unwrap());
                assert!(difference < 2e-5, "gradient to {name}: {difference} {x:?} {weight:?} {options:?}");
            }
        }
        assert!(compared >= 10, "only {compared} gradients compared");
    }

    #[test]
    fn strided_inputs_and_double_precision_work() {
        let x = random(&[2, 6, 5, 3], 1).transpose(1, 3).unwrap();
        let layer = Conv2d::new(random(&[4, 3, 3, 3], 2), None, Conv2dOptions::same(3));
        let expected = layer.forward(&x.contiguous().unwrap()).unwrap();
        assert!(difference(&layer.forward(&x).unwrap(), &expected) == 0.0);
        let double = Conv2d::new(
            layer.weight().to_dtype(candle_core::DType::F64).unwrap(),
            None,
            Conv2dOptions::same(3),
        );
        let double = double.forward(&x.to_dtype(candle_core::DType::F64).unwrap()).unwrap();
        assert!(difference(&expected, &double) < 1e-6);
    }

    #[test]
    fn the_gradient_does_not_depend_on_the_number_of_threads() {
        let gradient = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let weight = Var::from_tensor(&random(&[16, 8, 3, 3], 2)).unwrap();
                let layer = Conv2d::new(weight.as_tensor().clone(), None, Conv2dOptions::same(3));
                let y = layer.forward(&random(&[3, 8, 40, 40], 1)).unwrap();
                let gradients = y.sqr().unwrap().backward().unwrap();
                gradients.get(&weight).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap()
            })
        };
        assert_eq!(gradient(1), gradient(3));
    }

    #[test]
    fn an_activation_is_fused_without_gradients_and_kept_apart_with_them() {
        let (x, weight) = (random(&[2, 3, 8, 8], 1), random(&[4, 3, 3, 3], 2));
        let layer = Conv2d::new(weight.clone(), None, Conv2dOptions::same(3));
        let plain = layer.forward(&x).unwrap();
        for activation in [Activation::Relu, Activation::LeakyRelu(0.1)] {
            let expected = activation.apply(&plain).unwrap();
            assert!(difference(&layer.forward_activated(&x, activation).unwrap(), &expected) < 1e-6);
            let variable = Var::from_tensor(&weight).unwrap();
            let layer = Conv2d::new(variable.as_tensor().clone(), None, Conv2dOptions::same(3));
            let tracked = layer.forward_activated(&x, activation).unwrap();
            assert!(difference(&tracked, &expected) < 1e-6);
            assert!(tracked.sqr().unwrap().backward().unwrap().get(&variable).is_some());
        }
    }

    #[test]
    fn a_residual_is_added_before_the_activation_with_and_without_gradients() {
        for (channels, size) in [(4, 8), (36, 17)] {
            let x = random(&[2, channels, size, size], 1);
            let (weight, bias) = (random(&[channels, channels, 3, 3], 2), random(&[channels], 3));
            let make =
                |weight: &Tensor| Conv2d::new(weight.clone(), Some(bias.clone()), Conv2dOptions::same(3));
            let layer = make(&weight);
            for activation in [Activation::Identity, Activation::Relu] {
                let expected = activation.apply(&(layer.forward(&x).unwrap() + &x).unwrap()).unwrap();
                assert!(difference(&layer.forward_added(&x, &x, activation).unwrap(), &expected) < 1e-6);
                let variable = Var::from_tensor(&weight).unwrap();
                let tracked = make(variable.as_tensor()).forward_added(&x, &x, activation).unwrap();
                assert!(difference(&tracked, &expected) < 1e-6);
                assert!(tracked.sqr().unwrap().backward().unwrap().get(&variable).is_some());
            }
            assert!(layer.forward_added(&x, &x.narrow(3, 0, 3).unwrap(), Activation::Relu).is_err());
        }
    }

    #[test]
    fn packed_weights_serve_every_size_and_never_a_variable() {
        // 32 channels: Winograd's sums for all sizes but the first.
        let layer = Conv2d::new(random(&[33, 32, 3, 3], 2), None, Conv2dOptions::same(3));
        for size in [5, 18, 40, 5] {
            let x = random(&[1, 32, size, size + 1], 1);
            let fresh = Conv2d::new(layer.weight().clone(), None, Conv2dOptions::same(3));
            let expected = fresh.forward(&x).unwrap();
            assert!(difference(&layer.forward(&x).unwrap(), &expected) == 0.0);
        }
        let variable = Var::from_tensor(layer.weight()).unwrap();
        let trained = Conv2d::new(variable.as_tensor().clone(), None, Conv2dOptions::same(3));
        let x = random(&[1, 32, 6, 6], 1);
        let before = trained.forward(&x).unwrap();
        variable.set(&layer.weight().affine(2.0, 0.0).unwrap()).unwrap();
        let after = trained.forward(&x).unwrap();
        assert!(difference(&after, &before.affine(2.0, 0.0).unwrap()) < 1e-6);
    }

    #[test]
    fn impossible_shapes_are_errors() {
        let layer = |shape: [usize; 4], options| Conv2d::new(random(&shape, 2), None, options);
        let x = random(&[1, 4, 5, 5], 1);
        assert!(layer([2, 3, 3, 3], Conv2dOptions::same(3)).forward(&x).is_err());
        assert!(layer([2, 4, 7, 7], Conv2dOptions::default()).forward(&x).is_err());
        assert!(layer([2, 4, 3, 3], options(0, 1, 1, 1)).forward(&x).is_err());
        assert!(layer([3, 2, 3, 3], options(1, 1, 1, 2)).forward(&x).is_err());
        let flat = Tensor::zeros((4, 5), candle_core::DType::F32, &Device::Cpu).unwrap();
        assert!(layer([2, 4, 3, 3], Conv2dOptions::default()).forward(&flat).is_err());
    }
}
