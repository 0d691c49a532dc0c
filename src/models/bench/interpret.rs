//! Runs a graph step by step: with our layers, or with those of candle as published.

use std::collections::HashMap;

use candle_core::{Device, Module, ModuleT, Result, Tensor, Var, bail};
use candle_nn::VarBuilder;

use super::graph::{Graph, Op, Step};
use crate::models::layers;
use crate::models::layers::{Activation, Conv2dOptions, ConvTranspose2dOptions};

/// Whose layers compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kit {
    Ours,
    Candle,
}

type Layer = Box<dyn Fn(&[&Tensor], bool) -> Result<Tensor> + Send + Sync>;

/// A graph with its parameters.
pub struct Interpreter {
    steps: Vec<(Layer, Vec<usize>)>,
    /// Step after which nobody needs a value any more.
    last_use: Vec<usize>,
}

impl Interpreter {
    /// Builds the layers of `graph` on the variables of `vb`.
    ///
    /// # Errors
    /// Variables that are missing or of another shape.
    pub fn new(graph: &Graph, kit: Kit, vb: &VarBuilder) -> Result<Self> {
        let mut last_use = vec![usize::MAX; graph.steps.len() + 1];
        let mut steps = Vec::with_capacity(graph.steps.len());
        for (index, step) in graph.steps.iter().enumerate() {
            for &value in &step.from {
                last_use[value] = index;
            }
            let vb = vb.pp(&step.name);
            let layer = match kit {
                Kit::Ours => ours(step, vb)?,
                Kit::Candle => candle(step, vb)?,
            };
            steps.push((layer, step.from.clone()));
        }
        Ok(Self { steps, last_use })
    }

    /// The value of the last step; `train` is what batch norms are told.
    ///
    /// # Errors
    /// An input of another shape than the graph's.
    pub fn forward(&self, input: &Tensor, train: bool) -> Result<Tensor> {
        let mut values: HashMap<usize, Tensor> = HashMap::from([(0, input.clone())]);
        for (index, (layer, from)) in self.steps.iter().enumerate() {
            let inputs: Option<Vec<&Tensor>> = from.iter().map(|value| values.get(value)).collect();
            let Some(inputs) = inputs else { bail!("step {index} uses a value that is gone") };
            let y = layer(&inputs, train)?;
            values.retain(|value, _| self.last_use[*value] > index);
            values.insert(index + 1, y);
        }
        values.remove(&self.steps.len()).ok_or_else(|| candle_core::Error::msg("the graph has no step"))
    }
}

fn ours(step: &Step, vb: VarBuilder) -> Result<Layer> {
    let channels = step.channels;
    Ok(match step.op {
        Op::Convolution { inputs, size, stride, padding, bias } => {
            let options = Conv2dOptions { stride, padding, dilation: 1, groups: 1 };
            let make = if bias { layers::conv2d } else { layers::conv2d_no_bias };
            let layer = make(inputs, channels, size, options, vb)?;
            Box::new(move |x, _| layer.forward(x[0]))
        }
        Op::TransposedConvolution { inputs, stride } => {
            let options = ConvTranspose2dOptions { stride, ..ConvTranspose2dOptions::default() };
            let layer = layers::conv_transpose2d(inputs, channels, stride, options, vb)?;
            Box::new(move |x, _| layer.forward(x[0]))
        }
        Op::BatchNorm => {
            let layer = layers::batch_norm2d(channels, vb)?;
            Box::new(move |x, train| layer.forward_t(x[0], train))
        }
        Op::InstanceNorm => {
            let layer = layers::instance_norm2d(channels, vb)?;
            Box::new(move |x, _| layer.forward(x[0]))
        }
        Op::GroupNorm { groups } => {
            let layer = layers::group_norm(groups, channels, vb)?;
            Box::new(move |x, _| layer.forward(x[0]))
        }
        Op::Rectifier { slope } => {
            let activation =
                if slope == 0.0 { Activation::Relu } else { Activation::LeakyRelu(slope as f32) };
            Box::new(move |x, _| activation.apply(x[0]))
        }
        Op::MaxPool { size, stride, padding } => {
            Box::new(move |x, _| layers::max_pool2d(x[0], size, stride, padding))
        }
        Op::AveragePool { size } => Box::new(move |x, _| layers::avg_pool2d(x[0], size, size, 0)),
        Op::Nearest => Box::new(|x, _| {
            let (_, _, rows, columns) = x[0].dims4()?;
            layers::upsample_nearest2d(x[0], 2 * rows, 2 * columns)
        }),
        Op::Bilinear => Box::new(|x, _| {
            let (_, _, rows, columns) = x[0].dims4()?;
            layers::upsample_bilinear2d(x[0], 2 * rows, 2 * columns, false)
        }),
        Op::Add => Box::new(|x, _| x[0] + x[1]),
        Op::Concatenate => Box::new(|x, _| Tensor::cat(&[x[0], x[1]], 1)),
    })
}

fn candle(step: &Step, vb: VarBuilder) -> Result<Layer> {
    let channels = step.channels;
    Ok(match step.op {
        Op::Convolution { inputs, size, stride, padding, bias } => {
            let config = candle_nn::Conv2dConfig { stride, padding, ..Default::default() };
            let make = if bias { candle_nn::conv2d } else { candle_nn::conv2d_no_bias };
            let layer = make(inputs, channels, size, config, vb)?;
            Box::new(move |x, _| layer.forward(x[0]))
        }
        Op::TransposedConvolution { inputs, stride } => {
            let config = candle_nn::ConvTranspose2dConfig { stride, ..Default::default() };
            let layer = candle_nn::conv_transpose2d(inputs, channels, stride, config, vb)?;
            Box::new(move |x, _| layer.forward(x[0]))
        }
        Op::BatchNorm => {
            let layer = candle_nn::batch_norm(channels, 1e-5, vb)?;
            Box::new(move |x, train| layer.forward_t(x[0], train))
        }
        Op::InstanceNorm => {
            let layer = candle_nn::group_norm(channels, channels, 1e-5, vb)?;
            Box::new(move |x, _| layer.forward(x[0]))
        }
        Op::GroupNorm { groups } => {
            let layer = candle_nn::group_norm(groups, channels, 1e-5, vb)?;
            Box::new(move |x, _| layer.forward(x[0]))
        }
        Op::Rectifier { slope: 0.0 } => Box::new(|x, _| x[0].relu()),
        Op::Rectifier { slope } => Box::new(move |x, _| candle_nn::ops::leaky_relu(x[0], slope)),
        Op::MaxPool { size, stride, padding: 0 } => {
            Box::new(move |x, _| x[0].max_pool2d_with_stride(size, stride))
        }
        // Border pixels stand in for the padding: they cannot beat their own window.
        Op::MaxPool { size, stride, padding } => Box::new(move |x, _| {
            let x = x[0].pad_with_same(2, padding, padding)?.pad_with_same(3, padding, padding)?;
            x.max_pool2d_with_stride(size, stride)
        }),
        Op::AveragePool { size } => Box::new(move |x, _| x[0].avg_pool2d(size)),
        Op::Nearest => Box::new(|x, _| {
            let (_, _, rows, columns) = x[0].dims4()?;
            // candle's gradient overwrites that of another user of the same tensor; a copy has one user.
            x[0].affine(1.0, 0.0)?.upsample_nearest2d(2 * rows, 2 * columns)
        }),
        Op::Bilinear => Box::new(|x, _| {
            let (_, _, rows, columns) = x[0].dims4()?;
            x[0].upsample_bilinear2d(2 * rows, 2 * columns, false)
        }),
        Op::Add => Box::new(|x, _| x[0] + x[1]),
        Op::Concatenate => Box::new(|x, _| Tensor::cat(&[x[0], x[1]], 1)),
    })
}

/// Variables for training, set to the values of [`super::formula`].
pub fn trainable(graph: &Graph, device: &Device) -> Result<candle_nn::VarMap> {
    let map = candle_nn::VarMap::new();
    // Building once makes every variable under its name.
    let vb = VarBuilder::from_varmap(&map, candle_core::DType::F32, device);
    Interpreter::new(graph, Kit::Ours, &vb)?;
    let data = map.data().lock().map_err(|_| candle_core::Error::msg("the variables are locked"))?;
    for (name, var) in data.iter() {
        let values = super::formula::values(name, var.dims());
        Var::set(var, &Tensor::from_vec(values, var.shape(), device)?)?;
    }
    drop(data);
    Ok(map)
}
