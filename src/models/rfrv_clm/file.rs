//! A trained model as safetensors: integers and floats under names, nothing that could be executed.

use super::Clm;
use super::forest::{Forests, Node, Vote};
use super::haar::{Haar, Kind};
use super::shape::ShapeModel;
use crate::measure::Point;
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use std::borrow::Cow;
use std::collections::HashMap;

/// What the file says it is.
const FORMAT: (&str, &str) = ("format", "rfrv-clm/1");
/// Votes are kept in this many parts of a pixel.
const PARTS: f32 = 128.0;

/// A tensor before it is written.
struct Tensor {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl safetensors::View for &Tensor {
    fn dtype(&self) -> Dtype {
        self.dtype
    }
    fn shape(&self) -> &[usize] {
        &self.shape
    }
    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }
    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

impl Clm {
    /// The model as the bytes of a file. Votes are rounded: what is read from it differs by 1/256 pixel.
    ///
    /// # Errors
    /// What the library says.
    pub fn to_bytes(&self) -> Result<Vec<u8>, String> {
        let mut tensors = Vec::new();
        let flat = |points: &[Point]| points.iter().flat_map(|p| [p.x, p.y]).collect::<Vec<f64>>();
        let points = self.shape.mean.len();
        let modes = self.shape.modes.len();
        tensors.push(("shape.mean".to_owned(), doubles(&[points, 2], flat(&self.shape.mean))));
        tensors.push(("shape.modes".to_owned(), doubles(&[modes, 2 * points], self.shape.modes.concat())));
        tensors.push(("shape.variances".to_owned(), doubles(&[modes], self.shape.variances.clone())));
        write_forests(&mut tensors, "global", &self.global);
        for (index, stage) in self.stages.iter().enumerate() {
            write_forests(&mut tensors, &format!("stage{index}"), stage);
        }
        let format = HashMap::from([(FORMAT.0.to_owned(), FORMAT.1.to_owned())]);
        serialize(tensors.iter().map(|(name, tensor)| (name, tensor)), Some(format))
            .map_err(|e| e.to_string())
    }

    /// The model of a file.
    ///
    /// # Errors
    /// The reason why it is none; whether it fits a plan is for [`Clm::check`] to say.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(|e| e.to_string())?;
        let format = header.metadata().as_ref().and_then(|m| m.get(FORMAT.0)).map_or("none", String::as_str);
        if format != FORMAT.1 {
            return Err(format!("its format is {format:?}, not {:?}", FORMAT.1));
        }
        let file = SafeTensors::deserialize(bytes).map_err(|e| e.to_string())?;
        let reader = Reader { file: &file };
        let mean = reader.doubles("shape.mean")?;
        let values = mean.len();
        let modes = reader.doubles("shape.modes")?;
        let shape = ShapeModel {
            mean: mean.chunks_exact(2).map(|p| Point::new(p[0], p[1])).collect(),
            modes: modes.chunks_exact(values.max(1)).map(<[f64]>::to_vec).collect(),
            variances: reader.doubles("shape.variances")?,
        };
        let mut stages = Vec::new();
        while file.tensor(&format!("stage{}.roots", stages.len())).is_ok() {
            stages.push(reader.forests(&format!("stage{}", stages.len()))?);
        }
        Ok(Self { shape, global: reader.forests("global")?, stages })
    }
}

fn doubles(shape: &[usize], values: Vec<f64>) -> Tensor {
    let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    Tensor { dtype: Dtype::F64, shape: shape.to_vec(), bytes }
}

fn write_forests(tensors: &mut Vec<(String, Tensor)>, name: &str, forests: &Forests) {
    let (nodes, votes) = (forests.nodes.len(), forests.votes.len());
    let mut put = |part: &str, dtype, shape: &[usize], bytes| {
        tensors.push((format!("{name}.{part}"), Tensor { dtype, shape: shape.to_vec(), bytes }));
    };
    let haar = |n: &Node| [n.haar.kind as u8, n.haar.x, n.haar.y, n.haar.width, n.haar.height];
    put("haar", Dtype::U8, &[nodes, 5], forests.nodes.iter().flat_map(haar).collect());
    let thresholds = forests.nodes.iter().flat_map(|n| n.threshold.to_le_bytes());
    put("thresholds", Dtype::F32, &[nodes], thresholds.collect());
    let children = forests.nodes.iter().flat_map(|n| n.children).flat_map(u32::to_le_bytes);
    put("children", Dtype::U32, &[nodes, 2], children.collect());
    // The cast saturates.
    let places = forests.votes.iter().flat_map(|v| [v.x, v.y]).map(|v| (v * PARTS).round() as i16);
    put("votes", Dtype::I16, &[votes, 2], places.flat_map(i16::to_le_bytes).collect());
    let weights = forests.votes.iter().flat_map(|v| v.weight.to_le_bytes());
    put("weights", Dtype::F32, &[votes], weights.collect());
    let trees: Vec<u8> = forests.roots.iter().flatten().flat_map(|root| root.to_le_bytes()).collect();
    put("roots", Dtype::U32, &[trees.len() / 4], trees);
    let counts: Vec<u8> = forests.roots.iter().flat_map(|t| (t.len() as u32).to_le_bytes()).collect();
    put("trees", Dtype::U32, &[counts.len() / 4], counts);
}

struct Reader<'a> {
    file: &'a SafeTensors<'a>,
}

impl<'a> Reader<'a> {
    fn tensor(&self, name: &str, dtype: Dtype) -> Result<&'a [u8], String> {
        let tensor: TensorView = self.file.tensor(name).map_err(|e| format!("{name}: {e}"))?;
        if tensor.dtype() != dtype {
            return Err(format!("{name} is {:?}, not {dtype:?}", tensor.dtype()));
        }
        Ok(tensor.data())
    }

    fn doubles(&self, name: &str) -> Result<Vec<f64>, String> {
        Ok(numbers(self.tensor(name, Dtype::F64)?, f64::from_le_bytes))
    }

    fn forests(&self, name: &str) -> Result<Forests, String> {
        let part = |part: &str, dtype| self.tensor(&format!("{name}.{part}"), dtype);
        let haar = part("haar", Dtype::U8)?;
        let thresholds = numbers(part("thresholds", Dtype::F32)?, f32::from_le_bytes);
        let children = numbers(part("children", Dtype::U32)?, u32::from_le_bytes);
        let votes = numbers(part("votes", Dtype::I16)?, i16::from_le_bytes);
        let weights = numbers(part("weights", Dtype::F32)?, f32::from_le_bytes);
        let roots = numbers(part("roots", Dtype::U32)?, u32::from_le_bytes);
        let trees = numbers(part("trees", Dtype::U32)?, u32::from_le_bytes);
        let fits = haar.len() == 5 * thresholds.len()
            && children.len() == 2 * thresholds.len()
            && votes.len() == 2 * weights.len()
            && trees.iter().map(|n| u64::from(*n)).sum::<u64>() == roots.len() as u64;
        if !fits {
            return Err(format!("the parts of {name} do not fit each other"));
        }
        let mut nodes = Vec::with_capacity(thresholds.len());
        for ((haar, threshold), pair) in haar.chunks_exact(5).zip(thresholds).zip(children.chunks_exact(2)) {
            let kind =
                Kind::ALL.get(usize::from(haar[0])).ok_or_else(|| format!("{name}: no such feature"))?;
            let haar = Haar { kind: *kind, x: haar[1], y: haar[2], width: haar[3], height: haar[4] };
            nodes.push(Node { haar, threshold, children: [pair[0], pair[1]] });
        }
        let place = |v: i16| f32::from(v) / PARTS;
        let votes = votes.chunks_exact(2).zip(weights);
        let votes = votes.map(|(v, weight)| Vote { x: place(v[0]), y: place(v[1]), weight }).collect();
        let mut rest = roots.as_slice();
        let roots = trees.iter().map(|count| {
            let (own, others) = rest.split_at(*count as usize);
            rest = others;
            own.to_vec()
        });
        Ok(Forests { nodes, votes, roots: roots.collect() })
    }
}

fn numbers<const N: usize, T>(bytes: &[u8], read: fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks::<N>().0.iter().map(|chunk| read(*chunk)).collect()
}
