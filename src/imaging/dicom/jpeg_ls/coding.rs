//! Parameters of a JPEG-LS scan: thresholds and code lengths (T.87 A.2 and C.2.4.1.1). Names are those of the standard.

/// Preset coding parameters (LSE, identifier 1); 0 stands for the default.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Preset {
    max_value: i32,
    thresholds: [i32; 3],
    reset: u16,
}

impl Preset {
    /// `None` where the segment is cut off, or is of another kind.
    pub fn read(body: &[u8]) -> Option<Preset> {
        if *body.first()? != 1 {
            return None;
        }
        let word = |i: usize| Some(u16::from_be_bytes([*body.get(1 + 2 * i)?, *body.get(2 + 2 * i)?]));
        let size = |i| word(i).map(i32::from);
        Some(Preset { max_value: size(0)?, thresholds: [size(1)?, size(2)?, size(3)?], reset: word(4)? })
    }
}

/// What a scan is decoded by.
#[derive(Debug, Clone)]
pub(super) struct Coding {
    pub near: i32,
    pub max_value: i32,
    pub reset: u16,
    pub range: i32,
    /// Bits of a mapped error in the escape code.
    pub escape: u32,
    /// A unary part of this many zeros announces the escape code (LIMIT − qbpp − 1).
    pub longest: u32,
    /// Quantised gradients, −4…4, of the differences −`max_value`…`max_value`.
    levels: Box<[i8]>,
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
        let escape = bits(range).max(1);
        Ok(Coding {
            near,
            max_value,
            reset: if preset.reset > 0 { preset.reset } else { 64 },
            range,
            escape,
            longest: 2 * (depth + depth.max(8)) - escape - 1,
            levels: (-max_value..=max_value).map(|d| level(d, near, thresholds)).collect(),
        })
    }

    /// Whether values are taken modulo a power of two, without loss: then a mask does it.
    pub fn is_masked(&self) -> bool {
        self.near == 0 && (self.max_value + 1).count_ones() == 1
    }

    /// Quantised gradient, −4…4.
    #[inline(always)]
    pub fn quantise(&self, d: i32) -> i32 {
        self.levels.get((d + self.max_value) as usize).copied().unwrap_or(0).into()
    }

    /// The sample predicted as `px` whose error is `error` in steps of 2·NEAR + 1, taken modulo the range.
    #[inline(always)]
    pub fn reconstruct<const MASKED: bool>(&self, px: i32, error: i32) -> i32 {
        if MASKED {
            return (px + error) & self.max_value;
        }
        let step = 2 * self.near + 1;
        let rx = px + error * step;
        let low = if rx < -self.near { self.range * step } else { 0 };
        let high = if rx > self.max_value + self.near { self.range * step } else { 0 };
        (rx + low - high).max(0).min(self.max_value)
    }
}

fn level(d: i32, near: i32, [t1, t2, t3]: [i32; 3]) -> i8 {
    let size = d.abs();
    let level = if size <= near {
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
