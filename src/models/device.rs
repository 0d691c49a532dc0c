//! Where a network runs: the choice of the user, what the machine has, and why it became what it became.

use super::ModelError;
use candle_core::Device;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What the user asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceChoice {
    /// CUDA where there is a working one, else the CPU.
    #[default]
    Auto,
    Cpu,
    /// CUDA or an error.
    Cuda,
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DeviceChoice::Auto => "auto",
            DeviceChoice::Cpu => "cpu",
            DeviceChoice::Cuda => "cuda",
        })
    }
}

impl FromStr for DeviceChoice {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(DeviceChoice::Auto),
            "cpu" => Ok(DeviceChoice::Cpu),
            "cuda" => Ok(DeviceChoice::Cuda),
            other => Err(format!("{other:?} is none of auto, cpu, cuda")),
        }
    }
}

/// The device for `choice`, and in words why it is that one.
///
/// # Errors
/// [`ModelError::Device`] when CUDA was demanded and is not there.
pub fn device(choice: DeviceChoice) -> Result<(Device, String), ModelError> {
    if choice == DeviceChoice::Cpu {
        return Ok((Device::Cpu, "CPU, as asked".to_owned()));
    }
    match (cuda(), choice) {
        (Ok(device), _) => Ok((device, "CUDA device 0".to_owned())),
        (Err(reason), DeviceChoice::Cuda) => Err(ModelError::Device { choice: choice.to_string(), reason }),
        (Err(reason), _) => Ok((Device::Cpu, format!("CPU: {reason}"))),
    }
}

#[cfg(not(feature = "cuda"))]
fn cuda() -> Result<Device, String> {
    Err("this build has no CUDA kernels (cargo feature `cuda`)".to_owned())
}

/// Asking candle for CUDA panics where the driver's library is missing, so the driver is looked for first.
#[cfg(feature = "cuda")]
fn cuda() -> Result<Device, String> {
    let driver = ["/proc/driver/nvidia/version", "/dev/nvidiactl", "/dev/dxg"];
    if cfg!(target_os = "linux") && !driver.iter().any(|path| std::path::Path::new(path).exists()) {
        return Err("no NVIDIA driver on this machine".to_owned());
    }
    match std::panic::catch_unwind(|| Device::new_cuda(0)) {
        Ok(Ok(device)) => Ok(device),
        Ok(Err(error)) => Err(format!("CUDA does not start: {error}")),
        Err(_) => Err("CUDA's libraries are incomplete".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auto_always_finds_a_device_and_says_why() {
        let (_, why) = device(DeviceChoice::Auto).unwrap();
        assert!(why.contains("CPU") || why.contains("CUDA"), "{why}");
        assert_eq!(device(DeviceChoice::Cpu).unwrap().1, "CPU, as asked");
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn cuda_demanded_from_a_build_without_it_is_an_error_that_names_the_feature() {
        let error = device(DeviceChoice::Cuda).unwrap_err().to_string();
        assert!(error.contains("cargo feature `cuda`"), "{error}");
    }

    #[test]
    fn names_read_back() {
        for choice in [DeviceChoice::Auto, DeviceChoice::Cpu, DeviceChoice::Cuda] {
            assert_eq!(choice.to_string().parse::<DeviceChoice>().unwrap(), choice);
        }
        assert!("gpu".parse::<DeviceChoice>().is_err());
    }
}
