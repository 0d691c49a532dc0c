//! One update after another: a batch in shares side by side, the optimiser, the schedule, the checkpoint.

use super::TrainError;
use super::checkpoint;
use super::config::OptimiserConfig;
use super::learner::Learner;
use super::metrics::Row;
use super::optimiser::Optimiser;
use super::schedule::ema_decay;
use candle_core::{Device, Tensor, Var};
use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

/// The variables of a network and what moves them.
#[derive(Debug)]
pub struct Engine {
    settings: OptimiserConfig,
    vars: Vec<Var>,
    optimiser: Optimiser,
}

impl Engine {
    /// # Errors
    /// Failures of the device.
    pub fn new(vars: &HashMap<String, Var>, settings: &OptimiserConfig) -> Result<Self, TrainError> {
        let optimiser = Optimiser::new(vars, settings.method, settings.weight_decay, settings.clip)?;
        Ok(Self { settings: settings.clone(), vars: optimiser.vars(), optimiser })
    }

    /// Updates made so far.
    pub fn done(&self) -> usize {
        self.optimiser.step
    }

    /// The moving average of every variable, by name: what is validated and shipped.
    pub fn averages(&self) -> HashMap<String, Tensor> {
        self.optimiser.averages()
    }

    /// One update with `batch`, whose samples were waited for since `begun`.
    ///
    /// # Errors
    /// A loss that is no number any more; failures of the network.
    pub fn step<L: Learner>(
        &mut self,
        learner: &L,
        batch: &[L::Sample],
        begun: Instant,
    ) -> Result<Row, TrainError> {
        let waited = begun.elapsed().as_secs_f64();
        let shares: Vec<_> = batch.chunks(batch.len().div_ceil(self.settings.shards).max(1)).collect();
        let this = &*self;
        // Side by side: candle runs most operations on one thread, so shares of a batch fill the cores.
        let results: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                shares.iter().map(|share| scope.spawn(move || this.gradients(learner, share))).collect();
            threads.into_iter().map(|thread| thread.join()).collect()
        });
        let mut sum: Option<(Vec<Tensor>, Tensor)> = None;
        for (result, share) in results.into_iter().zip(&shares) {
            let (gradients, parts) =
                result.map_err(|_| TrainError::Config("a thread of the network has died".to_owned()))??;
            // Shares need not be of one size; each counts by its samples.
            let weight = share.len() as f64 / batch.len() as f64;
            let gradients: Vec<Tensor> =
                gradients.iter().map(|g| g.affine(weight, 0.0)).collect::<candle_core::Result<_>>()?;
            let parts = (parts * weight)?;
            sum = Some(match sum.take() {
                None => (gradients, parts),
                Some((all, total)) => {
                    let all = all.iter().zip(&gradients).map(|(a, b)| a + b);
                    (all.collect::<candle_core::Result<_>>()?, (total + parts)?)
                }
            });
        }
        let Some((gradients, parts)) = sum else {
            return Err(TrainError::Config("an empty batch".to_owned()));
        };
        let parts: Vec<f64> = parts.to_vec1::<f32>()?.into_iter().map(f64::from).collect();
        let loss = parts.iter().sum::<f64>();
        let step = self.optimiser.step;
        if !loss.is_finite() {
            return Err(TrainError::Diverged(loss, step));
        }
        let settings = &self.settings;
        let rate = settings.schedule.rate(settings.learning_rate, step, settings.warmup, settings.steps);
        let norm = self.optimiser.update(&gradients, rate, ema_decay(settings.ema, step))?;
        Ok(Row { step: step + 1, loss, parts, rate, norm, waited, seconds: begun.elapsed().as_secs_f64() })
    }

    /// Gradients in the order of the optimiser's variables, and the parts of the loss.
    fn gradients<L: Learner>(
        &self,
        learner: &L,
        share: &[L::Sample],
    ) -> Result<(Vec<Tensor>, Tensor), TrainError> {
        let loss = learner.loss(share)?;
        let store = loss.total.backward()?;
        let gradients = self
            .vars
            .iter()
            .map(|var| match store.get(var) {
                Some(gradient) => Ok(gradient.detach()),
                None => var.zeros_like(),
            })
            .collect::<candle_core::Result<_>>()?;
        Ok((gradients, loss.parts))
    }

    /// Writes the state into `folder`; an earlier one is replaced at once.
    ///
    /// # Errors
    /// A folder that cannot be written to.
    pub fn save(&self, folder: &Path) -> Result<(), TrainError> {
        checkpoint::save(&self.optimiser, folder)
    }

    /// Takes up the checkpoint in `folder`; `false` where there is none.
    ///
    /// # Errors
    /// A checkpoint that is damaged or of another network.
    pub fn load(&mut self, folder: &Path, device: &Device) -> Result<bool, TrainError> {
        checkpoint::load(&mut self.optimiser, folder, device)
    }
}
