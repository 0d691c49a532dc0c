//! Bits of a JPEG-LS scan: after a byte of ones the next byte carries seven (T.87 A.1), and the Golomb code of
//! limited length (A.5.3).
//!
//! Bytes of ones are rare, so what lies between two of them is taken eight bytes at a time. What is rare is done on
//! a copy: a reader whose address is never taken stays in registers.

/// Reads a scan up to its marker; beyond it come zeros.
#[derive(Clone, Copy)]
pub(super) struct Bits<'a> {
    /// Bytes up to the next byte of ones.
    plain: &'a [u8],
    /// What follows [`plain`](Self::plain).
    tail: &'a [u8],
    /// Whether the byte before `tail` is one of ones.
    after_ones: bool,
    /// Next bits, most significant first: `count` of them, and perhaps some of the next byte.
    buffer: u64,
    count: u32,
    /// Bits made up beyond the end.
    invented: u32,
}

impl<'a> Bits<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        let (plain, tail) = split_at_ones(data);
        Self { plain, tail, after_ones: false, buffer: 0, count: 0, invented: 0 }
    }

    /// Whether bits were used that the scan does not hold.
    pub fn overran(&self) -> bool {
        self.invented > self.count
    }

    /// At least 57 bits, made up where the scan has none.
    #[inline(always)]
    fn fill(&mut self) {
        match self.plain.first_chunk() {
            Some(next) if self.count < 64 => {
                self.buffer |= u64::from_be_bytes(*next) >> self.count;
                self.plain = &self.plain[((63 - self.count) / 8) as usize..];
                self.count |= 56;
            }
            _ => *self = self.filled_by_bytes(),
        }
    }

    #[cold]
    fn filled_by_bytes(mut self) -> Self {
        while self.count <= 56 {
            let (byte, bits) = match (self.plain, self.tail) {
                ([byte, rest @ ..], _) => {
                    self.plain = rest;
                    (*byte, 8)
                }
                ([], [byte, rest @ ..]) if self.after_ones => {
                    (self.plain, self.tail) = split_at_ones(rest);
                    self.after_ones = false;
                    (*byte, 7)
                }
                ([], [0xFF, rest @ ..]) if rest.first().is_some_and(|next| *next < 0x80) => {
                    self.tail = rest;
                    self.after_ones = true;
                    (0xFF, 8)
                }
                _ => {
                    self.invented = self.invented.saturating_add(64 - self.count);
                    self.count = 64;
                    break;
                }
            };
            self.count += bits;
            self.buffer |= u64::from(byte) << (64 - self.count);
        }
        self
    }

    /// `count` bits, at most 32.
    #[inline(always)]
    pub fn read(&mut self, count: u32) -> u32 {
        if self.count < count {
            self.fill();
        }
        let value = (self.buffer >> 1) >> (63 - count);
        self.buffer <<= count;
        self.count -= count;
        value as u32
    }

    /// A Golomb code of parameter `k`, at most 20: a unary part below `longest`, or the value in `escape` bits.
    #[inline(always)]
    pub fn golomb(&mut self, k: u32, longest: u32, escape: u32) -> u32 {
        self.fill();
        let zeros = (self.buffer | 1).leading_zeros();
        if zeros < longest && zeros + k < 56 {
            // The one that ends the zeros heads the low bits.
            let headed = (self.buffer << zeros) >> (63 - k);
            self.buffer <<= zeros + 1 + k;
            self.count -= zeros + 1 + k;
            (zeros << k) + headed as u32 - (1 << k)
        } else {
            let value;
            (value, *self) = self.long_golomb(k, longest, escape);
            value
        }
    }

    #[cold]
    fn long_golomb(mut self, k: u32, longest: u32, escape: u32) -> (u32, Self) {
        let mut zeros = 0;
        while zeros < longest && self.read(1) == 0 {
            zeros += 1;
        }
        if zeros < longest {
            return ((zeros << k) + self.read(k), self);
        }
        // The one after the zeros.
        self.read(1);
        (self.read(escape) + 1, self)
    }
}

fn split_at_ones(data: &[u8]) -> (&[u8], &[u8]) {
    data.split_at(data.iter().position(|byte| *byte == 0xFF).unwrap_or(data.len()))
}
