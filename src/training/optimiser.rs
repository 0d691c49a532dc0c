//! AdamW whose state can be saved, so that a resumed run goes on exactly (candle's keeps its moments private).
//!
//! I. Loshchilov, F. Hutter, "Decoupled Weight Decay Regularization", ICLR 2019. β 0.9 / 0.999, ε 1e-8. Only kernels
//! decay; norms and biases do not.

use candle_core::{Result, Tensor, Var};
use std::collections::{BTreeMap, HashMap};

const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// A parameter with what the optimiser remembers of it.
#[derive(Debug)]
struct Parameter {
    var: Var,
    first: Tensor,
    second: Tensor,
    /// Moving average of the parameter itself.
    average: Tensor,
}

/// AdamW with a moving average of the weights.
#[derive(Debug)]
pub struct AdamW {
    parameters: BTreeMap<String, Parameter>,
    /// Updates made so far.
    pub step: usize,
    pub weight_decay: f64,
    /// Gradients with a larger norm than this are scaled down to it.
    pub clip: f64,
}

impl AdamW {
    /// # Errors
    /// Failures of the device.
    pub fn new(vars: &HashMap<String, Var>, weight_decay: f64, clip: f64) -> Result<Self> {
        let parameters = vars
            .iter()
            .map(|(name, var)| {
                let zeros = var.zeros_like()?;
                let (first, second) = (zeros.clone(), zeros);
                Ok((name.clone(), Parameter { var: var.clone(), first, second, average: var.copy()? }))
            })
            .collect::<Result<_>>()?;
        Ok(Self { parameters, step: 0, weight_decay, clip })
    }

    /// The parameters in the order gradients are given.
    pub fn vars(&self) -> Vec<Var> {
        self.parameters.values().map(|p| p.var.clone()).collect()
    }

    /// One update. `gradients` are in the order of [`Self::vars`]. Returns their norm before clipping.
    ///
    /// # Errors
    /// Gradients that do not fit.
    pub fn update(&mut self, gradients: &[Tensor], rate: f64, ema: f64) -> Result<f64> {
        if gradients.len() != self.parameters.len() {
            candle_core::bail!("{} gradients for {} parameters", gradients.len(), self.parameters.len());
        }
        let mut square = 0.0;
        for gradient in gradients {
            square += f64::from(gradient.sqr()?.sum_all()?.to_scalar::<f32>()?);
        }
        let norm = square.sqrt();
        let scale = if norm > self.clip { self.clip / norm } else { 1.0 };
        self.step += 1;
        let bias_1 = 1.0 - BETA_1.powi(self.step as i32);
        let bias_2 = 1.0 - BETA_2.powi(self.step as i32);
        for (parameter, gradient) in self.parameters.values_mut().zip(gradients) {
            let gradient = gradient.affine(scale, 0.0)?;
            parameter.first = ((&parameter.first * BETA_1)? + (&gradient * (1.0 - BETA_1))?)?;
            parameter.second = ((&parameter.second * BETA_2)? + (gradient.sqr()? * (1.0 - BETA_2))?)?;
            let denominator = ((&parameter.second / bias_2)?.sqrt()? + EPSILON)?;
            let direction = ((&parameter.first / bias_1)? / denominator)?;
            let decay = if parameter.var.rank() > 1 { 1.0 - rate * self.weight_decay } else { 1.0 };
            let value = ((parameter.var.as_tensor() * decay)? - (direction * rate)?)?;
            // Detached, or every step would keep the graph of the one before.
            parameter.var.set(&value.detach())?;
            parameter.average =
                ((&parameter.average * ema)? + (parameter.var.as_tensor().detach() * (1.0 - ema))?)?.detach();
            parameter.first = parameter.first.detach();
            parameter.second = parameter.second.detach();
        }
        Ok(norm)
    }

    /// The moving average of every parameter, by name.
    pub fn averages(&self) -> HashMap<String, Tensor> {
        self.parameters.iter().map(|(name, p)| (name.clone(), p.average.clone())).collect()
    }

    /// All that [`Self::restore`] needs, by name.
    pub fn state(&self) -> HashMap<String, Tensor> {
        self.parameters
            .iter()
            .flat_map(|(name, p)| {
                [
                    (format!("weight/{name}"), p.var.as_tensor().detach()),
                    (format!("first/{name}"), p.first.clone()),
                    (format!("second/{name}"), p.second.clone()),
                    (format!("average/{name}"), p.average.clone()),
                ]
            })
            .collect()
    }

    /// Takes up the state of [`Self::state`] after `step` updates.
    ///
    /// # Errors
    /// The name of a tensor that is missing or has another shape.
    pub fn restore(&mut self, state: &HashMap<String, Tensor>, step: usize) -> Result<()> {
        let take = |key: String, shape: &candle_core::Shape| match state.get(&key) {
            Some(tensor) if tensor.shape() == shape => Ok(tensor.clone()),
            Some(tensor) => candle_core::bail!("{key} has shape {:?}", tensor.dims()),
            None => candle_core::bail!("{key} is missing"),
        };
        for (name, parameter) in &mut self.parameters {
            let shape = parameter.var.shape().clone();
            parameter.var.set(&take(format!("weight/{name}"), &shape)?)?;
            parameter.first = take(format!("first/{name}"), &shape)?;
            parameter.second = take(format!("second/{name}"), &shape)?;
            parameter.average = take(format!("average/{name}"), &shape)?;
        }
        self.step = step;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    fn one(value: f32) -> (Var, AdamW) {
        let var = Var::from_tensor(&Tensor::new(&[value], &Device::Cpu).unwrap()).unwrap();
        let vars = HashMap::from([("x".to_owned(), var.clone())]);
        (var, AdamW::new(&vars, 0.0, 1e9).unwrap())
    }

    #[test]
    fn the_first_steps_are_those_of_the_paper() {
        let (var, mut adam) = one(1.0);
        let mut gradient = 0.0;
        for _ in 0..2 {
            gradient += 0.5;
            adam.update(&[Tensor::new(&[gradient as f32], &Device::Cpu).unwrap()], 0.1, 0.0).unwrap();
        }
        // By hand: step 1 moves by 0.1; m₂ = .9·.05 + .1·1, v₂ = .999·.00025 + .001·1.
        let m: f64 = (0.9 * 0.05 + 0.1) / (1.0 - 0.81);
        let v: f64 = (0.999 * 0.00025 + 0.001) / (1.0 - 0.998001);
        let expected = 0.9 - 0.1 * m / v.sqrt();
        let found = f64::from(var.to_vec1::<f32>().unwrap()[0]);
        assert!((found - expected).abs() < 1e-5, "{found} {expected}");
    }

    #[test]
    fn it_finds_the_bottom_of_a_parabola() {
        let (var, mut adam) = one(5.0);
        for _ in 0..400 {
            let x = var.to_vec1::<f32>().unwrap()[0];
            let gradient = Tensor::new(&[2.0 * (x - 3.0)], &Device::Cpu).unwrap();
            adam.update(&[gradient], 0.05, 0.9).unwrap();
        }
        assert!((var.to_vec1::<f32>().unwrap()[0] - 3.0).abs() < 1e-2);
        assert!((adam.averages()["x"].to_vec1::<f32>().unwrap()[0] - 3.0).abs() < 2e-2);
    }
}
