//! The networks of this program, and one to train, as graphs.

use super::graph::{Graph, INPUT, Op, Value};
use crate::models::decoder_block::DECODER;
use crate::models::encoder::EncoderKind;
use crate::models::plain_conv_unet;
use crate::models::{vgg, whdv};

/// `segmentation_models_pytorch`'s U-Net; see [`crate::models::unet`].
pub fn unet(encoder: impl Into<EncoderKind>, input: [usize; 4], classes: usize) -> Graph {
    let mut graph = Graph::new(input);
    let g = &mut graph;
    let kind = encoder.into();
    let mut skips = encode(g, kind);
    let mut x = skips.pop().unwrap_or(INPUT);
    if kind.ends_in_pooling() {
        for index in 0..2 {
            x = normed(g, &format!("decoder.center.{index}"), x, kind.widths()[4]);
        }
    }
    for (level, outputs) in DECODER.into_iter().enumerate() {
        let skip = skips.pop();
        x = decode(g, &format!("decoder.blocks.{level}"), x, skip.as_slice(), outputs);
    }
    g.convolution("segmentation_head.0", x, classes, [3, 1], true);
    graph
}

/// `segmentation_models_pytorch`'s UNet++; see [`crate::models::unet_plus_plus`].
pub fn unet_plus_plus(encoder: impl Into<EncoderKind>, input: [usize; 4], classes: usize) -> Graph {
    let mut graph = Graph::new(input);
    let g = &mut graph;
    let kind = encoder.into();
    let mut features = encode(g, kind);
    let mut below = Vec::new();
    let mut deeper = features.pop().unwrap_or(INPUT);
    let levels = DECODER.len() - 1;
    for (level, &width) in DECODER.iter().take(levels).enumerate() {
        let Some(feature) = features.pop() else { break };
        below.push(deeper);
        // From `x_l_l` back to `x_0_l`, each beside those before it and the encoder's feature.
        let mut row: Vec<Value> = vec![feature];
        for (depth, &x) in below.iter().enumerate().rev() {
            let outputs = if depth == 0 { width } else { kind.widths()[levels - 1 - level] };
            row.insert(0, decode(g, &format!("decoder.blocks.x_{depth}_{level}"), x, &row.clone(), outputs));
        }
        row.pop();
        (below, deeper) = (row, feature);
    }
    let x = decode(g, &format!("decoder.blocks.x_0_{levels}"), below[0], &[], DECODER[levels]);
    g.convolution("segmentation_head.0", x, classes, [3, 1], true);
    graph
}

/// The features of an encoder, from stride 2 to stride 32.
fn encode(g: &mut Graph, kind: EncoderKind) -> Vec<Value> {
    let depth = match kind {
        EncoderKind::Resnet(depth) => depth,
        EncoderKind::Vgg16 => return vgg16(g, false),
        EncoderKind::Vgg16Bn => return vgg16(g, true),
    };
    let channels = depth.channels();
    let stem = g.convolution("encoder.conv1", INPUT, channels[0], [7, 2], false);
    let stem = g.apply(Op::BatchNorm, "encoder.bn1", stem);
    let stem = g.rectifier(stem, 0.0);
    let mut features = vec![stem];
    let mut x = g.apply(Op::MaxPool { size: 3, stride: 2, padding: 1 }, "", stem);
    for (stage, blocks) in depth.blocks().into_iter().enumerate() {
        for block in 0..blocks {
            let stride = if block == 0 && stage > 0 { 2 } else { 1 };
            let name = format!("encoder.layer{}.{block}", stage + 1);
            x = residual(g, &name, x, channels[stage + 1], stride, depth.expansion());
        }
        features.push(x);
    }
    features
}

fn vgg16(g: &mut Graph, batch_norm: bool) -> Vec<Value> {
    let (mut x, mut module) = (INPUT, 0);
    let mut features = Vec::new();
    for (stage, widths) in vgg::STAGES.into_iter().enumerate() {
        for &outputs in widths {
            x = g.convolution(&format!("encoder.features.{module}"), x, outputs, [3, 1], true);
            if batch_norm {
                module += 1;
                x = g.apply(Op::BatchNorm, &format!("encoder.features.{module}"), x);
            }
            x = g.rectifier(x, 0.0);
            module += 2;
        }
        if stage > 0 {
            features.push(x);
        }
        x = g.apply(Op::MaxPool { size: 2, stride: 2, padding: 0 }, "", x);
        module += 1;
    }
    features.push(x);
    features
}

/// Convolution, batch norm, ReLU, with the names of `segmentation_models_pytorch`.
fn normed(g: &mut Graph, name: &str, x: Value, outputs: usize) -> Value {
    let x = g.convolution(&format!("{name}.0"), x, outputs, [3, 1], false);
    let x = g.apply(Op::BatchNorm, &format!("{name}.1"), x);
    g.rectifier(x, 0.0)
}

fn decode(g: &mut Graph, name: &str, x: Value, skips: &[Value], outputs: usize) -> Value {
    let mut x = g.apply(Op::Nearest, "", x);
    for &skip in skips {
        x = g.concatenate(x, skip);
    }
    for conv in ["conv1", "conv2"] {
        x = normed(g, &format!("{name}.{conv}"), x, outputs);
    }
    x
}

fn residual(g: &mut Graph, name: &str, x: Value, outputs: usize, stride: usize, expansion: usize) -> Value {
    let width = outputs / expansion;
    let basic = [(outputs, [3, stride]), (outputs, [3, 1])];
    let bottleneck = [(width, [1, 1]), (width, [3, stride]), (outputs, [1, 1])];
    let shapes: &[(usize, [usize; 2])] = if expansion == 1 { &basic } else { &bottleneck };
    let mut y = x;
    for (index, &(channels, shape)) in shapes.iter().enumerate() {
        y = g.convolution(&format!("{name}.conv{}", index + 1), y, channels, shape, false);
        y = g.apply(Op::BatchNorm, &format!("{name}.bn{}", index + 1), y);
        if index + 1 < shapes.len() {
            y = g.rectifier(y, 0.0);
        }
    }
    let shortcut = if g.channels(x) == outputs && stride == 1 {
        x
    } else {
        let x = g.convolution(&format!("{name}.downsample.0"), x, outputs, [1, stride], false);
        g.apply(Op::BatchNorm, &format!("{name}.downsample.1"), x)
    };
    let sum = g.add(y, shortcut);
    g.rectifier(sum, 0.0)
}

/// nnU-Net's plain U-Net of equal strides along rows and columns; see [`crate::models::plain_conv_unet`].
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
        let (count, [stride, _]) = (architecture.encoder_convs[stage], architecture.strides[stage]);
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
