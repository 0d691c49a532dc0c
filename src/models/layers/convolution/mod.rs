//! The convolution engine of the CPU: `f32`, every core, the widest vectors the machine has.
//!
//! A tile of input rows is copied once, with its zero border, into scratch memory that fits the second-level
//! cache ([`tile`]). There every kernel tap is a constant offset, whatever the stride, so that the innermost loop
//! ([`kernels`]) is a small matrix product that reads the image in place: nothing is unrolled into columns.
//! A convolution and the gradient to its input are the same loop with other offsets ([`axis`], [`correlation`]);
//! the gradient to the kernel is the same product summed over pixels instead ([`weight_gradient`]).
//! Where kernels are 3 × 3, the stride is 1 and there are channels enough, [`winograd`] computes the first two with a
//! quarter of the products. What a sum goes through on its way to memory is the same for both ([`epilogue`]).
//! [`operations`] tells candle about the three.

mod axis;
mod correlation;
mod epilogue;
mod filtering;
mod kernels;
mod operations;
mod sizes;
mod tile;
mod weight_gradient;
mod winograd;

pub(super) use operations::{PackedCache, convolve, convolve_transposed};
