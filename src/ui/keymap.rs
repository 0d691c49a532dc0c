//! Which keys do what: those of the action table, and those that a person chose in their place.

use super::action::Action;
use egui::{Context, Id, Key, KeyboardShortcut, Modifiers};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The keys of every action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    keys: BTreeMap<Action, Vec<KeyboardShortcut>>,
}

impl Default for Keymap {
    fn default() -> Self {
        let keys = |action: &Action| action.default_keys().iter().filter_map(|key| parse(key)).collect();
        Self { keys: Action::ALL.iter().map(|action| (*action, keys(action))).collect() }
    }
}

/// Why a key cannot be given to an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The film reads it itself: it moves points, walks them, peeks.
    OfTheFilm,
    /// Another action has it.
    Taken(Action),
}

impl Keymap {
    /// The keys of the table with `changed` (action's id, keys) over them. What is not understood is left as it was.
    pub fn with(changed: &BTreeMap<String, Vec<String>>) -> Self {
        let mut map = Self::default();
        for action in Action::ALL.iter().filter(|action| !action.belongs_to_canvas()) {
            if let Some(keys) = changed.get(action.id()) {
                map.keys.insert(*action, keys.iter().filter_map(|key| parse(key)).collect());
            }
        }
        map
    }

    /// What differs from the table, for the preferences.
    pub fn changed(&self) -> BTreeMap<String, Vec<String>> {
        let table = Self::default();
        let differs = self.keys.iter().filter(|(action, keys)| table.keys.get(action) != Some(keys));
        differs.map(|(action, keys)| (action.id().to_owned(), keys.iter().map(print).collect())).collect()
    }

    /// The keys of an action, the one to print first.
    pub fn of(&self, action: Action) -> &[KeyboardShortcut] {
        self.keys.get(&action).map_or(&[], Vec::as_slice)
    }

    /// Whether the action has the keys of the table.
    pub fn is_default(&self, action: Action) -> bool {
        self.of(action).iter().map(print).eq(action
            .default_keys()
            .iter()
            .filter_map(|k| parse(k))
            .map(|k| print(&k)))
    }

    /// What stands against giving `key` to `action`.
    pub fn objection(&self, action: Action, key: &KeyboardShortcut) -> Option<Refusal> {
        let reads = [Key::Space, Key::ArrowLeft, Key::ArrowRight, Key::ArrowUp, Key::ArrowDown, Key::Tab];
        if reads.contains(&key.logical_key) && !key.modifiers.command {
            return Some(Refusal::OfTheFilm);
        }
        let holder = self.keys.iter().find(|(other, keys)| **other != action && keys.contains(key));
        holder.map(|(other, _)| Refusal::Taken(*other))
    }

    /// Gives `key` to `action` alone, in the place of its others; whoever had it loses it.
    pub fn set(&mut self, action: Action, key: KeyboardShortcut) {
        self.keys.values_mut().for_each(|keys| keys.retain(|other| *other != key));
        self.keys.insert(action, vec![key]);
    }

    /// The action has no key.
    pub fn clear(&mut self, action: Action) {
        self.keys.insert(action, Vec::new());
    }

    /// Back to the keys of the table; whoever has one of them now loses it.
    pub fn reset(&mut self, action: Action) {
        let own: Vec<_> = action.default_keys().iter().filter_map(|key| parse(key)).collect();
        self.keys.values_mut().for_each(|keys| keys.retain(|key| !own.contains(key)));
        self.keys.insert(action, own);
    }

    /// All keys that the window asks for, those with more modifiers first: egui lets `Z` answer to Ctrl+Shift+Z.
    pub fn in_order(&self) -> Vec<(KeyboardShortcut, Action)> {
        let window = self.keys.iter().filter(|(action, _)| !action.belongs_to_canvas());
        let mut all: Vec<_> =
            window.flat_map(|(action, keys)| keys.iter().map(|key| (*key, *action))).collect();
        let weight = |m: Modifiers| u8::from(m.command) + u8::from(m.shift) + u8::from(m.alt);
        all.sort_by_key(|(key, _)| std::cmp::Reverse(weight(key.modifiers)));
        all
    }

    /// Makes it the keymap that buttons of this window name.
    pub fn install(self, context: &Context) {
        context.data_mut(|data| data.insert_temp(slot(), Arc::new(self)));
    }

    /// The keymap of this window.
    pub fn of_window(context: &Context) -> Arc<Keymap> {
        if let Some(map) = context.data(|data| data.get_temp(slot())) {
            return map;
        }
        let map = Arc::new(Keymap::default());
        context.data_mut(|data| data.insert_temp(slot(), Arc::clone(&map)));
        map
    }

    /// The first key of an action as this system writes it; empty without any.
    pub fn first(context: &Context, action: Action) -> String {
        let map = Self::of_window(context);
        map.of(action).first().map(|key| shown(context, key)).unwrap_or_default()
    }
}

/// A key as this system writes it and as it stands on the keyboard: `Ctrl+,`, not `Ctrl+Comma`.
pub fn shown(context: &Context, key: &KeyboardShortcut) -> String {
    let words = context.format_shortcut(key);
    let sign = match key.logical_key {
        Key::OpenBracket => "[",
        Key::CloseBracket => "]",
        Key::Comma => ",",
        Key::Period => ".",
        Key::Minus => "-",
        Key::Plus => "+",
        Key::Equals => "=",
        Key::Questionmark => "?",
        _ => return words,
    };
    words.replace(key.logical_key.name(), sign)
}

fn slot() -> Id {
    Id::unique("keymap of the window")
}

/// `Ctrl+Shift+Z`. `Ctrl` is the command key where a system has one.
pub fn print(key: &KeyboardShortcut) -> String {
    let parts = [
        (key.modifiers.command || key.modifiers.ctrl, "Ctrl"),
        (key.modifiers.alt, "Alt"),
        (key.modifiers.shift, "Shift"),
    ];
    let held = parts.iter().filter(|(held, _)| *held).map(|(_, name)| *name);
    held.chain([key.logical_key.name()]).collect::<Vec<_>>().join("+")
}

/// What [`print()`] wrote; `None` where it is no key.
pub fn parse(text: &str) -> Option<KeyboardShortcut> {
    let mut modifiers = Modifiers::NONE;
    let (held, name) = text.rsplit_once('+').unwrap_or(("", text));
    for word in held.split('+').filter(|word| !word.is_empty()) {
        modifiers = modifiers.plus(match word {
            "Ctrl" => Modifiers::COMMAND,
            "Alt" => Modifiers::ALT,
            "Shift" => Modifiers::SHIFT,
            _ => return None,
        });
    }
    Some(KeyboardShortcut::new(modifiers, Key::from_name(name)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_table_is_one_and_serves_one_action() {
        let mut seen = Vec::new();
        for action in Action::ALL {
            for key in action.default_keys() {
                let shortcut = parse(key).unwrap_or_else(|| panic!("{action:?}: {key}"));
                assert_eq!(parse(&print(&shortcut)), Some(shortcut));
                assert!(!seen.contains(&shortcut), "{action:?}: {key}");
                seen.push(shortcut);
            }
        }
    }

    #[test]
    fn the_stricter_key_is_asked_first() {
        let order = Keymap::default().in_order();
        for (index, (key, action)) in order.iter().enumerate() {
            for (later, other) in &order[index + 1..] {
                let swallows =
                    key.logical_key == later.logical_key && later.modifiers.matches_logically(key.modifiers);
                assert!(!swallows, "{action:?} would swallow the key of {other:?}");
            }
        }
    }

    #[test]
    fn a_key_goes_from_one_action_to_another_and_comes_back() {
        let mut map = Keymap::default();
        let key = parse("I").unwrap();
        assert_eq!(map.objection(Action::Fit, &key), Some(Refusal::Taken(Action::Invert)));
        assert_eq!(map.objection(Action::Invert, &key), None);
        assert_eq!(map.objection(Action::Fit, &parse("Tab").unwrap()), Some(Refusal::OfTheFilm));
        map.set(Action::Fit, key);
        assert!(map.of(Action::Invert).is_empty());
        let kept = map.changed();
        assert_eq!(kept.len(), 2, "{kept:?}");
        assert_eq!(Keymap::with(&kept), map);
        map.reset(Action::Invert);
        assert!(map.of(Action::Fit).is_empty());
        map.reset(Action::Fit);
        assert_eq!(map, Keymap::default());
        assert!(map.changed().is_empty());
    }

    #[test]
    fn nonsense_in_a_file_leaves_a_key_out() {
        let changed = BTreeMap::from([
            ("Fit".to_owned(), vec!["Hyper+Q".to_owned(), "Ctrl+G".to_owned()]),
            ("NoSuchThing".to_owned(), vec!["X".to_owned()]),
        ]);
        let map = Keymap::with(&changed);
        assert_eq!(map.of(Action::Fit), [parse("Ctrl+G").unwrap()]);
    }
}
