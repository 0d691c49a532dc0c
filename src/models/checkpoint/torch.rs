//! Files of `torch.save`: a zip archive of one pickle and its storages, or the older stream of pickles and storages.

use super::error::{Fault, damaged};
use super::pickle;
use super::value::{Arena, Element, Id, Storage, Value, View};
use candle_core::{DType, Device, Tensor};
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufReader, Read};
use std::ops::Range;
use std::path::Path;
use std::rc::Rc;
use zip::{CompressionMethod, ZipArchive};

/// Tensors by name, and the rest as JSON.
pub(super) type Content = (BTreeMap<String, Tensor>, serde_json::Map<String, serde_json::Value>);

/// The first bytes of the older stream: protocol 2, and torch's magic number.
pub(super) const LEGACY: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";

/// Pickles are names and shapes; no honest one is longer.
const LONGEST_PICKLE: u64 = 64 << 20;

/// Under these keys programs put the weights beside other things.
const WEIGHTS: [&str; 4] = ["network_weights", "state_dict", "model_state_dict", "model"];

/// Where the numbers are.
enum Source {
    Zip { archive: ZipArchive<BufReader<File>>, folder: String },
    Legacy { bytes: Vec<u8>, storages: HashMap<String, Range<usize>> },
}

fn zip_fault(error: zip::result::ZipError) -> Fault {
    match error {
        zip::result::ZipError::Io(e) if e.kind() != std::io::ErrorKind::UnexpectedEof => Fault::Io(e),
        other => Fault::Damaged(other.to_string()),
    }
}

pub(super) fn read_zip(path: &Path) -> Result<Content, Fault> {
    let mut archive = ZipArchive::new(BufReader::new(File::open(path)?)).map_err(zip_fault)?;
    let find = |ending: &str| -> Option<String> {
        let mut names = archive.file_names().filter_map(Result::ok);
        names.find(|name| name.ends_with(ending)).map(|name| name.into_owned())
    };
    let Some(name) = find("data.pkl") else { return damaged("the archive has no data.pkl") };
    let big_endian = find("byteorder");
    let folder = name.trim_end_matches("data.pkl").to_owned();
    if let Some(order) = big_endian {
        let mut text = String::new();
        archive.by_name(&order).map_err(zip_fault)?.take(16).read_to_string(&mut text)?;
        if text != "little" {
            return Err(Fault::Unsupported(format!("its numbers are {text}-endian")));
        }
    }
    let mut bytes = Vec::new();
    let member = archive.by_name(&name).map_err(zip_fault)?;
    member.take(LONGEST_PICKLE + 1).read_to_end(&mut bytes).map_err(|e| Fault::Damaged(e.to_string()))?;
    if bytes.len() as u64 > LONGEST_PICKLE {
        return damaged("its pickle is larger than 64 MiB");
    }
    let (arena, root, _) = pickle::run(&bytes)?;
    let size = std::fs::metadata(path)?.len();
    content(&arena, root, Source::Zip { archive, folder }, size)
}

pub(super) fn read_legacy(path: &Path) -> Result<Content, Fault> {
    let bytes = std::fs::read(path)?;
    // Magic number, protocol, what the machine was like; then the object and the keys of its storages.
    let mut at = 0;
    let mut next = || -> Result<(Arena, Id), Fault> {
        let (arena, root, length) = pickle::run(&bytes[at..])?;
        at += length;
        Ok((arena, root))
    };
    next()?;
    next()?;
    let (system, id) = next()?;
    if let Some(Value::Bool(false)) = system.entry(id, "little_endian").map(|id| system.get(id)) {
        return Err(Fault::Unsupported("its numbers are big-endian".to_owned()));
    }
    let (arena, root) = next()?;
    let (keys, list) = next()?;
    let widths: HashMap<&str, usize> =
        arena.storages().map(|storage| (storage.key.as_str(), storage.element.bytes())).collect();
    let mut storages = HashMap::new();
    for key in keys.items(list).unwrap_or_default() {
        let (Some(key), Some(count)) = (keys.text(*key), bytes.get(at..).and_then(|rest| rest.get(..8)))
        else {
            return damaged("the list of storages is longer than the file");
        };
        let count = count.iter().rev().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        let width = widths.get(key).copied().unwrap_or(1) as u64;
        at += 8;
        let end = count.checked_mul(width).and_then(|length| (at as u64).checked_add(length));
        let Some(end) = end.filter(|end| *end <= bytes.len() as u64) else {
            return damaged(format!("storage {key} reaches beyond the end of the file"));
        };
        storages.insert(key.to_owned(), at..end as usize);
        at = end as usize;
    }
    let size = bytes.len() as u64;
    content(&arena, root, Source::Legacy { bytes, storages }, size)
}

/// The dictionary of the weights.
fn weights(arena: &Arena, root: Id) -> Result<Id, Fault> {
    let has_tensors = |id: &Id| !views(arena, *id).is_empty();
    let nested = WEIGHTS.iter().filter_map(|key| arena.entry(root, key)).find(has_tensors);
    match nested.or(Some(root).filter(has_tensors)) {
        Some(id) => Ok(id),
        None => Err(Fault::Unsupported(format!(
            "it holds no tensors by name, neither at the top nor under {}",
            WEIGHTS.join(", ")
        ))),
    }
}

/// Named tensors of a dictionary.
fn views(arena: &Arena, dict: Id) -> Vec<(&str, &Rc<View>)> {
    let entries = arena.entries(dict).unwrap_or_default();
    entries
        .iter()
        .filter_map(|(key, value)| match (arena.text(*key), arena.get(*value)) {
            (Some(name), Value::Tensor(view)) => Some((name, view)),
            _ => None,
        })
        .collect()
}

fn content(arena: &Arena, root: Id, mut source: Source, file_size: u64) -> Result<Content, Fault> {
    let dict = weights(arena, root)?;
    let mut named = views(arena, dict);
    // One storage after the other, so that each is read once.
    named.sort_by(|a, b| a.1.storage.key.cmp(&b.1.storage.key));
    let mut tensors = BTreeMap::new();
    let mut made: HashMap<&View, Tensor> = HashMap::new();
    let mut open: Option<(&Storage, Vec<u8>)> = None;
    let mut left = 2 * file_size;
    for (name, view) in named {
        let tensor = match made.get(&**view) {
            Some(tensor) => tensor.clone(),
            None => {
                if open.as_ref().is_none_or(|(storage, _)| **storage != *view.storage) {
                    open = Some((&view.storage, source.bytes(&view.storage)?));
                }
                let Some((_, bytes)) = &open else { continue };
                let raw = gather(view, bytes, &mut left)
                    .map_err(|reason| Fault::Damaged(format!("tensor {name}: {reason}")))?;
                let tensor = tensor(view, raw)?;
                made.insert(view, tensor.clone());
                tensor
            }
        };
        tensors.insert(name.to_owned(), tensor);
    }
    let mut metadata = serde_json::Map::new();
    for (key, value) in arena.entries(root).unwrap_or_default() {
        let Some(name) = arena.text(*key).filter(|_| *value != dict) else { continue };
        if !matches!(arena.get(*value), Value::Tensor(_))
            && let Some(json) = arena.json(*value)
        {
            metadata.insert(name.to_owned(), json);
        }
    }
    Ok((tensors, metadata))
}

impl Source {
    /// All bytes of a storage.
    fn bytes(&mut self, storage: &Storage) -> Result<Vec<u8>, Fault> {
        let key = &storage.key;
        let Some(needed) = storage.length.checked_mul(storage.element.bytes()) else {
            return damaged(format!("storage {key} is of an impossible size"));
        };
        let short = |there: u64| damaged(format!("storage {key} needs {needed} bytes and has {there}"));
        match self {
            Source::Legacy { bytes, storages } => {
                match storages.get(key).and_then(|range| bytes.get(range.clone())) {
                    Some(found) if found.len() >= needed => Ok(found[..needed].to_vec()),
                    Some(found) => short(found.len() as u64),
                    None => damaged(format!("storage {key} is not in the file")),
                }
            }
            Source::Zip { archive, folder } => {
                let member = archive.by_name(&format!("{folder}data/{key}")).map_err(zip_fault)?;
                if member.compression() != CompressionMethod::Stored {
                    return Err(Fault::Unsupported(
                        "its storages are compressed, as torch never writes them".into(),
                    ));
                }
                // Sizes in the directory may lie, so the buffer grows with what is really there.
                if member.size() < needed as u64 {
                    return short(member.size());
                }
                let mut bytes = Vec::new();
                let read = member.take(needed as u64).read_to_end(&mut bytes);
                read.map_err(|e| Fault::Damaged(format!("storage {key}: {e}")))?;
                if bytes.len() < needed { short(bytes.len() as u64) } else { Ok(bytes) }
            }
        }
    }
}

/// The bytes of a view, row-major. `left` bytes may still be made of this file.
fn gather(view: &View, storage: &[u8], left: &mut u64) -> Result<Vec<u8>, String> {
    let View { offset, shape, strides, .. } = view;
    let width = view.storage.element.bytes();
    if shape.len() != strides.len() {
        return Err("shape and strides have different lengths".to_owned());
    }
    let count = shape.iter().try_fold(1_usize, |product, size| product.checked_mul(*size));
    let Some(count) = count.filter(|count| *count <= view.storage.length) else {
        return Err(format!("{shape:?} is more than its storage of {}", view.storage.length));
    };
    if count == 0 {
        // Without a bound, sizes beside the zero could overflow whoever multiplies them.
        return if shape.iter().all(|size| *size <= 1 << 15) {
            Ok(Vec::new())
        } else {
            Err(format!("is {shape:?}"))
        };
    }
    let last = shape
        .iter()
        .zip(strides)
        .try_fold(*offset, |at, (size, stride)| at.checked_add(size.saturating_sub(1).checked_mul(*stride)?));
    if last.is_none_or(|last| last >= view.storage.length) {
        return Err("reaches beyond its storage".to_owned());
    }
    *left =
        left.checked_sub((count * width) as u64).ok_or("the views of the file are larger than the file")?;
    let mut expected = 1;
    let contiguous = shape.iter().zip(strides).rev().all(|(size, stride)| {
        let fits = *size == 1 || *stride == expected;
        expected *= size;
        fits
    });
    if contiguous {
        return Ok(storage[offset * width..][..count * width].to_vec());
    }
    let mut bytes = Vec::with_capacity(count * width);
    let mut index = vec![0; shape.len()];
    for _ in 0..count {
        let at = offset + index.iter().zip(strides).map(|(i, stride)| i * stride).sum::<usize>();
        bytes.extend_from_slice(&storage[at * width..][..width]);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            if index[axis] < shape[axis] {
                break;
            }
            index[axis] = 0;
        }
    }
    Ok(bytes)
}

fn tensor(view: &View, raw: Vec<u8>) -> Result<Tensor, Fault> {
    let (dtype, raw) = match view.storage.element {
        Element::F64 => (DType::F64, raw),
        Element::F32 => (DType::F32, raw),
        Element::F16 => (DType::F16, raw),
        Element::BF16 => (DType::BF16, raw),
        Element::I64 => (DType::I64, raw),
        Element::I32 => (DType::I32, raw),
        Element::I16 => (DType::I16, raw),
        // candle has no 8-bit integers with a sign.
        Element::I8 => {
            (DType::I16, raw.iter().flat_map(|byte| i16::from(*byte as i8).to_le_bytes()).collect())
        }
        Element::U8 | Element::Bool => (DType::U8, raw),
    };
    Ok(Tensor::from_raw_buffer(&raw, dtype, &view.shape, &Device::Cpu)?)
}
