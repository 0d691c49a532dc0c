//! What a convolution reads along one axis: rows and columns alike.

/// A kernel tap along one axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tap {
    /// Position in the kernel.
    pub index: usize,
    /// Input position of output 0.
    pub shift: isize,
}

/// Outputs `first + step · i`, for `i` below `count`, that read inputs `stride · i + shift` of the same taps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AxisPhase {
    pub count: usize,
    pub first: usize,
    pub step: usize,
    pub stride: usize,
    pub taps: Vec<Tap>,
    /// The lowest shift.
    pub low: isize,
    /// Inputs are sorted by their position modulo the stride; this many of these residues are read.
    pub residues: usize,
    /// Inputs of one residue beyond the number of outputs.
    pub halo: usize,
}

impl AxisPhase {
    fn new(count: usize, [first, step]: [usize; 2], stride: usize, taps: Vec<Tap>) -> Self {
        let shifts = || taps.iter().map(|tap| tap.shift);
        let low = shifts().min().unwrap_or(0);
        let span = shifts().map(|shift| shift.abs_diff(low)).max().unwrap_or(0);
        Self { count, first, step, stride, low, residues: stride.min(span + 1), halo: span / stride, taps }
    }

    /// A convolution of `outputs` pixels.
    pub(super) fn forward(
        outputs: usize,
        size: usize,
        stride: usize,
        padding: usize,
        dilation: usize,
    ) -> Self {
        let taps = (0..size)
            .map(|index| Tap { index, shift: (index * dilation) as isize - padding as isize })
            .collect();
        Self::new(outputs, [0, 1], stride, taps)
    }

    /// The transpose of a convolution, onto `outputs` pixels (the input of that convolution). Pixels that are
    /// `stride` apart share their taps, so there are as many phases as the stride.
    pub(super) fn transposed(
        outputs: usize,
        size: usize,
        stride: usize,
        padding: usize,
        dilation: usize,
    ) -> Vec<Self> {
        (0..stride.min(outputs))
            .map(|first| {
                let taps = (0..size)
                    .map(|index| (index, (first + padding) as isize - (index * dilation) as isize))
                    .filter(|(_, distance)| distance.rem_euclid(stride as isize) == 0)
                    .map(|(index, distance)| Tap { index, shift: distance.div_euclid(stride as isize) })
                    .collect();
                Self::new((outputs - first).div_ceil(stride), [first, stride], 1, taps)
            })
            .collect()
    }

    /// This in parts of equal length, `most` outputs or fewer.
    pub(super) fn parts(&self, most: usize) -> Vec<Self> {
        let count = self.count.div_ceil(self.count.div_ceil(most).max(1)).max(1);
        let part = |start: usize| {
            let inputs = (self.stride * start) as isize;
            let taps = self.taps.iter().map(|tap| Tap { shift: tap.shift + inputs, ..*tap }).collect();
            let first = self.first + self.step * start;
            Self::new(count.min(self.count - start), [first, self.step], self.stride, taps)
        };
        (0..self.count).step_by(count).map(part).collect()
    }

    /// The residue of a tap and its offset among the inputs of that residue.
    pub(super) fn place(&self, tap: Tap) -> (usize, usize) {
        let distance = (tap.shift - self.low) as usize;
        (distance % self.stride, distance / self.stride)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transposed_axis_reads_what_the_forward_axis_wrote() {
        for (inputs, size, stride, padding, dilation) in
            [(9, 3, 1, 1, 1), (10, 5, 2, 2, 1), (11, 3, 2, 0, 2), (12, 1, 3, 0, 1), (8, 4, 3, 2, 1)]
        {
            let outputs = (inputs + 2 * padding - dilation * (size - 1) - 1) / stride + 1;
            let mut forward = Vec::new();
            let phase = AxisPhase::forward(outputs, size, stride, padding, dilation);
            for i in 0..phase.count {
                for tap in &phase.taps {
                    let input = (phase.stride * i) as isize + tap.shift;
                    if (0..inputs as isize).contains(&input) {
                        forward.push((input as usize, phase.first + phase.step * i, tap.index));
                    }
                }
            }
            let mut transposed = Vec::new();
            for phase in AxisPhase::transposed(inputs, size, stride, padding, dilation) {
                for i in 0..phase.count {
                    for tap in &phase.taps {
                        let output = (phase.stride * i) as isize + tap.shift;
                        if (0..outputs as isize).contains(&output) {
                            transposed.push((phase.first + phase.step * i, output as usize, tap.index));
                        }
                    }
                }
            }
            forward.sort_unstable();
            transposed.sort_unstable();
            assert_eq!(forward, transposed);
        }
    }
}
