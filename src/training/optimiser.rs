//! Optimisers whose state can be saved, so that a resumed run goes on exactly (candle's keep their moments private).
//!
//! Adam: D. P. Kingma, J. Ba, ICLR 2015. AdamW: I. Loshchilov, F. Hutter, "Decoupled Weight Decay Regularization", ICLR
//! 2019. Stochastic gradient descent with momentum as PyTorch has it. Only kernels decay; norms and biases do not.
//! Running statistics of batch norms are variables without a gradient: nothing here moves them.

use candle_core::{Result, Tensor, Var};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Which of them, with its own numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Method {
    /// Weight decay beside the gradient.
    AdamW { beta_1: f64, beta_2: f64, epsilon: f64 },
    /// Weight decay as a part of the gradient.
    Adam { beta_1: f64, beta_2: f64, epsilon: f64 },
    /// Weight decay as a part of the gradient.
    Sgd { momentum: f64, nesterov: bool },
}

impl Method {
    /// AdamW with the numbers of its paper.
    pub const ADAM_W: Self = Self::AdamW { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-8 };
}

impl Default for Method {
    fn default() -> Self {
        Self::ADAM_W
    }
}

/// A parameter with what the optimiser remembers of it.
#[derive(Debug)]
struct Parameter {
    var: Var,
    /// Moving average of the gradient; the velocity of SGD.
    first: Tensor,
    /// Moving average of its square; SGD has none and leaves it at zero.
    second: Tensor,
    /// Moving average of the parameter itself.
    average: Tensor,
}

/// An optimiser with a moving average of the weights.
#[derive(Debug)]
pub struct Optimiser {
    method: Method,
    parameters: BTreeMap<String, Parameter>,
    /// Updates made so far.
    pub step: usize,
    pub weight_decay: f64,
    /// Gradients with a larger norm than this are scaled down to it.
    pub clip: f64,
}

impl Optimiser {
    /// # Errors
    /// Failures of the device.
    pub fn new(vars: &HashMap<String, Var>, method: Method, weight_decay: f64, clip: f64) -> Result<Self> {
        let parameters = vars
            .iter()
            .map(|(name, var)| {
                let zeros = var.zeros_like()?;
                let (first, second) = (zeros.clone(), zeros);
                Ok((name.clone(), Parameter { var: var.clone(), first, second, average: var.copy()? }))
            })
            .collect::<Result<_>>()?;
        Ok(Self { method, parameters, step: 0, weight_decay, clip })
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
        for (parameter, gradient) in self.parameters.values_mut().zip(gradients) {
            let decay = if parameter.var.rank() > 1 { self.weight_decay } else { 0.0 };
            let gradient = gradient.affine(scale, 0.0)?;
            let value = parameter.moved(self.method, &gradient, rate, decay, self.step)?;
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

impl Parameter {
    /// The value after update number `step`; the moments move with it.
    fn moved(
        &mut self,
        method: Method,
        gradient: &Tensor,
        rate: f64,
        decay: f64,
        step: usize,
    ) -> Result<Tensor> {
        let var = self.var.as_tensor().clone();
        let (beta_1, beta_2, epsilon) = match method {
            Method::Sgd { momentum, nesterov } => {
                let gradient = (gradient + (&var * decay)?)?;
                // PyTorch's velocity starts as the first gradient, which zero times momentum plus it is.
                self.first = ((&self.first * momentum)? + &gradient)?;
                let direction =
                    if nesterov { (gradient + (&self.first * momentum)?)? } else { self.first.clone() };
                return var - (direction * rate)?;
            }
            Method::AdamW { beta_1, beta_2, epsilon } | Method::Adam { beta_1, beta_2, epsilon } => {
                (beta_1, beta_2, epsilon)
            }
        };
        let beside = matches!(method, Method::AdamW { .. });
        let gradient = if beside { gradient.clone() } else { (gradient + (&var * decay)?)? };
        self.first = ((&self.first * beta_1)? + (&gradient * (1.0 - beta_1))?)?;
        self.second = ((&self.second * beta_2)? + (gradient.sqr()? * (1.0 - beta_2))?)?;
        let bias_1 = 1.0 - beta_1.powi(step as i32);
        let bias_2 = 1.0 - beta_2.powi(step as i32);
        let denominator = ((&self.second / bias_2)?.sqrt()? + epsilon)?;
        let direction = ((&self.first / bias_1)? / denominator)?;
        let kept = if beside { 1.0 - rate * decay } else { 1.0 };
        (var * kept)? - (direction * rate)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    fn one(value: f32, method: Method) -> (Var, Optimiser) {
        let var = Var::from_tensor(&Tensor::new(&[value], &Device::Cpu).unwrap()).unwrap();
        let vars = HashMap::from([("x".to_owned(), var.clone())]);
        (var, Optimiser::new(&vars, method, 0.0, 1e9).unwrap())
    }

    #[test]
    fn the_first_steps_are_those_of_the_paper() {
        let (var, mut adam) = one(1.0, Method::ADAM_W);
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
        let (var, mut adam) = one(5.0, Method::ADAM_W);
        for _ in 0..400 {
            let x = var.to_vec1::<f32>().unwrap()[0];
            let gradient = Tensor::new(&[2.0 * (x - 3.0)], &Device::Cpu).unwrap();
            adam.update(&[gradient], 0.05, 0.9).unwrap();
        }
        assert!((var.to_vec1::<f32>().unwrap()[0] - 3.0).abs() < 1e-2);
        assert!((adam.averages()["x"].to_vec1::<f32>().unwrap()[0] - 3.0).abs() < 2e-2);
    }

    /// `torch.optim.SGD(lr=0.1, momentum=0.9)` on gradients 1, 2, 3: velocities 1, 2.9, 5.61; with Nesterov the steps
    /// are g + 0.9 v = 1.9, 4.61, 8.049.
    #[test]
    fn momentum_is_pytorchs() {
        for (nesterov, expected) in [(false, 1.0 + 2.9 + 5.61), (true, 1.9 + 4.61 + 8.049)] {
            let (var, mut sgd) = one(0.0, Method::Sgd { momentum: 0.9, nesterov });
            for gradient in [1.0_f32, 2.0, 3.0] {
                sgd.update(&[Tensor::new(&[gradient], &Device::Cpu).unwrap()], 0.1, 0.0).unwrap();
            }
            let found = f64::from(var.to_vec1::<f32>().unwrap()[0]);
            assert!((found + 0.1 * expected).abs() < 1e-6, "{found} {expected}");
        }
    }

    #[test]
    fn decay_goes_with_the_gradient_or_beside_it() {
        let kernel = || Var::from_tensor(&Tensor::new(&[[2.0_f32]], &Device::Cpu).unwrap()).unwrap();
        let zero = Tensor::new(&[[0.0_f32]], &Device::Cpu).unwrap();
        let adam = Method::Adam { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-8 };
        // Beside: 2 (1 − 0.1 · 0.5). Within Adam the gradient's size does not matter: one step of 0.1.
        for (method, expected) in
            [(Method::ADAM_W, 1.9), (adam, 1.9), (Method::Sgd { momentum: 0.0, nesterov: false }, 1.9)]
        {
            let var = kernel();
            let vars = HashMap::from([("x".to_owned(), var.clone())]);
            let mut optimiser = Optimiser::new(&vars, method, 0.5, 1e9).unwrap();
            optimiser.update(std::slice::from_ref(&zero), 0.1, 0.0).unwrap();
            let found = var.to_vec2::<f32>().unwrap()[0][0];
            assert!((found - expected).abs() < 1e-6, "{method:?} {found}");
        }
    }
}
