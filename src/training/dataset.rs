//! An endless, repeatable stream of samples: threads make films and their guises while the network learns.
//!
//! Worker w of n makes samples w, w + n, w + 2n, …; sample i is a function of the seed and i alone, so a run that is
//! resumed at any step sees what it would have seen.

use super::augment::Film;
use super::config::{DataConfig, TrainConfig};
use super::learner::{Learner, Points, Recipe};
use crate::simulate::infant::{Phantom, PhantomOptions};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

/// Samples that each worker prepares ahead.
const AHEAD: usize = 12;
/// Training films come before this number; held-out ones of each kind start at it and above.
pub(super) const HELD: u64 = 1 << 40;

/// Films by number; the same number is always the same film.
pub trait Source: Send + Sync {
    fn film(&self, number: u64) -> Film;
}

/// Phantoms of infants, made when asked for.
#[derive(Debug, Clone)]
pub struct Phantoms {
    pub seed: u64,
    pub options: PhantomOptions,
}

impl Source for Phantoms {
    fn film(&self, number: u64) -> Film {
        // Spread, so that runs with neighbouring seeds share no phantom.
        let seed = self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(number);
        let mut phantom = Phantom::generate(seed, &self.options);
        phantom.landmarks.points.append(&mut phantom.femora.points);
        Film {
            rows: phantom.rows,
            columns: phantom.columns,
            grey: phantom.grey,
            landmarks: phantom.landmarks,
            spacing: phantom.spacing,
            labels: Some(phantom.labels),
        }
    }
}

/// Films for validation while training; no training film is among them.
pub fn held(source: &dyn Source, count: usize) -> Vec<Film> {
    films(source, HELD, count)
}

/// Films for the calibration and the card; neither training nor validation films are among them.
pub fn calibration(source: &dyn Source, count: usize) -> Vec<Film> {
    films(source, 2 * HELD, count)
}

fn films(source: &dyn Source, first: u64, count: usize) -> Vec<Film> {
    use rayon::prelude::*;
    (0..count as u64).into_par_iter().map(|i| source.film(first + i)).collect()
}

/// One example of a recipe.
type SampleOf<R> = <<R as Recipe>::Learner as Learner>::Sample;

/// The stream; workers end when it is dropped.
pub struct Samples<T> {
    workers: Vec<Receiver<T>>,
    next: usize,
}

/// What a worker needs to know.
#[derive(Clone)]
struct Worker<R> {
    source: Arc<dyn Source>,
    recipe: R,
    points: Points,
    data: DataConfig,
    seed: u64,
}

impl<T: Send + 'static> Samples<T> {
    /// The stream of `recipe` under `config` from sample `first` on.
    pub fn start<R: Recipe>(
        source: Arc<dyn Source>,
        recipe: &R,
        points: &Points,
        config: &TrainConfig,
        first: u64,
    ) -> Self
    where
        R::Learner: Learner<Sample = T>,
    {
        let maker = Worker {
            source,
            recipe: recipe.clone(),
            points: points.clone(),
            data: config.data.clone(),
            seed: config.seed,
        };
        let count = config.data.workers as u64;
        let workers = (0..count)
            .map(|worker| {
                let (sender, receiver) = sync_channel(AHEAD);
                let maker = maker.clone();
                // The worker's first sample at or after `first`.
                let turn = (first + count - 1 - worker) / count;
                std::thread::spawn(move || {
                    let mut films = VecDeque::new();
                    for turn in turn.. {
                        if sender.send(maker.sample(worker, count, turn, &mut films)).is_err() {
                            return;
                        }
                    }
                });
                receiver
            })
            .collect();
        Self { workers, next: (first % count) as usize }
    }
}

impl<T> Iterator for Samples<T> {
    type Item = T;

    /// `None` only if a worker has died.
    fn next(&mut self) -> Option<T> {
        let sample = self.workers[self.next].recv().ok();
        self.next = (self.next + 1) % self.workers.len();
        sample
    }
}

impl<R: Recipe> Worker<R> {
    /// Sample number `turn` of `worker`. `films` caches (number, film) of the worker's latest films.
    fn sample(&self, worker: u64, workers: u64, turn: u64, films: &mut VecDeque<(u64, Film)>) -> SampleOf<R> {
        let (reuse, kept) = (self.data.reuse as u64, self.data.kept as u64);
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        random.set_stream(1 + worker + workers * turn);
        // A new film every `reuse` turns; between them one of the latest in another guise.
        let newest = turn / reuse;
        let age = if turn.is_multiple_of(reuse) { 0 } else { random.random_range(0..kept) };
        let index = newest.saturating_sub(age);
        while films.front().is_some_and(|(index, _)| index + kept <= newest) {
            films.pop_front();
        }
        let film = match films.iter().position(|(cached, _)| *cached == index) {
            Some(at) => &films[at].1,
            None => {
                films.push_back((index, self.source.film(worker + workers * index)));
                &films[films.len() - 1].1
            }
        };
        self.recipe.sample(film, &self.points, &mut random)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{LandmarkSet, Spacing};
    use crate::training::augment::Sample;
    use crate::training::whdv::WhdvConfig;

    struct Numbers;

    impl Source for Numbers {
        fn film(&self, number: u64) -> Film {
            let mut random = ChaCha8Rng::seed_from_u64(number);
            let grey = (0..96 * 96).map(|_| random.random::<f32>()).collect();
            Film {
                rows: 96,
                columns: 96,
                grey,
                landmarks: LandmarkSet::default(),
                spacing: Spacing::UNKNOWN,
                labels: None,
            }
        }
    }

    fn take(first: u64, count: usize) -> Vec<Sample> {
        let recipe = WhdvConfig { frame: 32, ..WhdvConfig::default() };
        let mut config = TrainConfig::default();
        config.data.workers = 3;
        config.data.kept = 4;
        Samples::start(Arc::new(Numbers), &recipe, &config.points().unwrap(), &config, first)
            .take(count)
            .collect()
    }

    #[test]
    fn a_stream_resumed_anywhere_goes_on_as_if_it_had_never_stopped() {
        let whole = take(0, 60);
        assert_ne!(whole[0], whole[3]);
        for first in [1, 16, 17, 32, 45] {
            assert_eq!(take(first, 60 - first as usize), whole[first as usize..], "from {first}");
        }
    }
}
