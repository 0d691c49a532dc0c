//! Safetensors: the reader is candle's, which checks every length; only the metadata of the header is read here.

use super::error::Fault;
use super::torch::Content;
use candle_core::Device;
use std::path::Path;

pub(super) fn read(path: &Path) -> Result<Content, Fault> {
    let bytes = std::fs::read(path)?;
    let tensors = candle_core::safetensors::load_buffer(&bytes, &Device::Cpu)
        .map_err(|e| Fault::Damaged(e.to_string()))?
        .into_iter()
        .collect();
    Ok((tensors, metadata(&bytes).unwrap_or_default()))
}

fn metadata(bytes: &[u8]) -> Option<serde_json::Map<String, serde_json::Value>> {
    let length = usize::try_from(u64::from_le_bytes(bytes.get(..8)?.try_into().ok()?)).ok()?;
    let header: serde_json::Value = serde_json::from_slice(bytes.get(8..)?.get(..length)?).ok()?;
    header.get("__metadata__")?.as_object().cloned()
}
