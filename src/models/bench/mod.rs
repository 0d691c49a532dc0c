//! Times of layers and networks beside those of candle as published, ONNX Runtime and PyTorch.
//!
//! All engines compute the same steps with the same weights and take turns in one run, so that whatever else the
//! machine does falls on all of them; ratios of medians are what can be compared between machines.

mod cases;
mod engine;
mod forests;
pub mod formula;
mod graph;
mod interpret;
mod memory;
mod networks;

use std::path::Path;
use std::time::Duration;

use candle_core::Result;
use serde::Serialize;

use cases::Case;
use engine::{Engine, Library, Remote};

/// What to time and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// Networks, or single layers.
    pub networks: bool,
    /// Only the case of this name.
    pub only: Option<String>,
    /// Runs of every engine after the first two, which do not count.
    pub rounds: usize,
    pub threads: usize,
    /// Whether candle's own layers are timed too.
    pub candle: bool,
}

/// One engine on one case.
#[derive(Debug, Clone, Serialize)]
pub struct Timing {
    pub engine: &'static str,
    /// Version of the library, where it is not this program.
    pub version: Option<String>,
    /// Why there are no figures.
    pub missing: Option<String>,
    pub median_ms: Option<f64>,
    pub fastest_ms: Option<f64>,
    /// Largest resident memory of the process in its first two runs, weights and input included.
    pub peak_bytes: Option<u64>,
    /// Largest difference of our output to this one, as a share of its largest magnitude.
    pub difference: Option<f64>,
    /// Our median over this one.
    pub ours_over_this: Option<f64>,
}

/// All engines on one case.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    pub name: &'static str,
    pub title: String,
    pub timings: Vec<Timing>,
}

/// The names of all cases.
pub fn names(networks: bool) -> Vec<&'static str> {
    all(networks).iter().map(|case| case.name).collect()
}

fn all(networks: bool) -> Vec<Case> {
    if networks { cases::network_cases() } else { cases::layer_cases() }
}

/// Times the cases one after the other, and calls `done` after each. Other engines get files in `scratch`.
///
/// # Errors
/// Failures of our own layers; another engine that fails is told of in its [`Timing`].
pub fn run(options: &Options, scratch: &Path, mut done: impl FnMut(Outcome)) -> Result<()> {
    let cases: Vec<Case> = all(options.networks)
        .into_iter()
        .filter(|case| options.only.as_deref().is_none_or(|only| only == case.name))
        .collect();
    for case in &cases {
        done(time(case, options, scratch)?);
    }
    Ok(())
}

/// An engine with its figures so far.
struct Contestant {
    name: &'static str,
    version: Option<String>,
    engine: std::result::Result<Box<dyn Engine>, String>,
    peak_bytes: Option<u64>,
    first_output: Vec<f32>,
    times: Vec<f64>,
}

impl Contestant {
    /// Runs twice for warmth, memory and output: of a training step, the second loss tells whether gradients agree.
    fn new(
        name: &'static str,
        version: Option<String>,
        engine: std::result::Result<Box<dyn Engine>, String>,
    ) -> Self {
        let mut contestant =
            Self { name, version, engine, peak_bytes: None, first_output: Vec::new(), times: Vec::new() };
        contestant.attempt(|this, engine| {
            engine.run()?;
            engine.run()?;
            this.peak_bytes = engine.peak_bytes();
            this.first_output = engine.output()?;
            Ok(())
        });
        contestant
    }

    /// Does something with the engine, which is given up when it fails.
    fn attempt(&mut self, step: impl FnOnce(&mut Self, &mut dyn Engine) -> Result<()>) {
        let away = Err("is at work".to_owned());
        self.engine = match std::mem::replace(&mut self.engine, away) {
            Ok(mut engine) => step(self, engine.as_mut()).map(|()| engine).map_err(|e| e.to_string()),
            missing => missing,
        };
    }

    fn turn(&mut self) {
        // Idle threads of the engine before spin for a while; that must not be on this one's time.
        std::thread::sleep(Duration::from_millis(50));
        self.attempt(|this, engine| {
            let time = engine.run()?;
            this.times.push(time);
            Ok(())
        });
    }

    fn timing(&self, ours: &Contestant) -> Timing {
        let median_ms = median(&self.times);
        Timing {
            engine: self.name,
            version: self.version.clone(),
            missing: self.engine.as_ref().err().cloned(),
            median_ms,
            fastest_ms: self.times.iter().copied().min_by(f64::total_cmp),
            peak_bytes: self.peak_bytes,
            difference: difference(&ours.first_output, &self.first_output),
            ours_over_this: median_ms.and_then(|this| Some(median(&ours.times)? / this)),
        }
    }
}

fn time(case: &Case, options: &Options, scratch: &Path) -> Result<Outcome> {
    let threads = options.threads;
    let remote = |name, library| {
        if let Some(reason) = case.ours_alone() {
            return Contestant::new(name, None, Err(reason.to_owned()));
        }
        let target = case.target.as_deref();
        match Remote::start(library, &case.graph, target, threads, scratch) {
            Ok(remote) => {
                let version = Some(remote.version.clone());
                Contestant::new(name, version, Ok(Box::new(remote)))
            }
            Err(reason) => Contestant::new(name, None, Err(reason)),
        }
    };
    // Ours comes first: nobody has left memory behind yet.
    let mut contestants = vec![Contestant::new("ours", None, Ok(Box::new(case.ours(threads)?)))];
    if let Err(reason) = &contestants[0].engine {
        candle_core::bail!("{}: {reason}", case.name);
    }
    if options.candle && case.ours_alone().is_none() {
        let engine = case.candle(threads).map(|local| Box::new(local) as Box<dyn Engine>);
        contestants.push(Contestant::new("candle", None, engine.map_err(|e| e.to_string())));
    }
    contestants.push(remote("ONNX Runtime", Library::OnnxRuntime));
    contestants.push(remote("PyTorch", Library::Torch));
    for _ in 0..options.rounds {
        contestants.iter_mut().for_each(Contestant::turn);
    }
    let timings = contestants.iter().map(|contestant| contestant.timing(&contestants[0])).collect();
    Ok(Outcome { name: case.name, title: case.title.clone(), timings })
}

fn median(times: &[f64]) -> Option<f64> {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        even if even % 2 == 0 => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
        _ => Some(sorted[middle]),
    }
}

/// Largest difference as a share of the largest magnitude of `theirs`; none where lengths differ.
fn difference(ours: &[f32], theirs: &[f32]) -> Option<f64> {
    if theirs.is_empty() || ours.len() != theirs.len() {
        return None;
    }
    let largest = theirs.iter().fold(0f64, |largest, value| largest.max(f64::from(value.abs())));
    // `f64::max` would let a NaN pass.
    let worst = ours.iter().zip(theirs).map(|(a, b)| f64::from((a - b).abs()));
    let worst = worst.fold(0f64, |worst, d| if d.is_nan() || d > worst { d } else { worst });
    Some(worst / largest.max(f64::MIN_POSITIVE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_of_odd_and_even_numbers() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn differences_are_relative_and_see_nan() {
        assert_eq!(difference(&[1.0, 2.0], &[1.0, 4.0]), Some(0.5));
        assert_eq!(difference(&[1.0], &[1.0, 4.0]), None);
        assert!(difference(&[f32::NAN, 1.0], &[1.0, 1.0]).is_some_and(f64::is_nan));
    }

    #[test]
    fn graphs_of_every_network_compute_what_its_module_does() {
        use candle_core::Device;
        use formula::{formula, values};
        use interpret::{Interpreter, Kit};

        let vb = || formula(&Device::Cpu);
        let input =
            |shape: [usize; 4]| candle_core::Tensor::from_vec(values("input", &shape), &shape, &Device::Cpu);
        let check = |name: &str, graph: &graph::Graph, module: candle_core::Tensor| {
            let module = module.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            for kit in [Kit::Ours, Kit::Candle] {
                let x = input(graph.input).unwrap();
                let y = Interpreter::new(graph, kit, &vb()).unwrap().forward(&x, false).unwrap();
                let y = y.flatten_all().unwrap().to_vec1::<f32>().unwrap();
                let difference = difference(&module, &y);
                assert!(difference.is_some_and(|d| d < 1e-4), "{name} {kit:?}: {difference:?}");
            }
        };
        use crate::models::{encoder::EncoderKind, plain_conv_unet as plain, resnet::Depth, unet::Unet};
        use crate::models::{unet_plus_plus::UnetPlusPlus, whdv};
        let shape = [1, 3, 64, 96];
        let unet = Unet::new(Depth::Resnet18, 3, 2, vb()).unwrap().folded().unwrap();
        let y = unet.forward(&input(shape).unwrap(), false).unwrap();
        check("unet", &networks::unet(Depth::Resnet18, shape, 2), y);
        let graph = networks::unet(EncoderKind::Vgg16Bn, shape, 2);
        let y = Unet::new(EncoderKind::Vgg16Bn, 3, 2, vb()).unwrap().folded().unwrap();
        check("vgg16_bn", &graph, y.forward(&input(shape).unwrap(), false).unwrap());
        for kind in [EncoderKind::Vgg16, Depth::Resnet50.into()] {
            let y = UnetPlusPlus::new(kind, 1, 3, vb()).unwrap().folded().unwrap();
            let y = y.forward(&input([1, 1, 32, 64]).unwrap(), false).unwrap();
            check("unet++", &networks::unet_plus_plus(kind, [1, 1, 32, 64], 3), y);
        }
        let architecture = plain::Architecture::halving(1, 3, vec![4, 8, 8]);
        let network = plain::PlainConvUnet::new(&architecture, vb()).unwrap();
        let y = network.forward(&input([1, 1, 32, 16]).unwrap()).unwrap();
        check("nnunet", &networks::plain_conv_unet(&architecture, 32, 16), y);
        let architecture = whdv::Architecture::default();
        let network = whdv::Whdv::new(&architecture, vb()).unwrap();
        let y = network.raw(&input([1, 1, 64, 64]).unwrap()).unwrap();
        check("whdv", &networks::whdv(&architecture, 64, 64), y);
    }
}
