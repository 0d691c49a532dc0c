//! The pickle machine: protocols 2 to 5, and of all callables only those that a state dict needs.
//!
//! A GLOBAL outside of [`KNOWN`] ends the reading with its name. Work and memory are bounded by the length of the
//! pickle: every step adds at most one value, lengths are checked against what is left, nothing is copied by reference.

use super::error::{Fault, damaged};
use super::value::{Arena, Element, Id, Storage, Value, View};
use std::collections::HashMap;
use std::rc::Rc;

/// What a name of the whitelist does when called.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Act {
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
pub(super) struct Known {
    module: &'static str,
    name: &'static str,
    act: Act,
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

/// Longest text that is turned into bytes: scalars are short, and arrays of metadata are not looked at.
const LONGEST_ENCODED: usize = 64;

/// Runs one pickle at the beginning of `bytes`: its values, which of them is the result, and the length of the pickle.
pub(super) fn run(bytes: &[u8]) -> Result<(Arena, Id, usize), Fault> {
    let mut machine = Machine { bytes, at: 0, stack: Vec::new(), marks: Vec::new(), ..Machine::default() };
    while machine.step()? {}
    let Some(result) = machine.stack.pop() else { return damaged("the pickle leaves nothing") };
    Ok((machine.arena, result, machine.at))
}

#[derive(Default)]
struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    arena: Arena,
    stack: Vec<Id>,
    /// Heights of the stack at which marks stand.
    marks: Vec<usize>,
    memo: HashMap<u32, Id>,
}

impl Machine<'_> {
    fn take(&mut self, count: u64) -> Result<&[u8], Fault> {
        let left = self.bytes.len() - self.at;
        let Some(count) = usize::try_from(count).ok().filter(|count| *count <= left) else {
            return damaged("the pickle ends too early");
        };
        self.at += count;
        Ok(&self.bytes[self.at - count..self.at])
    }

    /// A little-endian number of `count` bytes, at most 8.
    fn number(&mut self, count: u64) -> Result<u64, Fault> {
        Ok(self.take(count)?.iter().rev().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)))
    }

    fn text(&mut self, count: u64) -> Result<Rc<str>, Fault> {
        match std::str::from_utf8(self.take(count)?) {
            Ok(text) => Ok(text.into()),
            Err(_) => damaged("a text of the pickle is not UTF-8"),
        }
    }

    fn line(&mut self) -> Result<Rc<str>, Fault> {
        let rest = &self.bytes[self.at..];
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
            return damaged("the pickle ends within a name");
        };
        let line = self.text(end as u64)?;
        self.at += 1;
        Ok(line)
    }

    fn push(&mut self, value: Value) {
        let id = self.arena.add(value);
        self.stack.push(id);
    }

    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn pop(&mut self) -> Result<Id, Fault> {
        if self.stack.len() <= self.floor() {
            return damaged("the pickle takes from an empty stack");
        }
        self.stack.pop().ok_or_else(|| Fault::Damaged("the pickle takes from an empty stack".to_owned()))
    }

    fn last(&self) -> Result<Id, Fault> {
        match self.stack.last() {
            Some(id) if self.stack.len() > self.floor() => Ok(*id),
            _ => damaged("the pickle looks at an empty stack"),
        }
    }

    fn pop_to_mark(&mut self) -> Result<Vec<Id>, Fault> {
        match self.marks.pop() {
            Some(mark) => Ok(self.stack.split_off(mark)),
            None => damaged("the pickle has no mark"),
        }
    }

    fn tuple(&mut self, count: usize) -> Result<(), Fault> {
        let mut items = (0..count).map(|_| self.pop()).collect::<Result<Vec<_>, _>>()?;
        items.reverse();
        self.push(Value::Tuple(items));
        Ok(())
    }

    fn remember(&mut self, key: u32) -> Result<(), Fault> {
        let id = self.last()?;
        self.memo.insert(key, id);
        Ok(())
    }

    fn recall(&mut self, key: u32) -> Result<(), Fault> {
        match self.memo.get(&key) {
            Some(id) => self.stack.push(*id),
            None => return damaged("the pickle recalls what it has not stored"),
        }
        Ok(())
    }

    /// One opcode; `false` after the last.
    fn step(&mut self) -> Result<bool, Fault> {
        match self.number(1)? as u8 {
            0x80 => match self.number(1)? {
                2..=5 => {}
                other => return Err(Fault::Unsupported(format!("pickle protocol {other}"))),
            },
            0x95 => _ = self.take(8)?,
            b'.' => return Ok(false),
            b'(' => self.marks.push(self.stack.len()),
            b'0' => _ = self.pop()?,
            b'1' => _ = self.pop_to_mark()?,
            b'N' => self.push(Value::None),
            0x88 => self.push(Value::Bool(true)),
            0x89 => self.push(Value::Bool(false)),
            b'K' => self.int(1)?,
            b'M' => self.int(2)?,
            b'J' => {
                let value = self.number(4)? as u32 as i32;
                self.push(Value::Int(value.into()));
            }
            0x8a => {
                let count = self.number(1)?;
                self.long(count)?;
            }
            0x8b => {
                let count = self.number(4)?;
                self.long(count)?;
            }
            b'G' => {
                let bits = self.number(8)?.swap_bytes();
                self.push(Value::Float(f64::from_bits(bits)));
            }
            0x8c => self.string(1)?,
            b'X' => self.string(4)?,
            0x8d => self.string(8)?,
            // Strings of Python 2; those of torch are names.
            b'U' => self.string(1)?,
            b'T' => self.string(4)?,
            b'C' => self.byte_string(1)?,
            b'B' => self.byte_string(4)?,
            0x8e => self.byte_string(8)?,
            b')' => self.push(Value::Tuple(Vec::new())),
            0x85 => self.tuple(1)?,
            0x86 => self.tuple(2)?,
            0x87 => self.tuple(3)?,
            b't' => {
                let items = self.pop_to_mark()?;
                self.push(Value::Tuple(items));
            }
            b']' | 0x8f => self.push(Value::List(Vec::new())),
            b'l' | 0x91 => {
                let items = self.pop_to_mark()?;
                self.push(Value::List(items));
            }
            b'}' => self.push(Value::Dict(Vec::new())),
            b'd' => {
                let items = self.pop_to_mark()?;
                self.push(Value::Dict(Vec::new()));
                self.set_items(&items)?;
            }
            b'a' => {
                let item = self.pop()?;
                self.append(vec![item])?;
            }
            b'e' | 0x90 => {
                let items = self.pop_to_mark()?;
                self.append(items)?;
            }
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.set_items(&[key, value])?;
            }
            b'u' => {
                let items = self.pop_to_mark()?;
                self.set_items(&items)?;
            }
            b'q' => {
                let key = self.number(1)? as u32;
                self.remember(key)?;
            }
            b'r' => {
                let key = self.number(4)? as u32;
                self.remember(key)?;
            }
            0x94 => self.remember(self.memo.len() as u32)?,
            b'h' => {
                let key = self.number(1)? as u32;
                self.recall(key)?;
            }
            b'j' => {
                let key = self.number(4)? as u32;
                self.recall(key)?;
            }
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                self.global(&module, &name)?;
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let (Some(module), Some(name)) = (self.arena.text(module), self.arena.text(name)) else {
                    return damaged("a name of the pickle is no text");
                };
                let (module, name) = (module.to_owned(), name.to_owned());
                self.global(&module, &name)?;
            }
            b'R' | 0x81 => self.call()?,
            b'b' => self.build()?,
            b'Q' => self.storage()?,
            other => return Err(Fault::Unsupported(format!("opcode {other:#04x} in its pickle"))),
        }
        Ok(true)
    }

    fn int(&mut self, count: u64) -> Result<(), Fault> {
        let value = self.number(count)? as i64;
        self.push(Value::Int(value));
        Ok(())
    }

    /// Two's complement of any length; what no tensor can need is not kept.
    fn long(&mut self, count: u64) -> Result<(), Fault> {
        let bytes = self.take(count)?;
        let value = match bytes.last() {
            None => Value::Int(0),
            Some(last) if bytes.len() <= 8 => {
                let fill = if *last >= 0x80 { -1 } else { 0 };
                Value::Int(bytes.iter().rev().fold(fill, |sum, byte| (sum << 8) | i64::from(*byte)))
            }
            Some(_) => Value::Opaque,
        };
        self.push(value);
        Ok(())
    }

    fn string(&mut self, width: u64) -> Result<(), Fault> {
        let count = self.number(width)?;
        let text = self.text(count)?;
        self.push(Value::Text(text));
        Ok(())
    }

    fn byte_string(&mut self, width: u64) -> Result<(), Fault> {
        let count = self.number(width)?;
        let bytes = self.take(count)?.into();
        self.push(Value::Bytes(bytes));
        Ok(())
    }

    fn append(&mut self, mut items: Vec<Id>) -> Result<(), Fault> {
        let id = self.last()?;
        match self.arena.get_mut(id) {
            Value::List(list) => list.append(&mut items),
            _ => return damaged("the pickle appends to what is no list"),
        }
        Ok(())
    }

    fn set_items(&mut self, items: &[Id]) -> Result<(), Fault> {
        let id = self.last()?;
        match self.arena.get_mut(id) {
            Value::Dict(entries) if items.len().is_multiple_of(2) => {
                entries.extend(items.chunks_exact(2).map(|pair| (pair[0], pair[1])));
            }
            Value::Opaque => {}
            _ => return damaged("the pickle sets entries of what is no dictionary"),
        }
        Ok(())
    }

    fn global(&mut self, module: &str, name: &str) -> Result<(), Fault> {
        let Some(known) = KNOWN.iter().find(|known| known.module == module && known.name == name) else {
            let shown = format!("{module}.{name}").chars().filter(|c| !c.is_control()).take(100).collect();
            return Err(Fault::Forbidden(shown));
        };
        self.push(Value::Global(known));
        Ok(())
    }

    fn call(&mut self) -> Result<(), Fault> {
        let (arguments, callable) = (self.pop()?, self.pop()?);
        let Value::Global(known) = self.arena.get(callable) else {
            return damaged("the pickle calls what is no function");
        };
        let id = self.act(known.act, arguments)?;
        self.stack.push(id);
        Ok(())
    }

    /// The result of a call.
    fn act(&mut self, act: Act, arguments: Id) -> Result<Id, Fault> {
        let Some(items) = self.arena.items(arguments) else {
            return damaged("the pickle calls without arguments");
        };
        let argument = |index: usize| -> Result<Id, Fault> {
            items.get(index).copied().ok_or_else(|| Fault::Damaged("a call lacks an argument".to_owned()))
        };
        let value = match act {
            Act::OrderedDict => match items.first() {
                None => Value::Dict(Vec::new()),
                Some(list) => Value::Dict(self.pairs(*list)?),
            },
            Act::Tensor => {
                let (storage, offset) = (argument(0)?, argument(1)?);
                Value::Tensor(Rc::new(self.view(storage, offset, argument(2)?, argument(3)?)?))
            }
            Act::First | Act::Same => match items.first() {
                Some(first) => return Ok(*first),
                None => Value::List(Vec::new()),
            },
            Act::FromType => {
                let (function, inner) = (argument(0)?, argument(2)?);
                match self.arena.get(function) {
                    Value::Global(Known { act: act @ (Act::Tensor | Act::First), .. }) => {
                        return self.act(*act, inner);
                    }
                    _ => return damaged("a tensor is rebuilt by what is no tensor's function"),
                }
            }
            Act::NumpyType => match self.arena.text(argument(0)?) {
                Some("f8") => Value::Number(Element::F64),
                Some("f4") => Value::Number(Element::F32),
                Some("i8") => Value::Number(Element::I64),
                Some("i4") => Value::Number(Element::I32),
                Some("b1") => Value::Number(Element::Bool),
                _ => Value::Opaque,
            },
            Act::NumpyScalar => {
                match (self.arena.get(argument(0)?), items.get(1).map(|id| self.arena.get(*id))) {
                    (Value::Number(element), Some(Value::Bytes(bytes))) => scalar(*element, bytes),
                    _ => Value::Opaque,
                }
            }
            Act::Encode => match self.arena.text(argument(0)?) {
                Some(text) if text.len() <= LONGEST_ENCODED => latin_1(text),
                _ => Value::Opaque,
            },
            Act::Storage(_) | Act::Ignore => Value::Opaque,
        };
        Ok(self.arena.add(value))
    }

    /// Entries of a list of pairs, as Python 2 wrote dictionaries.
    fn pairs(&mut self, list: Id) -> Result<Vec<(Id, Id)>, Fault> {
        // Taken, not copied: the list is part of this call alone, and a second call on it finds it empty.
        let items = match self.arena.get_mut(list) {
            Value::List(items) | Value::Tuple(items) => std::mem::take(items),
            _ => return damaged("a dictionary is made of what is no list"),
        };
        items
            .into_iter()
            .map(|pair| match self.arena.items(pair) {
                Some([key, value]) => Ok((*key, *value)),
                _ => damaged("a dictionary is made of what are no pairs"),
            })
            .collect()
    }

    fn view(&self, storage: Id, offset: Id, shape: Id, strides: Id) -> Result<View, Fault> {
        let arena = &self.arena;
        let (Value::Storage(storage), Some(offset), Some(shape), Some(strides)) =
            (arena.get(storage), arena.size(offset), arena.sizes(shape), arena.sizes(strides))
        else {
            return damaged("a tensor is not made of storage, offset, shape and strides");
        };
        Ok(View { storage: storage.clone(), offset, shape, strides })
    }

    /// State given to an object: only the byte order of a NumPy type matters, and attributes are no entries.
    fn build(&mut self) -> Result<(), Fault> {
        let state = self.pop()?;
        let object = self.last()?;
        let order = self.arena.items(state).and_then(|items| self.arena.text(*items.get(1)?));
        if order == Some(">") && matches!(self.arena.get(object), Value::Number(_)) {
            *self.arena.get_mut(object) = Value::Opaque;
        }
        Ok(())
    }

    /// `('storage', type, key, device, length, …)`.
    fn storage(&mut self) -> Result<(), Fault> {
        let id = self.pop()?;
        let arena = &self.arena;
        let Some([tag, class, key, _, length, rest @ ..]) = arena.items(id) else {
            return damaged("a storage is not named as torch names it");
        };
        if rest.iter().any(|id| !matches!(arena.get(*id), Value::None)) {
            return Err(Fault::Unsupported("views of storages, as torch wrote before 0.4".to_owned()));
        }
        let (
            Some("storage"),
            Value::Global(Known { act: Act::Storage(element), .. }),
            Some(key),
            Some(length),
        ) = (arena.text(*tag), arena.get(*class), arena.text(*key), arena.size(*length))
        else {
            return damaged("a storage is not named as torch names it");
        };
        let storage = Storage { element: *element, key: key.to_owned(), length };
        self.push(Value::Storage(Rc::new(storage)));
        Ok(())
    }
}

fn latin_1(text: &str) -> Value {
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    bytes.map_or(Value::Opaque, |bytes| Value::Bytes(bytes.into()))
}

/// A little-endian number.
fn scalar(element: Element, bytes: &[u8]) -> Value {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(bytes: &[u8]) -> String {
        match run(bytes) {
            Ok(_) => panic!("was taken"),
            Err(fault) => fault.to_string(),
        }
    }

    #[test]
    fn a_pickle_that_wants_a_shell_is_refused_by_name() {
        let fault = fault(b"\x80\x02cos\nsystem\nX\x02\0\0\0id\x85R.");
        assert!(fault.contains("os.system"), "{fault}");
    }

    #[test]
    fn protocol_4_names_are_refused_alike() {
        let text = |text: &str| [b"\x8c".as_slice(), &[text.len() as u8], text.as_bytes()].concat();
        let program = [b"\x80\x04".to_vec(), text("builtins"), text("eval"), b"\x93.".to_vec()].concat();
        assert!(fault(&program).contains("builtins.eval"));
    }

    #[test]
    fn lengths_that_lie_are_errors_and_nothing_is_allocated() {
        for program in [
            b"\x80\x02X\xff\xff\xff\xffab".as_slice(),
            b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x80\x02\x8b\xff\xff\xff\xff",
            b"\x80\x02B\0\0\0\x80",
            b"\x80",
            b"",
        ] {
            assert!(run(program).is_err(), "{program:?}");
        }
    }

    #[test]
    fn stacks_that_do_not_fit_are_errors() {
        let programs = [
            b"\x80\x02.".as_slice(),
            b"\x80\x02R.",
            b"\x80\x02]t.",
            b"\x80\x02}K\x01s.",
            b"\x80\x02}(K\x01u.",
            b"\x80\x02](K\x010.",
            b"\x80\x02h\x05.",
            b"\x80\x02K\x01K\x02R.",
            b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)R.",
            b"\x80\x02K\x01Q.",
            b"\x80\x02ctorch._tensor\n_rebuild_from_type_v2\nctorch._tensor\n_rebuild_from_type_v2\nNN\x87R.",
        ];
        for program in programs {
            let result = run(program).map(|(arena, id, _)| format!("{:?}", arena.get(id)));
            // The one that only leaves a mark behind is harmless.
            assert!(result.is_err() || program == b"\x80\x02](K\x010.", "{program:?} {result:?}");
        }
    }

    #[test]
    fn shared_lists_do_not_grow() {
        // Each list holds the one before it twice: 2^60 leaves if anything were copied or written out.
        let mut program = b"\x80\x02]q\0".to_vec();
        for level in 1..=60 {
            program.extend([b']', b'q', level, b'(', b'h', level - 1, b'h', level - 1, b'e']);
        }
        program.push(b'.');
        let (arena, id, _) = run(&program).unwrap();
        assert_eq!(arena.json(id), None, "too much to be metadata");
    }

    #[test]
    fn plain_data_reads_back() {
        // {'a': (1, -2, 1.5, None, True)} by Python 3's pickle, protocol 2.
        let program =
            b"\x80\x02}q\x00X\x01\x00\x00\x00aq\x01(K\x01J\xfe\xff\xff\xffG?\xf8\0\0\0\0\0\0N\x88tq\x02s.";
        let (arena, id, length) = run(program).unwrap();
        assert_eq!(length, program.len());
        assert_eq!(arena.json(id).unwrap(), serde_json::json!({"a": [1, -2, 1.5, null, true]}));
    }

    /// Every byte of an honest pickle changed to every other kind of opcode: an error or a value, never a panic.
    #[test]
    fn damage_never_panics() {
        let honest = b"\x80\x02}q\0X\x01\0\0\0wq\x01ctorch._utils\n_rebuild_tensor_v2\nq\x02((X\x07\0\0\0storageq\x03ctorch\nFloatStorage\nq\x04X\x01\0\0\x000q\x05X\x03\0\0\0cpuq\x06K\x06tq\x07QK\0K\x02K\x03\x86q\x08K\x03K\x01\x86q\t\x89ccollections\nOrderedDict\nq\n)Rq\x0btq\x0cRq\rs.";
        let (arena, id, _) = run(honest).unwrap();
        assert!(matches!(arena.entry(id, "w").map(|w| arena.get(w)), Some(Value::Tensor(_))));
        for at in 0..honest.len() {
            for byte in 0..=255 {
                let mut damaged = honest.to_vec();
                damaged[at] = byte;
                if let Ok((arena, id, _)) = run(&damaged) {
                    arena.json(id);
                }
            }
            _ = run(&honest[..at]);
        }
    }
}
