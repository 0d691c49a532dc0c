//! The dozen layers every network here is built from: right gradients, and the speed of the machine.
//!
//! candle's own convolution is slow on a CPU and some of its pooling and up-sampling gradients are wrong. Here
//! each layer is one file with its forward, its backward and a finite-difference test. Tensors are
//! `[batch, channel, row, column]`, and parameters carry PyTorch's names.
//!
//! # Devices
//! `f32` on the CPU runs our own loops. Everything else composes from candle operations that have a CUDA kernel, so
//! that nothing goes to the CPU and back unsaid; the tests compare the two through `f64`.
//!
//! | layer | on the CPU | elsewhere, and its gradient |
//! |---|---|---|
//! | [`Conv2d`] | tiles and vectors, or Winograd's sums; packed weights kept for inference | `conv2d`; `conv_transpose2d` and `conv2d` |
//! | [`ConvTranspose2d`] | the same loops with the axes transposed | `conv_transpose2d`; `conv2d` |
//! | [`Activation`] | fused into convolution and normalisation; so is the sum that ends a residual block | `relu`, or `relu` and `affine` |
//! | [`BatchNorm2d`], [`GroupNorm`], [`InstanceNorm2d`] | one pass a set of planes | means, `sqr`, `sqrt`, broadcasts |
//! | [`max_pool2d`] | winners kept for the gradient | `index_select` of every tap, `maximum` |
//! | [`avg_pool2d`], [`upsample_nearest2d`], [`upsample_bilinear2d`] | few taps an output | a matrix product an axis |
//! | [`spatial_softmax`], [`spatial_log_softmax`] | the composition | `max`, `exp`, `sum`, broadcasts |
//! | [`StridedConv2d`], [`UpConv2d`] | where strides differ, an even convolution and a permutation | the same |
//! | [`roi_align`] | the composition | a matrix product an axis |
//! | [`roi_pool`] | the composition | `argmax` and `gather` find the winners, `index_select` fetches them |
//! | [`nms`] | a loop | the same: boxes and scores are read to the host |
//!
//! What the host makes for a device is small: weights of an axis, pixel numbers, boxes.

mod activation;
mod avg_pool;
mod batch_norm;
mod buffer;
#[cfg(test)]
mod check;
mod conv2d;
mod conv_transpose2d;
mod convolution;
mod group_norm;
mod max_pool;
mod nms;
mod normalisation;
mod normalised_plane;
mod regions;
mod resample;
mod roi_align;
mod roi_pool;
mod spatial_softmax;
mod uneven;
mod upsample;

pub use activation::{Activation, relu};
pub use avg_pool::avg_pool2d;
pub use batch_norm::{BatchNorm2d, batch_norm2d};
pub use conv_transpose2d::{ConvTranspose2d, ConvTranspose2dOptions, conv_transpose2d};
pub use conv2d::{Conv2d, Conv2dOptions, conv2d, conv2d_no_bias};
pub use group_norm::{GroupNorm, InstanceNorm2d, group_norm, instance_norm2d};
pub use max_pool::max_pool2d;
pub use nms::nms;
pub use roi_align::{RoiAlignOptions, roi_align};
pub use roi_pool::roi_pool;
pub use spatial_softmax::{spatial_log_softmax, spatial_softmax};
pub use uneven::{StridedConv2d, UpConv2d, strided_conv2d, up_conv2d};
pub use upsample::{upsample_bilinear2d, upsample_nearest2d};
