//! The pickle machine: protocols 2 to 5, and of all callables only those that a state dict needs.
//!
//! A GLOBAL outside of [`globals`] ends the reading with its name. Work and memory are bounded by the length of the
//! pickle: every step adds at most one value, lengths are checked against what is left, nothing is copied by reference.

mod globals;
#[cfg(test)]
mod tests;

pub(super) use globals::Known;

use super::error::{Fault, damaged};
use super::value::{Arena, Element, Id, Storage, Value, View};
use globals::{Act, latin_1, scalar};
use std::collections::HashMap;
use std::rc::Rc;

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
        let Some(known) = globals::find(module, name) else {
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
