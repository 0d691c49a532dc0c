//! Who computes: this program with our layers or candle's, or a Python process with another library.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use candle_core::{Result, Tensor, bail};
use serde_json::{Value, json};

use super::graph::Graph;
use super::memory;

/// The script that other libraries run in.
const SCRIPT: &str = include_str!("../../../benches/reference.py");

/// Somebody who computes one case again and again.
pub trait Engine {
    /// Computes once; milliseconds.
    ///
    /// # Errors
    /// Whatever kept it from computing.
    fn run(&mut self) -> Result<f64>;

    /// What the last run computed.
    ///
    /// # Errors
    /// Nothing was computed yet, or it cannot be read.
    fn output(&mut self) -> Result<Vec<f32>>;

    /// Largest resident memory of the process since it was asked to count, where the system tells.
    fn peak_bytes(&mut self) -> Option<u64>;
}

/// A computation in this process on a pool of threads of its own.
pub struct Local {
    pool: rayon::ThreadPool,
    compute: Box<dyn FnMut() -> Result<Tensor> + Send>,
    output: Option<Tensor>,
}

impl Local {
    /// # Errors
    /// Threads that cannot be started.
    pub fn new(threads: usize, compute: impl FnMut() -> Result<Tensor> + Send + 'static) -> Result<Self> {
        let pool =
            rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(candle_core::Error::wrap)?;
        memory::reset_peak();
        Ok(Self { pool, compute: Box::new(compute), output: None })
    }
}

impl Engine for Local {
    fn run(&mut self) -> Result<f64> {
        self.output = None;
        let Self { pool, compute, .. } = self;
        let start = Instant::now();
        let output = pool.install(compute)?;
        let elapsed = start.elapsed().as_secs_f64() * 1e3;
        self.output = Some(output);
        Ok(elapsed)
    }

    fn output(&mut self) -> Result<Vec<f32>> {
        match &self.output {
            Some(output) => output.flatten_all()?.to_vec1(),
            None => bail!("nothing was computed yet"),
        }
    }

    fn peak_bytes(&mut self) -> Option<u64> {
        memory::peak_bytes()
    }
}

/// A library of Python's that may be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Library {
    OnnxRuntime,
    Torch,
}

impl Library {
    fn argument(self) -> &'static str {
        match self {
            Library::OnnxRuntime => "onnxruntime",
            Library::Torch => "torch",
        }
    }
}

/// A Python process that computes what it is told to.
pub struct Remote {
    process: Child,
    /// Closed to end the process.
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    complaints: PathBuf,
    output: PathBuf,
    /// Of the library.
    pub version: String,
}

impl Remote {
    /// Starts `library` on `graph` in the folder `scratch`; `target` is the shape of the target of training steps.
    ///
    /// # Errors
    /// In words why there is none: no Python, no such package, or a failure of it.
    pub fn start(
        library: Library,
        graph: &Graph,
        target: Option<&[usize]>,
        threads: usize,
        scratch: &Path,
    ) -> std::result::Result<Self, String> {
        let words = |error: &dyn std::fmt::Display| format!("{}: {error}", library.argument());
        let (script, case) = (scratch.join("reference.py"), scratch.join("case.json"));
        let description = json!({ "graph": graph, "target": target, "threads": threads });
        fs::write(&script, SCRIPT).map_err(|e| words(&e))?;
        fs::write(&case, description.to_string()).map_err(|e| words(&e))?;
        let complaints = scratch.join("complaints.txt");
        let stderr = fs::File::create(&complaints).map_err(|e| words(&e))?;
        let mut process = Command::new("python3")
            .arg(&script)
            .arg(library.argument())
            .arg(&case)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .map_err(|e| format!("python3 does not start: {e}"))?;
        let (Some(commands), Some(answers)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(words(&"no pipes"));
        };
        let output = scratch.join(format!("{}.f32", library.argument()));
        let answers = BufReader::new(answers);
        let version = String::new();
        let mut remote = Self { process, commands: Some(commands), answers, complaints, output, version };
        let hello = remote.answer().map_err(|e| words(&e))?;
        match (hello["ready"].as_str(), hello["missing"].as_str()) {
            (Some(version), _) => remote.version = version.to_owned(),
            (None, Some(reason)) => return Err(words(&reason)),
            (None, None) => return Err(words(&"said nothing")),
        }
        Ok(remote)
    }

    fn answer(&mut self) -> Result<Value> {
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            let complaints = fs::read_to_string(&self.complaints).unwrap_or_default();
            let last = complaints.lines().rev().find(|line| !line.trim().is_empty());
            bail!("the Python process ended: {}", last.unwrap_or("no word why"));
        }
        serde_json::from_str(&line).map_err(candle_core::Error::wrap)
    }

    fn ask(&mut self, command: &str) -> Result<Value> {
        match &mut self.commands {
            Some(commands) => writeln!(commands, "{command}")?,
            None => bail!("the Python process was told to end"),
        }
        self.answer()
    }
}

impl Engine for Remote {
    fn run(&mut self) -> Result<f64> {
        match self.ask("run")?["ms"].as_f64() {
            Some(ms) => Ok(ms),
            None => bail!("no time from the Python process"),
        }
    }

    fn output(&mut self) -> Result<Vec<f32>> {
        self.ask(&format!("output {}", self.output.display()))?;
        let bytes = fs::read(&self.output)?;
        Ok(bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect())
    }

    fn peak_bytes(&mut self) -> Option<u64> {
        self.ask("peak").ok()?["peak_bytes"].as_u64()
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        // At the end of its input it ends by itself; nothing can be done where waiting fails.
        self.commands = None;
        let _ = self.process.wait();
    }
}
