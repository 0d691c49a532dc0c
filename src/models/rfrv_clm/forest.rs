//! Forests that say where a point lies from here: every tree answers a patch with the mean displacement of the training
//! patches in the leaf that it falls into, and how much they agreed.

use super::haar::{Haar, Patch};

/// Marks a child that is a leaf; the rest of the number is the leaf's.
pub const LEAF: u32 = 1 << 31;

/// A question: whether the feature's value is below the threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Node {
    pub haar: Haar,
    pub threshold: f32,
    /// Where to go for yes and for no: a later node, or a leaf.
    pub children: [u32; 2],
}

/// The answer of a leaf.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Vote {
    /// From the patch's centre to the point, in pixels of the reference frame.
    pub x: f32,
    pub y: f32,
    /// |Σ|^(−½) of the displacements in the leaf.
    pub weight: f32,
}

/// The forests of several points over one store of nodes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Forests {
    pub nodes: Vec<Node>,
    pub votes: Vec<Vote>,
    /// Of each point the roots of its trees, written like children.
    pub roots: Vec<Vec<u32>>,
}

impl Forests {
    /// The votes of the trees of `point` on what `patch` shows.
    pub fn votes<'a>(&'a self, point: usize, patch: &'a Patch) -> impl Iterator<Item = Vote> + 'a {
        let roots = self.roots.get(point).map(Vec::as_slice).unwrap_or_default();
        roots.iter().map(move |root| {
            let mut at = *root;
            while at & LEAF == 0 {
                let node = &self.nodes[at as usize];
                at = node.children[usize::from(node.haar.value(patch) >= node.threshold)];
            }
            self.votes[(at & !LEAF) as usize]
        })
    }

    /// Appends the forests of further points.
    pub fn extend(&mut self, other: Forests) {
        let (nodes, votes) = (self.nodes.len() as u32, self.votes.len() as u32);
        let moved = |at: u32| if at & LEAF == 0 { at + nodes } else { at + votes };
        self.nodes
            .extend(other.nodes.into_iter().map(|node| Node { children: node.children.map(moved), ..node }));
        self.votes.extend(other.votes);
        self.roots.extend(other.roots.into_iter().map(|trees| trees.into_iter().map(moved).collect()));
    }

    /// `Err` with the reason unless every walk through the trees ends in a vote, on patches of `patch` pixels.
    pub fn check(&self, patch: usize) -> Result<(), String> {
        let within = |at: u32, after: Option<usize>| {
            if at & LEAF != 0 {
                ((at & !LEAF) as usize) < self.votes.len()
            } else {
                (at as usize) < self.nodes.len() && after.is_none_or(|node| at as usize > node)
            }
        };
        if !self.roots.iter().flatten().all(|root| within(*root, None)) {
            return Err("a tree begins outside the forest".to_owned());
        }
        for (index, node) in self.nodes.iter().enumerate() {
            if !node.children.iter().all(|child| within(*child, Some(index))) {
                return Err(format!("node {index} leads out of its tree"));
            }
            if !node.haar.fits(patch) || !node.threshold.is_finite() {
                return Err(format!("node {index} asks for what its patch does not hold"));
            }
        }
        let sound = |v: &Vote| v.x.is_finite() && v.y.is_finite() && v.weight.is_finite() && v.weight >= 0.0;
        match self.votes.iter().position(|vote| !sound(vote)) {
            Some(index) => Err(format!("vote {index} is no displacement")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::haar::{Integral, Kind};
    use super::*;
    use crate::models::pyramid::Window;

    fn one() -> Forests {
        let haar = Haar { kind: Kind::EdgeX, x: 0, y: 0, width: 2, height: 4 };
        let vote = |x| Vote { x, y: 0.0, weight: 1.0 };
        Forests {
            nodes: vec![Node { haar, threshold: 0.0, children: [LEAF, LEAF | 1] }],
            votes: vec![vote(-1.0), vote(1.0)],
            roots: vec![vec![0, LEAF | 1]],
        }
    }

    #[test]
    fn trees_are_walked_and_moved() {
        let rising = Window { rows: 4, columns: 4, values: (0..16).map(|i| (i % 4) as f32).collect() };
        let falling = Window { values: rising.values.iter().map(|v| -v).collect(), ..rising.clone() };
        let mut forests = one();
        forests.extend(one());
        assert_eq!(forests.check(4), Ok(()));
        for (window, expected) in [(rising, [1.0, 1.0]), (falling, [-1.0, 1.0])] {
            let integral = Integral::new(&window);
            for point in 0..2 {
                let votes: Vec<f32> = forests.votes(point, &integral.patch(0, 0, 4)).map(|v| v.x).collect();
                assert_eq!(votes, expected);
            }
        }
    }

    #[test]
    fn damaged_forests_are_refused() {
        let damage = |change: fn(&mut Forests)| {
            let mut forests = one();
            change(&mut forests);
            assert!(forests.check(4).is_err());
        };
        damage(|f| f.nodes[0].children[0] = 0);
        damage(|f| f.nodes[0].children[0] = LEAF | 2);
        damage(|f| f.nodes[0].haar.width = 3);
        damage(|f| f.nodes[0].threshold = f32::NAN);
        damage(|f| f.roots[0][0] = 9);
        damage(|f| f.votes[1].weight = -1.0);
    }
}
