//! Growing a regression forest: every node asks the Haar feature, of a few drawn at random, whose two halves have the
//! least entropy, n·ln |Σ| of their displacements (Lindner 2013; L. Breiman, Machine Learning 2001;45:5).

use crate::models::rfrv_clm::forest::{Forests, LEAF, Node, Vote};
use crate::models::rfrv_clm::haar::{Haar, Integral, Kind};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Added to variances, in squares of a pixel: displacements are not known better.
const LEAST_VARIANCE: f64 = 0.25;

/// How trees grow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForestConfig {
    pub trees: usize,
    /// Questions from root to leaf at most.
    pub depth: usize,
    /// Training patches in a leaf at least.
    pub leaf: usize,
    /// Features drawn for each question.
    pub features: usize,
    /// Patches that a question is chosen on at most, drawn at random from those of the node.
    pub looked_at: usize,
}

impl Default for ForestConfig {
    fn default() -> Self {
        Self { trees: 10, depth: 20, leaf: 5, features: 40, looked_at: 400 }
    }
}

impl ForestConfig {
    /// # Errors
    /// The first thing that cannot be.
    pub fn check(&self) -> Result<(), String> {
        let Self { trees, depth, leaf, features, looked_at } = *self;
        if trees == 0 || depth == 0 || leaf == 0 || features == 0 || looked_at < 2 {
            return Err("trees, depth, leaf and features are positive, looked_at is at least 2".to_owned());
        }
        Ok(())
    }
}

/// A patch that shows where the point lies from it.
#[derive(Debug, Clone)]
pub struct Example {
    pub integral: Integral,
    /// From the patch's centre to the point, in pixels.
    pub displacement: [f32; 2],
}

/// A forest for one point from `examples` of `side` pixels; tree t of `stream` draws from its own random numbers.
pub fn grow(examples: &[Example], side: usize, config: &ForestConfig, seed: u64, stream: u64) -> Forests {
    let trees: Vec<Forests> = (0..config.trees)
        .into_par_iter()
        .map(|tree| {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            random.set_stream(stream + tree as u64);
            Grower { examples, side, config, random, tree: Forests::default() }.tree()
        })
        .collect();
    let mut forest = Forests::default();
    trees.into_iter().for_each(|tree| forest.extend(tree));
    forest.roots = vec![forest.roots.concat()];
    forest
}

struct Grower<'a> {
    examples: &'a [Example],
    side: usize,
    config: &'a ForestConfig,
    random: ChaCha8Rng,
    tree: Forests,
}

/// A part of the examples that awaits its question: where it begins and ends, how deep, and whose child it is.
struct Task {
    start: usize,
    end: usize,
    depth: usize,
    parent: Option<(usize, usize)>,
}

impl Grower<'_> {
    fn tree(mut self) -> Forests {
        let count = self.examples.len();
        // The bootstrap: as many as there are, some twice, some never.
        let mut order: Vec<u32> = (0..count).map(|_| self.random.random_range(0..count) as u32).collect();
        let mut tasks = vec![Task { start: 0, end: count, depth: 0, parent: None }];
        while let Some(task) = tasks.pop() {
            let here = &mut order[task.start..task.end];
            let question = if task.depth < self.config.depth { self.question(here) } else { None };
            let at = match question {
                None => {
                    self.tree.votes.push(vote(self.examples, here));
                    (self.tree.votes.len() - 1) as u32 | LEAF
                }
                Some((haar, threshold, split)) => {
                    let node = self.tree.nodes.len();
                    self.tree.nodes.push(Node { haar, threshold, children: [LEAF; 2] });
                    let (depth, middle) = (task.depth + 1, task.start + split);
                    tasks.push(Task { start: task.start, end: middle, depth, parent: Some((node, 0)) });
                    tasks.push(Task { start: middle, end: task.end, depth, parent: Some((node, 1)) });
                    node as u32
                }
            };
            match task.parent {
                Some((node, child)) => self.tree.nodes[node].children[child] = at,
                None => self.tree.roots = vec![vec![at]],
            }
        }
        self.tree
    }

    /// The best of the questions drawn, and `here` parted by it: those below the threshold first, so many of them.
    fn question(&mut self, here: &mut [u32]) -> Option<(Haar, f32, usize)> {
        let leaf = self.config.leaf;
        if here.len() < 2 * leaf {
            return None;
        }
        let seen = here.len().min(self.config.looked_at);
        if seen < here.len() {
            for i in 0..seen {
                let other = self.random.random_range(i..here.len());
                here.swap(i, other);
            }
        }
        // A subset's side may be as thin as a leaf is among all.
        let least = (leaf * seen).div_ceil(here.len()).max(1);
        let mut best: Option<(f64, Haar, f32)> = None;
        let mut values: Vec<(f32, u32)> = Vec::with_capacity(seen);
        for _ in 0..self.config.features {
            let haar = self.feature();
            values.clear();
            values.extend(here[..seen].iter().map(|index| {
                let patch = self.examples[*index as usize].integral.patch(0, 0, self.side);
                (haar.value(&patch), *index)
            }));
            values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            if let Some((cost, threshold)) = cheapest(self.examples, &values, least)
                && best.as_ref().is_none_or(|(least, ..)| cost < *least)
            {
                best = Some((cost, haar, threshold));
            }
        }
        let (_, haar, threshold) = best?;
        let split = part(here, |index| {
            haar.value(&self.examples[index as usize].integral.patch(0, 0, self.side)) < threshold
        });
        (split >= leaf && here.len() - split >= leaf).then_some((haar, threshold, split))
    }

    fn feature(&mut self) -> Haar {
        let kind = Kind::ALL[self.random.random_range(0..Kind::ALL.len())];
        let (across, down) = kind.cells();
        let mut extent = |cells: usize| {
            let length = self.random.random_range(1..=(self.side / cells).max(1));
            let start = self.random.random_range(0..=self.side.saturating_sub(cells * length));
            (start as u8, length as u8)
        };
        let ((x, width), (y, height)) = (extent(across), extent(down));
        Haar { kind, x, y, width, height }
    }
}

/// Sums of displacements and of their products.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    count: f64,
    x: f64,
    y: f64,
    xx: f64,
    xy: f64,
    yy: f64,
}

impl Moments {
    fn of(examples: &[Example], indices: impl Iterator<Item = u32>) -> Self {
        let mut moments = Self::default();
        indices.for_each(|index| moments.add(&examples[index as usize], 1.0));
        moments
    }

    fn add(&mut self, example: &Example, sign: f64) {
        let [x, y] = example.displacement.map(f64::from);
        self.count += sign;
        self.x += sign * x;
        self.y += sign * y;
        self.xx += sign * x * x;
        self.xy += sign * x * y;
        self.yy += sign * y * y;
    }

    /// |Σ| with [`LEAST_VARIANCE`].
    fn determinant(&self) -> f64 {
        let (mx, my) = (self.x / self.count, self.y / self.count);
        let xx = (self.xx / self.count - mx * mx).max(0.0) + LEAST_VARIANCE;
        let yy = (self.yy / self.count - my * my).max(0.0) + LEAST_VARIANCE;
        let xy = self.xy / self.count - mx * my;
        (xx * yy - xy * xy).max(LEAST_VARIANCE * LEAST_VARIANCE)
    }

    fn entropy(&self) -> f64 {
        self.count * self.determinant().ln()
    }
}

fn vote(examples: &[Example], here: &[u32]) -> Vote {
    let moments = Moments::of(examples, here.iter().copied());
    Vote {
        x: (moments.x / moments.count) as f32,
        y: (moments.y / moments.count) as f32,
        weight: (LEAST_VARIANCE / moments.determinant().sqrt()) as f32,
    }
}

/// The least entropy that a threshold between two of the sorted `values` leaves, with `least` on either side, and that
/// threshold.
fn cheapest(examples: &[Example], values: &[(f32, u32)], least: usize) -> Option<(f64, f32)> {
    let mut right = Moments::of(examples, values.iter().map(|(_, index)| *index));
    let mut left = Moments::default();
    let mut best: Option<(f64, f32)> = None;
    for (i, pair) in values.windows(2).enumerate() {
        let example = &examples[pair[0].1 as usize];
        left.add(example, 1.0);
        right.add(example, -1.0);
        let enough = i + 1 >= least && values.len() - i > least;
        if enough && pair[0].0 < pair[1].0 {
            let cost = left.entropy() + right.entropy();
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, 0.5 * (pair[0].0 + pair[1].0)));
            }
        }
    }
    best
}

/// Those of which `first` is true to the front; how many.
fn part(here: &mut [u32], first: impl Fn(u32) -> bool) -> usize {
    let mut split = 0;
    for i in 0..here.len() {
        if first(here[i]) {
            here.swap(split, i);
            split += 1;
        }
    }
    split
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::pyramid::Window;

    /// Patches with an edge at some column; the displacement is the way to it.
    fn edges(count: usize) -> Vec<Example> {
        (0..count)
            .map(|i| {
                let at = (i * 7 % 13) as f32 + 1.5;
                let values = (0..256).map(|k| if ((k % 16) as f32) < at { 0.0 } else { 1.0 }).collect();
                let integral = Integral::new(&Window { rows: 16, columns: 16, values });
                Example { integral, displacement: [at - 8.0, 0.0] }
            })
            .collect()
    }

    #[test]
    fn a_forest_learns_where_an_edge_is() {
        let examples = edges(300);
        let config = ForestConfig { trees: 4, ..ForestConfig::default() };
        let forest = grow(&examples, 16, &config, 1, 0);
        assert_eq!(forest.check(16), Ok(()));
        assert_eq!(forest.roots[0].len(), 4);
        for example in &examples[..20] {
            for vote in forest.votes(0, &example.integral.patch(0, 0, 16)) {
                assert!(
                    (vote.x - example.displacement[0]).abs() < 1.0,
                    "{vote:?} {:?}",
                    example.displacement
                );
            }
        }
        assert_eq!(forest, grow(&examples, 16, &config, 1, 0));
        assert_ne!(forest, grow(&examples, 16, &config, 2, 0));
    }

    #[test]
    fn leaves_are_no_smaller_and_trees_no_deeper_than_asked() {
        let config = ForestConfig { trees: 1, depth: 3, leaf: 20, ..ForestConfig::default() };
        let forest = grow(&edges(300), 16, &config, 5, 0);
        assert!(forest.votes.len() <= 8 && forest.votes.len() > 2, "{}", forest.votes.len());
    }
}
