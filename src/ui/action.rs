//! Every deed a person can ask for: one table feeds toolbar, menus, palette, keyboard and cheat sheet. What each is called
//! and does is said by the language files.

use super::lang::tr;
use egui_material_icons::MaterialIcon;
use egui_material_icons::icons::{
    ICON_ADD, ICON_ADJUST, ICON_ADS_CLICK, ICON_ALIGN_HORIZONTAL_CENTER, ICON_APPROVAL, ICON_ARCHITECTURE,
    ICON_ARROW_DOWNWARD, ICON_ARROW_UPWARD, ICON_ASPECT_RATIO, ICON_AUTO_AWESOME, ICON_BACKSPACE,
    ICON_BAR_CHART, ICON_BLUR_ON, ICON_BRUSH, ICON_CENTER_FOCUS_STRONG, ICON_CHANGE_HISTORY, ICON_CIRCLE,
    ICON_COMPARE, ICON_CONTRAST, ICON_CROP_SQUARE, ICON_DARK_MODE, ICON_DELETE, ICON_DELETE_SWEEP,
    ICON_DOCK_TO_LEFT, ICON_DOCK_TO_RIGHT, ICON_DONE_ALL, ICON_FIT_SCREEN, ICON_FLIP, ICON_FOLDER_OPEN,
    ICON_FORMAT_COLOR_FILL, ICON_FORMAT_SHAPES, ICON_FULLSCREEN, ICON_GRID_VIEW, ICON_HIDE_SOURCE,
    ICON_HISTORY, ICON_INK_ERASER, ICON_INVERT_COLORS, ICON_IOS_SHARE, ICON_KEYBOARD,
    ICON_KEYBOARD_COMMAND_KEY, ICON_LAYERS, ICON_LENS_BLUR, ICON_LINK, ICON_LOCATION_OFF, ICON_LOGOUT,
    ICON_LOUPE, ICON_MANAGE_HISTORY, ICON_MANAGE_SEARCH, ICON_MENU_BOOK, ICON_NAVIGATE_BEFORE,
    ICON_NAVIGATE_NEXT, ICON_OPACITY, ICON_PENTAGON, ICON_PHOTO_SIZE_SELECT_ACTUAL, ICON_PICTURE_AS_PDF,
    ICON_PLAY_ARROW, ICON_PLAY_PAUSE, ICON_PLAYLIST_PLAY, ICON_POLYLINE, ICON_PRINT, ICON_PRIVACY_TIP,
    ICON_RADIOLOGY, ICON_REDO, ICON_REMOVE, ICON_REMOVE_CIRCLE, ICON_RESTART_ALT, ICON_RESTORE_PAGE,
    ICON_ROTATE_LEFT, ICON_ROTATE_RIGHT, ICON_SAVE, ICON_SCHOOL, ICON_SEARCH, ICON_SETTINGS,
    ICON_SETTINGS_BACKUP_RESTORE, ICON_SQUARE_FOOT, ICON_STOP_CIRCLE, ICON_STRAIGHTEN, ICON_SWAP_VERT,
    ICON_TABLE, ICON_TONALITY, ICON_TRIP_ORIGIN, ICON_UNDO, ICON_VERTICAL_ALIGN_CENTER, ICON_VIEW_COLUMN_2,
    ICON_ZOOM_IN, ICON_ZOOM_OUT, ICON_ZOOM_OUT_MAP,
};

/// `Group { Action ICON "key" "other key"; … }`, in the order of menus, palette and cheat sheet.
macro_rules! actions {
    ($($group:ident { $($action:ident $icon:ident $($key:literal)*;)* })*) => {
        /// What kind of deed it is: a menu, a category of the palette, a heading of the cheat sheet.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Group { $($group),* }

        impl Group {
            pub const ALL: &[Group] = &[$(Group::$group),*];

            pub fn text(self) -> &'static str {
                match self { $(Group::$group => tr!(concat!("group.", stringify!($group)))),* }
            }

            pub fn actions(self) -> &'static [Action] {
                match self { $(Group::$group => &[$(Action::$action),*]),* }
            }
        }

        /// A deed. Views only name it; `perform.rs` does it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action { $($($action),*),* }

        impl Action {
            pub const ALL: &[Action] = &[$($(Action::$action),*),*];

            /// Its name in files, in every language.
            pub fn id(self) -> &'static str {
                match self { $($(Action::$action => stringify!($action)),*),* }
            }

            /// The name a person reads, and a screen reader says.
            pub fn text(self) -> &'static str {
                match self { $($(Action::$action => tr!(concat!("action.", stringify!($action)))),*),* }
            }

            /// What it does, in a sentence.
            pub fn tooltip(self) -> &'static str {
                match self { $($(Action::$action => tr!(concat!("help.", stringify!($action)))),*),* }
            }

            pub fn icon(self) -> MaterialIcon {
                match self { $($(Action::$action => $icon),*),* }
            }

            pub fn group(self) -> Group {
                match self { $($(Action::$action => Group::$group),*),* }
            }

            /// Its keys unless a person chose others, the one to print first.
            pub fn default_keys(self) -> &'static [&'static str] {
                match self { $($(Action::$action => &[$($key),*]),*),* }
            }
        }
    };
}

actions! {
    File {
        Open ICON_FOLDER_OPEN "Ctrl+O";
        OpenDemo ICON_RADIOLOGY;
        SaveVersion ICON_SAVE "Ctrl+S";
        Export ICON_PICTURE_AS_PDF "Ctrl+E";
        ExportAs ICON_IOS_SHARE "Ctrl+Shift+E";
        Deidentify ICON_PRIVACY_TIP;
        Tags ICON_MANAGE_SEARCH "Ctrl+I";
        Settings ICON_SETTINGS "Ctrl+Comma";
        Quit ICON_LOGOUT "Ctrl+Q";
    }
    Edit {
        Undo ICON_UNDO "Ctrl+Z";
        Redo ICON_REDO "Ctrl+Shift+Z" "Ctrl+Y";
        Cancel ICON_STOP_CIRCLE "Escape";
    }
    View {
        Fit ICON_FIT_SCREEN "F";
        ActualSize ICON_ASPECT_RATIO "1";
        TrueSize ICON_PHOTO_SIZE_SELECT_ACTUAL "Shift+F";
        ZoomIn ICON_ZOOM_IN "Plus" "Equals";
        ZoomOut ICON_ZOOM_OUT "Minus";
        RotateRight ICON_ROTATE_RIGHT "R";
        RotateLeft ICON_ROTATE_LEFT "Shift+R";
        FlipHorizontal ICON_FLIP "H";
        FlipVertical ICON_SWAP_VERT "V";
        ResetTurn ICON_RESTART_ALT "Shift+V";
        Invert ICON_INVERT_COLORS "I";
        CycleWindow ICON_TONALITY "Shift+W";
        ResetWindow ICON_CONTRAST "W";
        CycleOverlay ICON_LAYERS "O";
        ToggleGraphics ICON_FORMAT_SHAPES;
        Loupe ICON_LOUPE "Z";
        Histogram ICON_BAR_CHART "Shift+H";
        Cine ICON_PLAY_PAUSE "Period";
    }
    Window {
        One ICON_CROP_SQUARE "Ctrl+1";
        Two ICON_VIEW_COLUMN_2 "Ctrl+2";
        Four ICON_GRID_VIEW "Ctrl+4";
        Linked ICON_LINK "Ctrl+L";
        NextPane ICON_NAVIGATE_NEXT "F5";
        ToggleStudies ICON_DOCK_TO_RIGHT "F7";
        ToggleFindings ICON_DOCK_TO_LEFT "F8";
        FullScreen ICON_FULLSCREEN "F11";
        ToggleTheme ICON_DARK_MODE;
        SwitchFocus ICON_KEYBOARD "F6";
    }
    Points {
        Analyse ICON_PLAY_ARROW "A";
        AnalyseAll ICON_PLAYLIST_PLAY "Ctrl+Shift+A";
        PlaceInOrder ICON_ADS_CLICK "Shift+A";
        NextPoint ICON_ADJUST "Tab";
        PreviousPoint ICON_ADJUST "Shift+Tab";
        MarkAbsent ICON_LOCATION_OFF "X";
        MarkOccluded ICON_HIDE_SOURCE "Shift+O";
        Mirror ICON_ALIGN_HORIZONTAL_CENTER "Shift+X";
        Snap ICON_CENTER_FOCUS_STRONG "Shift+S";
        ResetPoint ICON_HISTORY "Backspace";
        ResetAll ICON_RESTART_ALT "Ctrl+Shift+Backspace";
        Trainee ICON_SCHOOL "T";
    }
    Measure {
        Length ICON_STRAIGHTEN "L";
        Angle ICON_SQUARE_FOOT "D";
        Cobb ICON_ARCHITECTURE "Shift+D";
        Circle ICON_TRIP_ORIGIN "Shift+L";
        RemoveFigures ICON_DELETE;
        CalibrateSphere ICON_CIRCLE "Shift+C";
        CalibrateLine ICON_CHANGE_HISTORY "C";
        CalibrateMagnification ICON_ZOOM_OUT_MAP;
        Uncalibrate ICON_BACKSPACE;
    }
    Draw {
        Brush ICON_BRUSH "B";
        Eraser ICON_INK_ERASER "E";
        MaskPolygon ICON_PENTAGON "Shift+B";
        MaskFill ICON_FORMAT_COLOR_FILL "Shift+G";
        BrushSmaller ICON_REMOVE "OpenBracket";
        BrushLarger ICON_ADD "CloseBracket";
        ToggleMasks ICON_OPACITY "G";
        SmoothMask ICON_BLUR_ON;
        ClearMask ICON_DELETE_SWEEP;
        AcceptMask ICON_DONE_ALL;
        PredictMasks ICON_AUTO_AWESOME "Shift+M";
        DrawCurve ICON_POLYLINE "K";
        SmoothCurve ICON_LENS_BLUR "Shift+K";
        DeleteChosen ICON_REMOVE_CIRCLE "Delete";
        ResetCurve ICON_SETTINGS_BACKUP_RESTORE;
    }
    Go {
        NextStudy ICON_NAVIGATE_NEXT "N";
        PreviousStudy ICON_NAVIGATE_BEFORE "P";
        NextSlice ICON_ARROW_DOWNWARD "PageDown";
        PreviousSlice ICON_ARROW_UPWARD "PageUp";
        MiddleCoronal ICON_VERTICAL_ALIGN_CENTER "M";
    }
    Review {
        SignOff ICON_APPROVAL "Ctrl+Enter";
        Audit ICON_MANAGE_HISTORY;
        Versions ICON_RESTORE_PAGE;
        Prior ICON_COMPARE;
    }
    Help {
        Palette ICON_SEARCH "Ctrl+P";
        Keys ICON_KEYBOARD_COMMAND_KEY "Questionmark" "F1";
        Handbook ICON_MENU_BOOK "Shift+F1";
        CheatSheet ICON_PRINT;
        Norms ICON_TABLE;
    }
}

impl Action {
    /// Whether the canvas itself reads these keys, since they mean something else to other controls. They cannot be
    /// changed.
    pub fn belongs_to_canvas(self) -> bool {
        matches!(self, Action::NextPoint | Action::PreviousPoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::lang::Language;

    #[test]
    fn names_are_unique_in_every_language() {
        for language in Language::ALL {
            language.speak();
            let mut names: Vec<_> = Action::ALL.iter().map(|action| action.text()).collect();
            assert!(names.iter().all(|name| !name.contains("action.")), "{names:?}");
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), Action::ALL.len(), "{language:?}");
        }
    }

    #[test]
    fn every_action_is_in_the_menu_of_its_group() {
        let listed: usize = Group::ALL.iter().map(|group| group.actions().len()).sum();
        assert_eq!(listed, Action::ALL.len());
        assert!(Action::ALL.iter().all(|action| action.group().actions().contains(action)));
    }
}
