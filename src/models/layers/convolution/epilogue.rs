//! What becomes of the sums of a convolution on their way to memory: bias, residual, activation.

use pulp::Arch;

use crate::models::layers::Activation;
use crate::models::layers::buffer::Output;

/// `activation(sum + bias + added)`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Epilogue<'a> {
    /// One value a channel.
    pub bias: Option<&'a [f32]>,
    /// As many values as the output has.
    pub added: Option<&'a [f32]>,
    pub activation: Activation,
}

impl Epilogue<'_> {
    /// Writes the pixels that belong to `sums` of `channel`: those from number `first` of `out` on, `step` apart.
    ///
    /// # Safety
    /// No other thread may use these pixels at the same time.
    pub(super) unsafe fn write(&self, channel: usize, sums: &[f32], first: usize, step: usize, out: &Output) {
        let bias = self.bias.map_or(0.0, |bias| bias[channel]);
        let slope = self.activation.slope_below_zero();
        if step > 1 {
            let added = |i: usize| self.added.map_or(0.0, |added| added[first + step * i]);
            let values = sums.iter().enumerate().map(|(i, sum)| activated(sum + bias + added(i), slope));
            // SAFETY: by the promise of the caller.
            return unsafe { out.write_spaced(first, step, values) };
        }
        // SAFETY: by the promise of the caller.
        let out = unsafe { out.range(first..first + sums.len()) };
        Arch::new().dispatch(
            #[inline(always)]
            || match self.added {
                Some(added) => {
                    for ((out, sum), added) in out.iter_mut().zip(sums).zip(&added[first..]) {
                        out.write(activated(sum + bias + added, slope));
                    }
                }
                None => {
                    for (out, sum) in out.iter_mut().zip(sums) {
                        out.write(activated(sum + bias, slope));
                    }
                }
            },
        );
    }
}

#[inline(always)]
fn activated(x: f32, slope: f32) -> f32 {
    if x > 0.0 { x } else { x * slope }
}
