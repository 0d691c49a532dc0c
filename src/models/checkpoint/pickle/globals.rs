//! The whitelist: what a state dict calls, and nothing else. Looking a name up is all that is done with it.

use super::super::value::{Element, Value};

/// What a name of the whitelist does when called.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) enum Act {
    OrderedDict,
    /// `_rebuild_tensor(_v2)(storage, offset, shape, strides, …)`.
    Tensor,
    /// `_rebuild_parameter(tensor, …)`.
    First,
    /// `_rebuild_from_type_v2(function, type, arguments, state)`.
    FromType,
    /// The type of a storage's numbers.
    Storage(Element),
    /// `numpy.dtype('f8', …)`.
    NumpyType,
    /// `numpy.core.multiarray.scalar(dtype, bytes)`.
    NumpyScalar,
    /// `_codecs.encode(text, 'latin1')`: how protocol 2 writes bytes.
    Encode,
    /// `torch.Size(tuple)`, `set`: the argument.
    Same,
    /// Never looked at.
    Ignore,
}

/// A line of the whitelist.
#[derive(Debug)]
pub(in super::super) struct Known {
    module: &'static str,
    name: &'static str,
    pub act: Act,
}

const fn known(module: &'static str, name: &'static str, act: Act) -> Known {
    Known { module, name, act }
}

static KNOWN: &[Known] = &[
    known("collections", "OrderedDict", Act::OrderedDict),
    known("torch._utils", "_rebuild_tensor_v2", Act::Tensor),
    known("torch._utils", "_rebuild_tensor", Act::Tensor),
    known("torch._utils", "_rebuild_parameter", Act::First),
    known("torch._tensor", "_rebuild_from_type_v2", Act::FromType),
    known("torch.nn.parameter", "Parameter", Act::Ignore),
    known("torch", "Tensor", Act::Ignore),
    known("torch", "DoubleStorage", Act::Storage(Element::F64)),
    known("torch", "FloatStorage", Act::Storage(Element::F32)),
    known("torch", "HalfStorage", Act::Storage(Element::F16)),
    known("torch", "BFloat16Storage", Act::Storage(Element::BF16)),
    known("torch", "LongStorage", Act::Storage(Element::I64)),
    known("torch", "IntStorage", Act::Storage(Element::I32)),
    known("torch", "ShortStorage", Act::Storage(Element::I16)),
    known("torch", "CharStorage", Act::Storage(Element::I8)),
    known("torch", "ByteStorage", Act::Storage(Element::U8)),
    known("torch", "BoolStorage", Act::Storage(Element::Bool)),
    known("torch", "Size", Act::Same),
    known("torch", "device", Act::Ignore),
    known("torch", "float64", Act::Ignore),
    known("torch", "float32", Act::Ignore),
    known("torch", "float16", Act::Ignore),
    known("torch", "bfloat16", Act::Ignore),
    known("torch", "int64", Act::Ignore),
    known("numpy", "dtype", Act::NumpyType),
    known("numpy", "ndarray", Act::Ignore),
    known("numpy.core.multiarray", "scalar", Act::NumpyScalar),
    known("numpy._core.multiarray", "scalar", Act::NumpyScalar),
    known("numpy.core.multiarray", "_reconstruct", Act::Ignore),
    known("numpy._core.multiarray", "_reconstruct", Act::Ignore),
    known("_codecs", "encode", Act::Encode),
    known("builtins", "set", Act::Same),
    known("__builtin__", "set", Act::Same),
];

/// The line of the whitelist with this name.
pub(super) fn find(module: &str, name: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.module == module && known.name == name)
}

/// Bytes as protocol 2 writes them: characters below 256.
pub(super) fn latin_1(text: &str) -> Value {
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    bytes.map_or(Value::Opaque, |bytes| Value::Bytes(bytes.into()))
}

/// A little-endian number.
pub(super) fn scalar(element: Element, bytes: &[u8]) -> Value {
    let whole = bytes.iter().rev().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    match (element, bytes.len()) {
        (Element::F64, 8) => Value::Float(f64::from_bits(whole)),
        (Element::F32, 4) => Value::Float(f32::from_bits(whole as u32).into()),
        (Element::I64, 8) => Value::Int(whole as i64),
        (Element::I32, 4) => Value::Int((whole as u32 as i32).into()),
        (Element::Bool, 1) => Value::Bool(whole != 0),
        _ => Value::Opaque,
    }
}
