//! Every deed a person can ask for: one table feeds the toolbar, the palette, the cheat sheet and the keyboard.

use egui::{Key, KeyboardShortcut, Modifiers};
use egui_material_icons::MaterialIcon;
use egui_material_icons::icons::{
    ICON_ADJUST, ICON_ARROW_DOWNWARD, ICON_ARROW_UPWARD, ICON_ASPECT_RATIO, ICON_BACKSPACE, ICON_CIRCLE,
    ICON_CONTRAST, ICON_DARK_MODE, ICON_DOCK_TO_LEFT, ICON_DOCK_TO_RIGHT, ICON_FIT_SCREEN, ICON_FOLDER_OPEN,
    ICON_FORMAT_SHAPES, ICON_HISTORY, ICON_INVERT_COLORS, ICON_KEYBOARD, ICON_LAYERS, ICON_LOCATION_OFF,
    ICON_LOGOUT, ICON_NAVIGATE_BEFORE, ICON_NAVIGATE_NEXT, ICON_PICTURE_AS_PDF, ICON_PLAY_ARROW,
    ICON_PRIVACY_TIP, ICON_RADIOLOGY, ICON_REDO, ICON_RESTART_ALT, ICON_SEARCH, ICON_STOP_CIRCLE,
    ICON_STRAIGHTEN, ICON_TABLE, ICON_TONALITY, ICON_UNDO, ICON_VERTICAL_ALIGN_CENTER, ICON_ZOOM_IN,
    ICON_ZOOM_OUT, ICON_ZOOM_OUT_MAP,
};

/// A deed. Views only name it; `perform.rs` does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    Open,
    OpenDemo,
    Analyse,
    Cancel,
    Export,
    Deidentify,
    Undo,
    Redo,
    Fit,
    ActualSize,
    ZoomIn,
    ZoomOut,
    Invert,
    CycleWindow,
    ResetWindow,
    CycleOverlay,
    ToggleGraphics,
    CalibrateSphere,
    CalibrateLine,
    CalibrateMagnification,
    Uncalibrate,
    NextPoint,
    PreviousPoint,
    MarkAbsent,
    ResetPoint,
    ResetAll,
    NextStudy,
    PreviousStudy,
    NextSlice,
    PreviousSlice,
    MiddleCoronal,
    ToggleStudies,
    ToggleFindings,
    ToggleTheme,
    Norms,
    SwitchFocus,
    Palette,
    Keys,
    Quit,
}

const fn key(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::NONE, key)
}

const fn shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::SHIFT, key)
}

const fn command(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, key)
}

const fn command_shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), key)
}

impl Action {
    /// All of them, in the order of palette and cheat sheet. Shortcuts with more modifiers come before those with
    /// fewer of the same key, since the keyboard is asked in this order.
    pub const ALL: &[Action] = &[
        Action::Open,
        Action::OpenDemo,
        Action::Analyse,
        Action::Cancel,
        Action::Export,
        Action::Deidentify,
        Action::Redo,
        Action::Undo,
        Action::Fit,
        Action::ActualSize,
        Action::ZoomIn,
        Action::ZoomOut,
        Action::Invert,
        Action::CycleWindow,
        Action::ResetWindow,
        Action::CycleOverlay,
        Action::ToggleGraphics,
        Action::CalibrateSphere,
        Action::CalibrateLine,
        Action::CalibrateMagnification,
        Action::Uncalibrate,
        Action::NextPoint,
        Action::PreviousPoint,
        Action::MarkAbsent,
        Action::ResetAll,
        Action::ResetPoint,
        Action::NextStudy,
        Action::PreviousStudy,
        Action::NextSlice,
        Action::PreviousSlice,
        Action::MiddleCoronal,
        Action::ToggleStudies,
        Action::ToggleFindings,
        Action::ToggleTheme,
        Action::Norms,
        Action::SwitchFocus,
        Action::Palette,
        Action::Keys,
        Action::Quit,
    ];

    /// The name a person reads, and a screen reader says.
    pub fn text(self) -> &'static str {
        match self {
            Action::Open => "Open",
            Action::OpenDemo => "Open demo",
            Action::Analyse => "Analyse",
            Action::Cancel => "Cancel",
            Action::Export => "Export PDF",
            Action::Deidentify => "De-identify",
            Action::Undo => "Undo",
            Action::Redo => "Redo",
            Action::Fit => "Fit",
            Action::ActualSize => "Actual pixels",
            Action::ZoomIn => "Zoom in",
            Action::ZoomOut => "Zoom out",
            Action::Invert => "Invert",
            Action::CycleWindow => "Next window",
            Action::ResetWindow => "Reset window",
            Action::CycleOverlay => "Overlay",
            Action::ToggleGraphics => "Overlays of the file",
            Action::CalibrateSphere => "Calibrate by sphere",
            Action::CalibrateLine => "Calibrate by line",
            Action::CalibrateMagnification => "Calibrate by magnification",
            Action::Uncalibrate => "Remove calibration",
            Action::NextPoint => "Next point",
            Action::PreviousPoint => "Previous point",
            Action::MarkAbsent => "Mark absent",
            Action::ResetPoint => "Reset point",
            Action::ResetAll => "Reset all points",
            Action::NextStudy => "Next study",
            Action::PreviousStudy => "Previous study",
            Action::NextSlice => "Next slice",
            Action::PreviousSlice => "Previous slice",
            Action::MiddleCoronal => "Middle coronal slice",
            Action::ToggleStudies => "Studies",
            Action::ToggleFindings => "Findings",
            Action::ToggleTheme => "Dark or light",
            Action::Norms => "Norm tables",
            Action::SwitchFocus => "Switch focus",
            Action::Palette => "Commands",
            Action::Keys => "Keys",
            Action::Quit => "Quit",
        }
    }

    pub fn icon(self) -> MaterialIcon {
        match self {
            Action::Norms => ICON_TABLE,
            Action::MiddleCoronal => ICON_VERTICAL_ALIGN_CENTER,
            Action::PreviousSlice => ICON_ARROW_UPWARD,
            Action::NextSlice => ICON_ARROW_DOWNWARD,
            Action::Uncalibrate => ICON_BACKSPACE,
            Action::CalibrateMagnification => ICON_ZOOM_OUT_MAP,
            Action::CalibrateLine => ICON_STRAIGHTEN,
            Action::CalibrateSphere => ICON_CIRCLE,
            Action::ToggleGraphics => ICON_FORMAT_SHAPES,
            Action::CycleWindow => ICON_TONALITY,
            Action::Deidentify => ICON_PRIVACY_TIP,
            Action::Open => ICON_FOLDER_OPEN,
            Action::OpenDemo => ICON_RADIOLOGY,
            Action::Analyse => ICON_PLAY_ARROW,
            Action::Cancel => ICON_STOP_CIRCLE,
            Action::Export => ICON_PICTURE_AS_PDF,
            Action::Undo => ICON_UNDO,
            Action::Redo => ICON_REDO,
            Action::Fit => ICON_FIT_SCREEN,
            Action::ActualSize => ICON_ASPECT_RATIO,
            Action::ZoomIn => ICON_ZOOM_IN,
            Action::ZoomOut => ICON_ZOOM_OUT,
            Action::Invert => ICON_INVERT_COLORS,
            Action::ResetWindow => ICON_CONTRAST,
            Action::CycleOverlay => ICON_LAYERS,
            Action::NextPoint | Action::PreviousPoint => ICON_ADJUST,
            Action::MarkAbsent => ICON_LOCATION_OFF,
            Action::ResetPoint => ICON_HISTORY,
            Action::ResetAll => ICON_RESTART_ALT,
            Action::NextStudy => ICON_NAVIGATE_NEXT,
            Action::PreviousStudy => ICON_NAVIGATE_BEFORE,
            Action::ToggleStudies => ICON_DOCK_TO_RIGHT,
            Action::ToggleFindings => ICON_DOCK_TO_LEFT,
            Action::ToggleTheme => ICON_DARK_MODE,
            Action::SwitchFocus | Action::Keys => ICON_KEYBOARD,
            Action::Palette => ICON_SEARCH,
            Action::Quit => ICON_LOGOUT,
        }
    }

    /// What it does, in a sentence.
    pub fn tooltip(self) -> &'static str {
        match self {
            Action::Open => "Open radiographs: DICOM, PNG or JPEG",
            Action::OpenDemo => "Open the simulated infant pelvis that comes with the program",
            Action::Analyse => "Let the network find the landmarks; points you placed stay",
            Action::Cancel => "Stop the analysis, the drag, or close what is open",
            Action::Export => "Write the report of this film as PDF",
            Action::Deidentify => "Save a copy without identity; black out text in the pixels",
            Action::Undo => "Take back the last step",
            Action::Redo => "Do again what was taken back",
            Action::Fit => "Show the whole film (also double-click)",
            Action::ActualSize => "One pixel of the film to one pixel of the screen",
            Action::ZoomIn => "Nearer (also the wheel, or drag with the right button)",
            Action::ZoomOut => "Farther (also the wheel, or drag with the right button)",
            Action::Invert => "Black for white",
            Action::CycleWindow => "The next window of the file or preset",
            Action::ResetWindow => "Window and level as the file gives them",
            Action::CycleOverlay => "Show all, lines, points, or the bare film (hold Space to peek)",
            Action::ToggleGraphics => "Show or hide the graphics that the file lays over the image",
            Action::CalibrateSphere => {
                "Click inside a calibration sphere: it is found, and its diameter typed"
            }
            Action::CalibrateLine => "Draw a line of known length",
            Action::CalibrateMagnification => "Type how much larger the patient is on the detector",
            Action::Uncalibrate => "Back to what the file says of the size of a pixel",
            Action::NextPoint => "Select the next landmark in anatomical order",
            Action::PreviousPoint => "Select the previous landmark",
            Action::MarkAbsent => "The selected landmark is not on this film",
            Action::ResetPoint => "The selected landmark back to where the network put it",
            Action::ResetAll => "Every landmark back to where the network put it",
            Action::NextStudy => "The next film of the list",
            Action::PreviousStudy => "The previous film of the list",
            Action::NextSlice => "The next slice of the stack; of single films the next film",
            Action::PreviousSlice => "The previous slice of the stack; of single films the previous film",
            Action::MiddleCoronal => "The slice of the MR examination through the middle of the hips",
            Action::ToggleStudies => "Show or hide the list of studies",
            Action::ToggleFindings => "Show or hide the findings",
            Action::ToggleTheme => "Dark for reading, light for the print room",
            Action::Norms => "Which norms judge a value, and who signed them",
            Action::SwitchFocus => "Move the keyboard between the film and the controls",
            Action::Palette => "Find a command by name",
            Action::Keys => "All keys at a glance",
            Action::Quit => "Close the window",
        }
    }

    /// Its keys, the one to print first.
    pub fn shortcuts(self) -> &'static [KeyboardShortcut] {
        match self {
            Action::MiddleCoronal => const { &[key(Key::M)] },
            Action::PreviousSlice => const { &[key(Key::PageUp)] },
            Action::NextSlice => const { &[key(Key::PageDown)] },
            Action::CalibrateLine => const { &[key(Key::C)] },
            Action::CalibrateSphere => const { &[shift(Key::C)] },
            Action::CycleWindow => const { &[shift(Key::W)] },
            Action::Open => const { &[command(Key::O)] },
            Action::Analyse => const { &[key(Key::A)] },
            Action::Cancel => const { &[key(Key::Escape)] },
            Action::Export => const { &[command(Key::E)] },
            Action::Undo => const { &[command(Key::Z)] },
            Action::Redo => const { &[command_shift(Key::Z), command(Key::Y)] },
            Action::Fit => const { &[key(Key::F)] },
            Action::ActualSize => const { &[key(Key::Num1)] },
            Action::ZoomIn => const { &[key(Key::Plus), key(Key::Equals)] },
            Action::ZoomOut => const { &[key(Key::Minus)] },
            Action::Invert => const { &[key(Key::I)] },
            Action::ResetWindow => const { &[key(Key::W)] },
            Action::CycleOverlay => const { &[key(Key::O)] },
            Action::NextPoint => const { &[key(Key::Tab)] },
            Action::PreviousPoint => const { &[shift(Key::Tab)] },
            Action::MarkAbsent => const { &[key(Key::X)] },
            Action::ResetPoint => const { &[key(Key::Backspace)] },
            Action::ResetAll => const { &[command_shift(Key::Backspace)] },
            Action::NextStudy => const { &[key(Key::N)] },
            Action::PreviousStudy => const { &[key(Key::P)] },
            Action::ToggleStudies => const { &[key(Key::F7)] },
            Action::ToggleFindings => const { &[key(Key::F8)] },
            Action::SwitchFocus => const { &[key(Key::F6)] },
            Action::Palette => const { &[command(Key::P)] },
            Action::Keys => const { &[key(Key::Questionmark), key(Key::F1)] },
            Action::Quit => const { &[command(Key::Q)] },
            Action::Deidentify
            | Action::ToggleGraphics
            | Action::CalibrateMagnification
            | Action::Uncalibrate
            | Action::Norms
            | Action::OpenDemo
            | Action::ToggleTheme => &[],
        }
    }

    /// Whether the canvas itself reads these keys, since they mean something else to other controls.
    pub fn belongs_to_canvas(self) -> bool {
        matches!(self, Action::NextPoint | Action::PreviousPoint)
    }
}

#[cfg(test)]
mod tests {
    use super::Action;

    #[test]
    fn no_two_actions_share_a_key_and_the_stricter_is_asked_first() {
        let keys: Vec<_> = Action::ALL
            .iter()
            .flat_map(|action| action.shortcuts().iter().map(move |shortcut| (*action, *shortcut)))
            .collect();
        for (index, (action, shortcut)) in keys.iter().enumerate() {
            for (other, later) in &keys[index + 1..] {
                assert_ne!(shortcut, later, "{action:?} and {other:?}");
                if shortcut.logical_key == later.logical_key && !action.belongs_to_canvas() {
                    assert!(
                        !later.modifiers.matches_logically(shortcut.modifiers),
                        "{action:?} would swallow the key of {other:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = Action::ALL.iter().map(|action| action.text()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Action::ALL.len());
    }
}
