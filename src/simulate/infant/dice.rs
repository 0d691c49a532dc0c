//! Seeded chance. Every concern draws from its own stream, so that one more gas bubble never moves a bone.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// What a stream of random numbers is for.
#[derive(Debug, Clone, Copy)]
pub(in crate::simulate) enum Stream {
    Anatomy = 1,
    Outline,
    View,
    Soft,
    Bone,
    Spine,
    Gas,
    Artefact,
    Overlay,
    Film,
    Noise,
    Texture,
    Detail,
    Extent,
}

/// A seeded source of the few distributions the phantom needs.
pub(in crate::simulate) struct Dice(ChaCha8Rng);

impl Dice {
    pub fn new(seed: u64, stream: Stream) -> Self {
        Self::numbered(seed, stream, 0)
    }

    /// A stream of a family, such as one octave of texture.
    pub fn numbered(seed: u64, stream: Stream, number: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(((stream as u64) << 32) | number);
        Self(rng)
    }

    pub fn range(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.0.random::<f64>()
    }

    /// Uniform in the logarithm; both ends positive.
    pub fn log_range(&mut self, low: f64, high: f64) -> f64 {
        self.range(low.ln(), high.ln()).exp()
    }

    /// Standard normal, never beyond 2.6.
    pub fn gauss(&mut self) -> f64 {
        let z: f64 = StandardNormal.sample(&mut self.0);
        z.clamp(-2.6, 2.6)
    }

    pub fn normal(&mut self, mean: f64, sd: f64) -> f64 {
        mean + sd * self.gauss()
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.0.random::<f64>() < probability
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0.random_range(0..n.max(1))
    }

    /// −1 or 1.
    pub fn sign(&mut self) -> f64 {
        if self.chance(0.5) { 1.0 } else { -1.0 }
    }

    /// Fast unclipped standard normals, for noise.
    pub fn fill_gauss(&mut self, into: &mut [f32]) {
        for v in into {
            *v = StandardNormal.sample(&mut self.0);
        }
    }
}
