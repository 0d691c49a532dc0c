//! What a pickle builds: plain data and views of storages, in one arena, so that sharing and cycles cost nothing.

use std::rc::Rc;

/// Place of a value in the [`Arena`].
pub(super) type Id = usize;

/// Deeper than any honest metadata.
const DEEPEST: usize = 40;
/// Values and characters of any honest metadata; shared ones are written out each time they are met.
const LONGEST_JSON: usize = 4 << 20;

/// Numbers of a storage or a NumPy scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Element {
    F64,
    F32,
    F16,
    BF16,
    I64,
    I32,
    I16,
    I8,
    U8,
    Bool,
}

impl Element {
    pub fn bytes(self) -> usize {
        match self {
            Self::F64 | Self::I64 => 8,
            Self::F32 | Self::I32 => 4,
            Self::F16 | Self::BF16 | Self::I16 => 2,
            Self::I8 | Self::U8 | Self::Bool => 1,
        }
    }
}

/// Where the numbers of tensors lie.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Storage {
    pub element: Element,
    pub key: String,
    /// In elements.
    pub length: usize,
}

/// A tensor: a strided view of a storage; offset and strides in elements.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct View {
    pub storage: Rc<Storage>,
    pub offset: usize,
    pub shape: Vec<usize>,
    pub strides: Vec<usize>,
}

#[derive(Debug, Clone)]
pub(super) enum Value {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Rc<str>),
    Bytes(Rc<[u8]>),
    Tuple(Vec<Id>),
    List(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    /// A name of the whitelist, not called yet.
    Global(&'static super::pickle::Known),
    Storage(Rc<Storage>),
    Tensor(Rc<View>),
    /// Type of a NumPy scalar.
    Number(Element),
    /// Something of the whitelist whose content is of no interest.
    Opaque,
}

/// All values of one pickle.
#[derive(Debug, Default)]
pub(super) struct Arena(Vec<Value>);

impl Arena {
    pub fn add(&mut self, value: Value) -> Id {
        self.0.push(value);
        self.0.len() - 1
    }

    pub fn get(&self, id: Id) -> &Value {
        &self.0[id]
    }

    pub fn get_mut(&mut self, id: Id) -> &mut Value {
        &mut self.0[id]
    }

    pub fn text(&self, id: Id) -> Option<&str> {
        match self.get(id) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn size(&self, id: Id) -> Option<usize> {
        match self.get(id) {
            Value::Int(value) => usize::try_from(*value).ok(),
            _ => None,
        }
    }

    /// Members of a tuple or a list.
    pub fn items(&self, id: Id) -> Option<&[Id]> {
        match self.get(id) {
            Value::Tuple(items) | Value::List(items) => Some(items),
            _ => None,
        }
    }

    pub fn sizes(&self, id: Id) -> Option<Vec<usize>> {
        self.items(id)?.iter().map(|id| self.size(*id)).collect()
    }

    pub fn entries(&self, id: Id) -> Option<&[(Id, Id)]> {
        match self.get(id) {
            Value::Dict(entries) => Some(entries),
            _ => None,
        }
    }

    /// Every storage that was named.
    pub fn storages(&self) -> impl Iterator<Item = &Storage> {
        self.0.iter().filter_map(|value| match value {
            Value::Storage(storage) => Some(&**storage),
            _ => None,
        })
    }

    /// The entry of a dict; of equal keys the last.
    pub fn entry(&self, dict: Id, key: &str) -> Option<Id> {
        let entries = self.entries(dict)?;
        entries.iter().rev().find(|(name, _)| self.text(*name) == Some(key)).map(|(_, value)| *value)
    }

    /// Plain data as JSON: tensors and the like are null; `None` where it is too deep or too much.
    pub fn json(&self, id: Id) -> Option<serde_json::Value> {
        self.json_below(id, DEEPEST, &mut { LONGEST_JSON })
    }

    fn json_below(&self, id: Id, depth: usize, left: &mut usize) -> Option<serde_json::Value> {
        use serde_json::Value as Json;
        let length = |id| self.text(id).map_or(1, |text| 1 + text.len());
        *left = left.checked_sub(length(id))?;
        let depth = depth.checked_sub(1)?;
        Some(match self.get(id) {
            Value::Bool(value) => Json::from(*value),
            Value::Int(value) => Json::from(*value),
            Value::Float(value) => Json::from(*value),
            Value::Text(text) => Json::from(&**text),
            Value::Tuple(items) | Value::List(items) => {
                Json::Array(items.iter().map(|id| self.json_below(*id, depth, left)).collect::<Option<_>>()?)
            }
            Value::Dict(entries) => {
                let mut object = serde_json::Map::new();
                for (key, value) in entries {
                    let key = match self.get(*key) {
                        Value::Text(text) => text.to_string(),
                        Value::Int(number) => number.to_string(),
                        _ => continue,
                    };
                    *left = left.checked_sub(key.len())?;
                    object.insert(key, self.json_below(*value, depth, left)?);
                }
                Json::Object(object)
            }
            _ => Json::Null,
        })
    }
}
