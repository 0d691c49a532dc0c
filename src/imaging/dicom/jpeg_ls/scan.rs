//! One JPEG-LS scan (T.87 annex A): prediction, contexts, run mode. Names are those of the standard.
//!
//! Each sample waits for the one before it, so the time of a film is the length of that chain: what can be known
//! earlier is (the Golomb parameter, when its context is updated), and nothing on the way branches by the data.

use super::bits::Bits;
use super::coding::Coding;

/// Order of the run-length code by run index (T.87 A.7.1.2).
const J: [u32; 32] =
    [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15];
/// A Golomb parameter beyond this belongs to no image.
const MAX_K: u32 = 20;

/// State of a regular context.
#[derive(Clone, Copy)]
struct Context {
    a: i32,
    b: i32,
    n: u16,
    c: i8,
    /// Golomb parameter for the next error.
    k: u8,
}

impl Context {
    /// After an error of `error` steps of `step`.
    #[inline(always)]
    fn update(&mut self, error: i32, step: i32, reset: u16) {
        let (mut a, mut b, mut n) = (self.a.saturating_add(error.abs()), self.b + error * step, self.n);
        if n == reset {
            (a, b, n) = (a >> 1, b >> 1, n >> 1);
        }
        n += 1;
        let count = i32::from(n);
        let bias = i32::from(b > 0) - i32::from(b <= -count);
        b = (b - bias * count).max(1 - count).min(0);
        let c = (i32::from(self.c) + bias).clamp(-128, 127) as i8;
        *self = Context { a, b, n, c, k: golomb_parameter(a, count) as u8 };
    }
}

#[derive(Clone, Copy)]
struct RunContext {
    a: i32,
    n: i32,
    negative: i32,
}

struct State {
    contexts: [Context; 365],
    runs: [RunContext; 2],
    /// The position in [`J`] of each component.
    run_index: [usize; 4],
    /// Whether an error was larger than any image can have.
    damaged: bool,
}

/// Decodes a scan of `count` components, by line or `by_sample`, and hands each finished line to `put` with its
/// component and row. Returns the number of rows that the
/// data sufficed for.
///
/// # Errors
/// When an error is larger than any image can have.
pub(super) fn decode_scan(
    data: &[u8],
    coding: &Coding,
    columns: usize,
    count: usize,
    by_sample: bool,
    mut put: impl FnMut(&[i32], usize, usize),
    rows: usize,
) -> Result<usize, String> {
    let a = ((coding.range + 32) / 64).max(2);
    let mut bits = Bits::new(data);
    let mut state = State {
        contexts: [Context { a, b: 0, c: 0, n: 1, k: golomb_parameter(a, 1) as u8 }; 365],
        runs: [RunContext { a, n: 1, negative: 0 }; 2],
        run_index: [0; 4],
        damaged: false,
    };
    // A column of neighbours on either side.
    let mut above = vec![vec![0i32; columns + 2]; count];
    let mut lines = above.clone();
    for row in 0..rows {
        for (line, above) in lines.iter_mut().zip(&mut above) {
            line[0] = above[1];
            above[columns + 1] = above[columns];
        }
        if by_sample {
            bits = state.samples_of_line(bits, coding, &mut lines, &above);
        } else {
            for (component, (line, above)) in lines.iter_mut().zip(&above).enumerate() {
                bits = if coding.is_masked() {
                    state.line::<true>(bits, coding, component, line, above)
                } else {
                    state.line::<false>(bits, coding, component, line, above)
                };
            }
        }
        if state.damaged {
            return Err("the JPEG-LS data is damaged".to_owned());
        }
        for (component, line) in lines.iter().enumerate() {
            put(&line[1..=columns], component, row);
        }
        if bits.overran() {
            return Ok(row);
        }
        std::mem::swap(&mut lines, &mut above);
    }
    Ok(rows)
}

impl State {
    fn line<'a, const MASKED: bool>(
        &mut self,
        mut bits: Bits<'a>,
        coding: &Coding,
        component: usize,
        line: &mut [i32],
        above: &[i32],
    ) -> Bits<'a> {
        let end = line.len() - 1;
        let above = &above[..=end];
        let mut x = 1;
        while x < end {
            let (ra, rb, rc, rd) = (line[x - 1], above[x], above[x - 1], above[x + 1]);
            let context = context(coding, ra, rb, rc, rd);
            if context != 0 {
                line[x] = self.regular::<MASKED>(&mut bits, coding, context, [ra, rb, rc]);
                x += 1;
                continue;
            }
            let run;
            (run, bits) = self.run_length(bits, component, end - x);
            line[x..x + run].fill(ra);
            x += run;
            if x < end {
                let rb = above[x];
                let like_left = (ra - rb).abs() <= coding.near;
                (line[x], bits) = self.interruption(bits, coding, component, [ra, rb], like_left);
                self.shorten_run(component);
                x += 1;
            }
        }
        bits
    }

    /// Interleaved by sample: a run needs flat surroundings in all components at once.
    fn samples_of_line<'a>(
        &mut self,
        mut bits: Bits<'a>,
        coding: &Coding,
        lines: &mut [Vec<i32>],
        above: &[Vec<i32>],
    ) -> Bits<'a> {
        let end = lines.first().map_or(0, |line| line.len() - 1);
        let mut x = 1;
        while x < end {
            let mut contexts = [0; 4];
            for ((to, line), above) in contexts.iter_mut().zip(lines.iter()).zip(above) {
                *to = context(coding, line[x - 1], above[x], above[x - 1], above[x + 1]);
            }
            if contexts.iter().any(|c| *c != 0) {
                for ((context, line), above) in contexts.iter().zip(lines.iter_mut()).zip(above) {
                    let near = [line[x - 1], above[x], above[x - 1]];
                    line[x] = self.regular::<false>(&mut bits, coding, *context, near);
                }
                x += 1;
                continue;
            }
            let run;
            (run, bits) = self.run_length(bits, 0, end - x);
            for line in lines.iter_mut() {
                let ra = line[x - 1];
                line[x..x + run].fill(ra);
            }
            x += run;
            if x < end {
                for (line, above) in lines.iter_mut().zip(above) {
                    (line[x], bits) = self.interruption(bits, coding, 0, [line[x - 1], above[x]], false);
                }
                self.shorten_run(0);
                x += 1;
            }
        }
        bits
    }

    /// A sample among `[ra, rb, rc]` (A.4 to A.6).
    #[inline(always)]
    fn regular<const MASKED: bool>(
        &mut self,
        bits: &mut Bits,
        coding: &Coding,
        context: i32,
        [ra, rb, rc]: [i32; 3],
    ) -> i32 {
        // All ones for a context that stands for its mirror image.
        let sign = context >> 31;
        let state = &mut self.contexts[context.unsigned_abs() as usize];
        let predicted = (ra + rb - rc).max(ra.min(rb)).min(ra.max(rb));
        let px = (predicted + ((i32::from(state.c) ^ sign) - sign)).max(0).min(coding.max_value);
        let k = u32::from(state.k);
        let mapped = bits.golomb(k, coding.longest, coding.escape) as i32;
        self.damaged |= mapped > 2 * coding.range;
        let skewed = (MASKED || coding.near == 0) && k == 0 && 2 * state.b <= -i32::from(state.n);
        let error = (mapped >> 1) ^ -(mapped & 1) ^ -i32::from(skewed);
        let sample = coding.reconstruct::<MASKED>(px, (error ^ sign) - sign);
        state.update(error, if MASKED { 1 } else { 2 * coding.near + 1 }, coding.reset);
        sample
    }

    /// Length of a run within the `left` samples of the line (A.7.1).
    fn run_length<'a>(&mut self, mut bits: Bits<'a>, component: usize, left: usize) -> (usize, Bits<'a>) {
        let index = &mut self.run_index[component];
        let mut run = 0;
        while bits.read(1) == 1 {
            let block = 1usize << J[*index];
            if block <= left - run {
                run += block;
                *index = (*index + 1).min(31);
            } else {
                run = left;
            }
            if run == left {
                return (run, bits);
            }
        }
        run += bits.read(J[*index]) as usize;
        (run.min(left), bits)
    }

    /// The sample that ends a run between `[ra, rb]` (A.7.2).
    fn interruption<'a>(
        &mut self,
        mut bits: Bits<'a>,
        coding: &Coding,
        component: usize,
        [ra, rb]: [i32; 2],
        alike: bool,
    ) -> (i32, Bits<'a>) {
        let kind = i32::from(alike);
        let state = &mut self.runs[usize::from(alike)];
        let half = if alike { state.n >> 1 } else { 0 };
        let k = golomb_parameter(state.a.saturating_add(half), state.n);
        let longest = coding.longest - J[self.run_index[component]] - 1;
        let mapped = bits.golomb(k, longest, coding.escape) as i32;
        self.damaged |= mapped > 2 * coding.range;
        let both = mapped + kind;
        let odd = both & 1 == 1;
        let size = (both + 1) >> 1;
        let error = if (k != 0 || 2 * state.negative >= state.n) == odd { -size } else { size };
        if error < 0 {
            state.negative += 1;
        }
        state.a = state.a.saturating_add((mapped + 1 - kind) >> 1);
        if state.n == i32::from(coding.reset) {
            state.a >>= 1;
            state.n >>= 1;
            state.negative >>= 1;
        }
        state.n += 1;
        let (px, error) = if alike { (ra, error) } else { (rb, if ra > rb { -error } else { error }) };
        (coding.reconstruct::<false>(px, error), bits)
    }

    fn shorten_run(&mut self, component: usize) {
        self.run_index[component] = self.run_index[component].saturating_sub(1);
    }
}

/// Context of the local gradients with its sign, −364…364; 0 where all is flat.
#[inline(always)]
fn context(coding: &Coding, ra: i32, rb: i32, rc: i32, rd: i32) -> i32 {
    (coding.quantise(rd - rb) * 9 + coding.quantise(rb - rc)) * 9 + coding.quantise(rc - ra)
}

/// The smallest k with N·2^k ≥ A.
#[inline(always)]
fn golomb_parameter(a: i32, n: i32) -> u32 {
    let k = n.leading_zeros().saturating_sub((a | 1).leading_zeros());
    (k + u32::from(n << k < a)).min(MAX_K)
}
