//! The convolution engine of the CPU: `f32`, every core, the widest vectors the machine has.
//!
//! A tile of input rows is copied once, with its zero border, into scratch memory that fits the second-level
//! cache ([`tile`]). There every kernel tap is a constant offset, whatever the stride, so that the innermost loop
//! ([`kernels`]) is a small matrix product that reads the image in place: nothing is unrolled into columns.
//! A convolution and the gradient to its input are the same loop with other offsets ([`axis`], [`correlation`]);
//! the gradient to the kernel is the same product summed over pixels instead ([`weight_gradient`]).
//! [`operations`] tells candle about the three.

mod axis;
mod correlation;
mod kernels;
mod operations;
mod sizes;
mod tile;
mod weight_gradient;

pub(super) use operations::{PackedCache, convolve, convolve_transposed};
