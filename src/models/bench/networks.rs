//! The networks of this program, and one to train, as graphs.

use super::graph::{Graph, INPUT, Op, Value};
use crate::models::plain_conv_unet;
use crate::models::resnet::{Depth, WIDTHS};
use crate::models::unet::DECODER;
use crate::models::whdv;

/// `segmentation_models_pytorch`'s U-Net with a residual encoder; see [`crate::models::unet`].
pub fn unet(depth: Depth, input: [usize; 4], classes: usize) -> Graph {
    let mut graph = Graph::new(input);
    let g = &mut graph;
    let stem = g.convolution("encoder.conv1", INPUT, WIDTHS[0], [7, 2], false);
    let stem = g.apply(Op::BatchNorm, "encoder.bn1", stem);
    let stem = g.rectifier(stem, 0.0);
    let mut skips = vec![stem];
    let mut x = g.apply(Op::MaxPool { size: 3, stride: 2, padding: 1 }, "", stem);
    for (stage, blocks) in depth.blocks().into_iter().enumerate() {
        for block in 0..blocks {
            let stride = if block == 0 && stage > 0 { 2 } else { 1 };
            let name = format!("encoder.layer{}.{block}", stage + 1);
            x = residual(g, &name, x, WIDTHS[stage + 1], stride);
        }
        skips.push(x);
    }
    skips.pop();
    for (level, outputs) in DECODER.into_iter().enumerate() {
        x = g.apply(Op::Nearest, "", x);
        if let Some(skip) = skips.pop() {
            x = g.concatenate(x, skip);
        }
        for conv in ["conv1", "conv2"] {
            let name = format!("decoder.blocks.{level}.{conv}");
            x = g.convolution(&format!("{name}.0"), x, outputs, [3, 1], false);
            x = g.apply(Op::BatchNorm, &format!("{name}.1"), x);
            x = g.rectifier(x, 0.0);
        }
    }
    g.convolution("segmentation_head.0", x, classes, [3, 1], true);
    graph
}

fn residual(g: &mut Graph, name: &str, x: Value, outputs: usize, stride: usize) -> Value {
    let y = g.convolution(&format!("{name}.conv1"), x, outputs, [3, stride], false);
    let y = g.apply(Op::BatchNorm, &format!("{name}.bn1"), y);
    let y = g.rectifier(y, 0.0);
    let y = g.convolution(&format!("{name}.conv2"), y, outputs, [3, 1], false);
    let y = g.apply(Op::BatchNorm, &format!("{name}.bn2"), y);
    let shortcut = if stride == 1 {
        x
    } else {
        let x = g.convolution(&format!("{name}.downsample.0"), x, outputs, [1, stride], false);
        g.apply(Op::BatchNorm, &format!("{name}.downsample.1"), x)
    };
    let sum = g.add(y, shortcut);
    g.rectifier(sum, 0.0)
}

/// nnU-Net's plain U-Net; see [`crate::models::plain_conv_unet`].
pub fn plain_conv_unet(architecture: &plain_conv_unet::Architecture, rows: usize, columns: usize) -> Graph {
    let mut graph = Graph::new([1, architecture.channels, rows, columns]);
    let g = &mut graph;
    let units = |g: &mut Graph, name: &str, mut x: Value, count: usize, outputs: usize, stride: usize| {
        for index in 0..count {
            let stride = if index == 0 { stride } else { 1 };
            x = g.convolution(&format!("{name}.convs.{index}.conv"), x, outputs, [3, stride], true);
            x = g.apply(Op::InstanceNorm, &format!("{name}.convs.{index}.norm"), x);
            x = g.rectifier(x, 0.01);
        }
        x
    };
    let mut x = INPUT;
    let mut skips = Vec::new();
    for (stage, &features) in architecture.features.iter().enumerate() {
        let (count, stride) = (architecture.encoder_convs[stage], architecture.strides[stage]);
        x = units(g, &format!("encoder.stages.{stage}.0"), x, count, features, stride);
        skips.push((x, features, stride));
    }
    let mut below = skips.pop();
    for (index, &count) in architecture.decoder_convs.iter().enumerate() {
        let (Some((_, _, stride)), Some((skip, features, _))) = (below, skips.last().copied()) else { break };
        x = g.transposed(&format!("decoder.transpconvs.{index}"), x, features, stride);
        x = g.concatenate(x, skip);
        x = units(g, &format!("decoder.stages.{index}"), x, count, features, 1);
        below = skips.pop();
    }
    let head = format!("decoder.seg_layers.{}", architecture.decoder_convs.len().saturating_sub(1));
    g.convolution(&head, x, architecture.classes, [1, 1], true);
    graph
}

/// The landmark network; see [`crate::models::whdv`].
pub fn whdv(architecture: &whdv::Architecture, rows: usize, columns: usize) -> Graph {
    let mut graph = Graph::new([1, 1, rows, columns]);
    let g = &mut graph;
    let groups = architecture.groups;
    let unit = |g: &mut Graph, name: &str, x: Value, outputs: usize, shape: [usize; 2]| {
        let x = g.convolution(&format!("{name}.conv"), x, outputs, shape, false);
        let x = g.apply(Op::GroupNorm { groups }, &format!("{name}.norm"), x);
        g.rectifier(x, 0.0)
    };
    let mut x = unit(g, "stem", INPUT, architecture.stem, [5, architecture.stem_stride]);
    let mut skips = Vec::new();
    for (level, &width) in architecture.widths.iter().enumerate() {
        if level > 0 {
            x = g.apply(Op::AveragePool { size: 2 }, "", x);
        }
        for index in 0..if level > 0 { 2 } else { 1 } {
            x = unit(g, &format!("down{level}.{index}"), x, width, [3, 1]);
        }
        skips.push(x);
    }
    skips.pop();
    for (step, &width) in architecture.decoder.iter().enumerate() {
        let Some(skip) = skips.pop() else { break };
        let level = skips.len();
        x = g.apply(Op::Nearest, "", x);
        x = g.concatenate(x, skip);
        for index in 0..if step + 1 == architecture.decoder.len() { 2 } else { 1 } {
            x = unit(g, &format!("up{level}.{index}"), x, width, [3, 1]);
        }
    }
    g.convolution("head", x, architecture.planes() * architecture.points, [1, 1], true);
    graph
}

/// The network whose training step is timed: a U-Net of four levels, two convolutions each, with batch norm, max
/// pooling and up-sampling by copies; 0.49 million parameters.
pub fn small_unet(input: [usize; 4], planes: usize) -> Graph {
    const WIDTHS: [usize; 4] = [16, 32, 64, 128];
    let mut graph = Graph::new(input);
    let g = &mut graph;
    let block = |g: &mut Graph, name: &str, mut x: Value, outputs: usize| {
        for index in 0..2 {
            x = g.convolution(&format!("{name}.{index}.conv"), x, outputs, [3, 1], false);
            x = g.apply(Op::BatchNorm, &format!("{name}.{index}.norm"), x);
            x = g.rectifier(x, 0.0);
        }
        x
    };
    let mut x = INPUT;
    let mut skips = Vec::new();
    for (level, width) in WIDTHS.into_iter().enumerate() {
        if level > 0 {
            x = g.apply(Op::MaxPool { size: 2, stride: 2, padding: 0 }, "", x);
        }
        x = block(g, &format!("down{level}"), x, width);
        skips.push(x);
    }
    skips.pop();
    while let Some(skip) = skips.pop() {
        let level = skips.len();
        x = g.apply(Op::Nearest, "", x);
        x = g.concatenate(x, skip);
        x = block(g, &format!("up{level}"), x, WIDTHS[level]);
    }
    g.convolution("head", x, planes, [1, 1], true);
    graph
}

/// A graph of one step, between `inputs` channels at `side` squared and `outputs`.
pub fn single(inputs: usize, side: usize, step: impl FnOnce(&mut Graph)) -> Graph {
    let mut graph = Graph::new([1, inputs, side, side]);
    step(&mut graph);
    graph
}
