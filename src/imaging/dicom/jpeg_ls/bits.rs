//! Bits of a JPEG-LS scan: after a byte of ones the next byte carries seven (T.87 A.1), and the Golomb code of
//! limited length (A.5.3).

/// Reads a scan up to its marker; beyond it come zeros.
pub(super) struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    /// Next bits, most significant first; those below `count` are 0.
    buffer: u64,
    count: u32,
    after_ones: bool,
    /// Bits made up beyond the end.
    invented: u32,
}

impl<'a> Bits<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0, buffer: 0, count: 0, after_ones: false, invented: 0 }
    }

    /// Whether bits were used that the scan does not hold.
    pub fn overran(&self) -> bool {
        self.invented > self.count
    }

    #[inline]
    fn fill(&mut self) {
        while self.count <= 56 {
            let ended = match (self.data.get(self.at), self.data.get(self.at + 1)) {
                (Some(0xFF), Some(next)) => *next >= 0x80,
                (Some(0xFF), None) | (None, _) => true,
                _ => false,
            };
            if ended {
                self.invented = self.invented.saturating_add(64 - self.count);
                self.count = 64;
                return;
            }
            let byte = self.data[self.at];
            self.at += 1;
            let bits = if self.after_ones { 7 } else { 8 };
            self.after_ones = byte == 0xFF;
            self.count += bits;
            self.buffer |= u64::from(byte) << (64 - self.count);
        }
    }

    /// `count` bits, at most 32.
    #[inline]
    pub fn read(&mut self, count: u32) -> u32 {
        if count == 0 {
            return 0;
        }
        if self.count < count {
            self.fill();
        }
        let value = self.buffer >> (64 - count);
        self.buffer <<= count;
        self.count -= count;
        value as u32
    }

    /// A Golomb code of parameter `k`, its unary part ended by `limit`, then the value in `escape` bits.
    #[inline]
    pub fn golomb(&mut self, k: u32, limit: u32, escape: u32) -> u32 {
        if self.count < 57 {
            self.fill();
        }
        let zeros = self.buffer.leading_zeros();
        let longest = limit - escape - 1;
        if zeros < longest {
            self.buffer <<= zeros + 1;
            self.count -= zeros + 1;
            (zeros << k) + self.read(k)
        } else {
            self.buffer <<= longest + 1;
            self.count -= longest + 1;
            self.read(escape) + 1
        }
    }
}
