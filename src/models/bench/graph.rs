//! A network as a list of steps: what candle as published, ONNX Runtime and PyTorch are given of it, so that every
//! engine computes the very same thing.

use serde::Serialize;

/// What a step computes. Kernels are square.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Op {
    Convolution {
        inputs: usize,
        size: usize,
        stride: usize,
        padding: usize,
        bias: bool,
    },
    /// Kernel size equals stride.
    TransposedConvolution {
        inputs: usize,
        stride: usize,
    },
    BatchNorm,
    InstanceNorm,
    GroupNorm {
        groups: usize,
    },
    /// Slope below zero; 0 is a ReLU.
    Rectifier {
        slope: f64,
    },
    MaxPool {
        size: usize,
        stride: usize,
        padding: usize,
    },
    AveragePool {
        size: usize,
    },
    /// Up-sampling to twice the size by copies.
    Nearest,
    /// Up-sampling to twice the size by interpolation, edges kept in place.
    Bilinear,
    Add,
    Concatenate,
}

/// One step: its value is made of those of earlier steps.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    #[serde(flatten)]
    pub op: Op,
    /// Prefix of the names of its parameters.
    pub name: String,
    /// Values it takes; 0 is the input of the graph, `n` the value of step `n − 1`.
    pub from: Vec<Value>,
    /// Channels of its value.
    pub channels: usize,
}

/// A value of the graph by its number.
pub type Value = usize;

/// Steps in their order; the value of the last is the output.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Graph {
    /// `[batch, channels, rows, columns]`.
    pub input: [usize; 4],
    pub steps: Vec<Step>,
}

/// The value a graph starts from.
pub const INPUT: Value = 0;

impl Graph {
    /// A graph without steps.
    pub fn new(input: [usize; 4]) -> Self {
        Self { input, steps: Vec::new() }
    }

    /// Channels of a value.
    pub fn channels(&self, value: Value) -> usize {
        value.checked_sub(1).map_or(self.input[1], |step| self.steps[step].channels)
    }

    fn push(&mut self, op: Op, name: &str, from: Vec<Value>, channels: usize) -> Value {
        self.steps.push(Step { op, name: name.to_owned(), from, channels });
        self.steps.len()
    }

    /// A step that keeps the number of channels.
    pub fn apply(&mut self, op: Op, name: &str, x: Value) -> Value {
        let channels = self.channels(x);
        self.push(op, name, vec![x], channels)
    }

    /// A convolution with the padding that keeps the size at stride 1.
    pub fn convolution(
        &mut self,
        name: &str,
        x: Value,
        outputs: usize,
        [size, stride]: [usize; 2],
        bias: bool,
    ) -> Value {
        let inputs = self.channels(x);
        let op = Op::Convolution { inputs, size, stride, padding: size / 2, bias };
        self.push(op, name, vec![x], outputs)
    }

    /// A transposed convolution whose taps do not overlap.
    pub fn transposed(&mut self, name: &str, x: Value, outputs: usize, stride: usize) -> Value {
        let inputs = self.channels(x);
        self.push(Op::TransposedConvolution { inputs, stride }, name, vec![x], outputs)
    }

    /// `max(x, slope · x)`.
    pub fn rectifier(&mut self, x: Value, slope: f64) -> Value {
        self.apply(Op::Rectifier { slope }, "", x)
    }

    /// The sum of two values.
    pub fn add(&mut self, a: Value, b: Value) -> Value {
        let channels = self.channels(a);
        self.push(Op::Add, "", vec![a, b], channels)
    }

    /// The channels of two values after each other.
    pub fn concatenate(&mut self, a: Value, b: Value) -> Value {
        let channels = self.channels(a) + self.channels(b);
        self.push(Op::Concatenate, "", vec![a, b], channels)
    }
}
