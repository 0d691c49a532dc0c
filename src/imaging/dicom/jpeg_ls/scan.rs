//! One JPEG-LS scan (T.87 annex A): prediction, contexts, run mode. Names are those of the standard.

use super::Preset;
use super::bits::Bits;

/// Order of the run-length code by run index (T.87 A.7.1.2).
const J: [u32; 32] =
    [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// Parameters of a scan (T.87 C.2.4.1.1).
#[derive(Debug, Clone, Copy)]
pub(super) struct Coding {
    near: i32,
    max_value: i32,
    thresholds: [i32; 3],
    reset: i32,
    range: i32,
    /// Bits of a mapped error in the escape code.
    escape: u32,
    limit: u32,
}

impl Coding {
    /// # Errors
    /// When the parameters contradict one another.
    pub fn new(precision: u32, near: i32, preset: Preset) -> Result<Coding, String> {
        let full = (1 << precision) - 1;
        let max_value = if preset.max_value > 0 { preset.max_value } else { full };
        let defaults = default_thresholds(max_value, near);
        let mut thresholds = preset.thresholds;
        thresholds.iter_mut().zip(defaults).for_each(|(t, default)| {
            if *t == 0 {
                *t = default;
            }
        });
        let ordered = near < thresholds[0] && thresholds.is_sorted() && thresholds[2] <= max_value;
        if max_value > full || near > max_value / 2 || !ordered {
            return Err("the JPEG-LS parameters make no sense".to_owned());
        }
        let range = (max_value + 2 * near) / (2 * near + 1) + 1;
        let bits = |values: i32| 32 - (values - 1).max(0).leading_zeros();
        let depth = bits(max_value + 1).max(2);
        Ok(Coding {
            near,
            max_value,
            thresholds,
            reset: if preset.reset > 0 { preset.reset } else { 64 },
            range,
            escape: bits(range).max(1),
            limit: 2 * (depth + depth.max(8)),
        })
    }

    /// Quantised gradient, −4…4.
    #[inline]
    fn quantise(&self, d: i32) -> i32 {
        let [t1, t2, t3] = self.thresholds;
        let size = d.abs();
        let level = if size <= self.near {
            0
        } else if size < t1 {
            1
        } else if size < t2 {
            2
        } else if size < t3 {
            3
        } else {
            4
        };
        if d < 0 { -level } else { level }
    }

    /// The sample predicted as `px` whose error is `error` in steps of 2·NEAR + 1, taken modulo the range.
    #[inline]
    fn reconstruct(&self, px: i32, error: i32) -> i32 {
        let step = 2 * self.near + 1;
        let mut rx = px + error * step;
        if rx < -self.near {
            rx += self.range * step;
        } else if rx > self.max_value + self.near {
            rx -= self.range * step;
        }
        rx.clamp(0, self.max_value)
    }
}

fn default_thresholds(max_value: i32, near: i32) -> [i32; 3] {
    let clamp = |i: i32, low: i32| if i > max_value || i < low { low } else { i };
    let raw = if max_value >= 128 {
        let factor = (max_value.min(4095) + 128) / 256;
        [factor + 2 + 3 * near, factor * 4 + 3 + 5 * near, factor * 17 + 4 + 7 * near]
    } else {
        let factor = 256 / (max_value + 1);
        [(3 / factor + 3 * near).max(2), (7 / factor + 5 * near).max(3), (21 / factor + 7 * near).max(4)]
    };
    let t1 = clamp(raw[0], near + 1);
    let t2 = clamp(raw[1], t1);
    [t1, t2, clamp(raw[2], t2)]
}

#[derive(Clone, Copy)]
struct Context {
    a: i32,
    b: i32,
    c: i32,
    n: i32,
}

#[derive(Clone, Copy)]
struct RunContext {
    a: i32,
    n: i32,
    negative: i32,
}

struct Decoder<'a> {
    bits: Bits<'a>,
    coding: Coding,
    contexts: Vec<Context>,
    runs: [RunContext; 2],
    /// The position in [`J`] of each component.
    run_index: [usize; 4],
}

/// Decodes a scan of `count` components, by line or `by_sample`, and hands each finished line to `put` with its
/// component and row. Returns whether the data sufficed.
///
/// # Errors
/// When an error is larger than any image can have.
pub(super) fn decode_scan(
    data: &[u8],
    coding: Coding,
    columns: usize,
    count: usize,
    by_sample: bool,
    mut put: impl FnMut(&[i32], usize, usize),
    rows: usize,
) -> Result<bool, String> {
    let a = ((coding.range + 32) / 64).max(2);
    let mut decoder = Decoder {
        bits: Bits::new(data),
        coding,
        contexts: vec![Context { a, b: 0, c: 0, n: 1 }; 365],
        runs: [RunContext { a, n: 1, negative: 0 }; 2],
        run_index: [0; 4],
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
            decoder.samples_of_line(&mut lines, &above)?;
        } else {
            for (component, (line, above)) in lines.iter_mut().zip(&above).enumerate() {
                decoder.line(component, line, above)?;
            }
        }
        for (component, line) in lines.iter().enumerate() {
            put(&line[1..=columns], component, row);
        }
        if decoder.bits.overran() {
            return Ok(false);
        }
        std::mem::swap(&mut lines, &mut above);
    }
    Ok(true)
}

impl Decoder<'_> {
    fn line(&mut self, component: usize, line: &mut [i32], above: &[i32]) -> Result<(), String> {
        let end = line.len() - 1;
        let mut x = 1;
        while x < end {
            let (ra, rb, rc, rd) = (line[x - 1], above[x], above[x - 1], above[x + 1]);
            let context = self.context(ra, rb, rc, rd);
            if context != 0 {
                line[x] = self.regular(context, ra, rb, rc)?;
                x += 1;
                continue;
            }
            let run = self.run_length(component, end - x);
            line[x..x + run].fill(ra);
            x += run;
            if x < end {
                let rb = above[x];
                let like_left = (ra - rb).abs() <= self.coding.near;
                line[x] = self.interruption(component, ra, rb, usize::from(like_left))?;
                self.shorten_run(component);
                x += 1;
            }
        }
        Ok(())
    }

    /// Interleaved by sample: a run needs flat surroundings in all components at once.
    fn samples_of_line(&mut self, lines: &mut [Vec<i32>], above: &[Vec<i32>]) -> Result<(), String> {
        let end = lines.first().map_or(0, |line| line.len() - 1);
        let mut x = 1;
        while x < end {
            let mut contexts = [0; 4];
            for ((context, line), above) in contexts.iter_mut().zip(lines.iter()).zip(above) {
                *context = self.context(line[x - 1], above[x], above[x - 1], above[x + 1]);
            }
            if contexts.iter().any(|c| *c != 0) {
                for ((context, line), above) in contexts.iter().zip(lines.iter_mut()).zip(above) {
                    line[x] = self.regular(*context, line[x - 1], above[x], above[x - 1])?;
                }
                x += 1;
                continue;
            }
            let run = self.run_length(0, end - x);
            for line in lines.iter_mut() {
                let ra = line[x - 1];
                line[x..x + run].fill(ra);
            }
            x += run;
            if x < end {
                for (line, above) in lines.iter_mut().zip(above) {
                    line[x] = self.interruption(0, line[x - 1], above[x], 0)?;
                }
                self.shorten_run(0);
                x += 1;
            }
        }
        Ok(())
    }

    /// Context of the local gradients with its sign, −364…364; 0 where all is flat.
    #[inline]
    fn context(&self, ra: i32, rb: i32, rc: i32, rd: i32) -> i32 {
        let q = |d| self.coding.quantise(d);
        (q(rd - rb) * 9 + q(rb - rc)) * 9 + q(rc - ra)
    }

    #[inline]
    fn regular(&mut self, context: i32, ra: i32, rb: i32, rc: i32) -> Result<i32, String> {
        let coding = self.coding;
        let sign = if context < 0 { -1 } else { 1 };
        let Some(state) = self.contexts.get_mut(context.unsigned_abs() as usize) else {
            return Err("the JPEG-LS data is damaged".to_owned());
        };
        let predicted = if rc >= ra.max(rb) {
            ra.min(rb)
        } else if rc <= ra.min(rb) {
            ra.max(rb)
        } else {
            ra + rb - rc
        };
        let px = (predicted + sign * state.c).clamp(0, coding.max_value);
        let k = golomb_parameter(state.a, state.n);
        let mapped = self.bits.golomb(k, coding.limit, coding.escape) as i32;
        if mapped > 2 * coding.range {
            return Err("the JPEG-LS data is damaged".to_owned());
        }
        let error = if coding.near == 0 && k == 0 && 2 * state.b <= -state.n {
            if mapped & 1 == 1 { mapped >> 1 } else { -(mapped >> 1) - 1 }
        } else if mapped & 1 == 1 {
            -((mapped + 1) >> 1)
        } else {
            mapped >> 1
        };
        state.b += error * (2 * coding.near + 1);
        state.a = state.a.saturating_add(error.abs());
        if state.n == coding.reset {
            state.a >>= 1;
            state.b >>= 1;
            state.n >>= 1;
        }
        state.n += 1;
        if state.b <= -state.n {
            state.b = (state.b + state.n).max(1 - state.n);
            state.c = (state.c - 1).max(-128);
        } else if state.b > 0 {
            state.b = (state.b - state.n).min(0);
            state.c = (state.c + 1).min(127);
        }
        Ok(coding.reconstruct(px, sign * error))
    }

    /// Length of a run within the `left` samples of the line (A.7.1).
    fn run_length(&mut self, component: usize, left: usize) -> usize {
        let index = &mut self.run_index[component];
        let mut run = 0;
        while self.bits.read(1) == 1 {
            let block = 1usize << J[*index];
            if block <= left - run {
                run += block;
                *index = (*index + 1).min(31);
            } else {
                run = left;
            }
            if run == left {
                return run;
            }
        }
        (run + self.bits.read(J[*index]) as usize).min(left)
    }

    /// The sample that ends a run (A.7.2); `kind` 1 where left and above are alike.
    fn interruption(&mut self, component: usize, ra: i32, rb: i32, kind: usize) -> Result<i32, String> {
        let coding = self.coding;
        let state = &mut self.runs[kind];
        let half = if kind == 1 { state.n >> 1 } else { 0 };
        let k = golomb_parameter(state.a.saturating_add(half), state.n);
        let limit = coding.limit - J[self.run_index[component]] - 1;
        let mapped = self.bits.golomb(k, limit, coding.escape) as i32;
        if mapped > 2 * coding.range {
            return Err("the JPEG-LS data is damaged".to_owned());
        }
        let both = mapped + kind as i32;
        let odd = both & 1 == 1;
        let size = (both + 1) >> 1;
        let error = if (k != 0 || 2 * state.negative >= state.n) == odd { -size } else { size };
        if error < 0 {
            state.negative += 1;
        }
        state.a = state.a.saturating_add((mapped + 1 - kind as i32) >> 1);
        if state.n == coding.reset {
            state.a >>= 1;
            state.n >>= 1;
            state.negative >>= 1;
        }
        state.n += 1;
        let (px, sign) = if kind == 1 { (ra, 1) } else { (rb, if ra > rb { -1 } else { 1 }) };
        Ok(coding.reconstruct(px, sign * error))
    }

    fn shorten_run(&mut self, component: usize) {
        self.run_index[component] = self.run_index[component].saturating_sub(1);
    }
}

/// The smallest k with N·2^k ≥ A.
#[inline]
fn golomb_parameter(a: i32, n: i32) -> u32 {
    let mut k = 0;
    while (i64::from(n) << k) < i64::from(a) && k < 20 {
        k += 1;
    }
    k
}
