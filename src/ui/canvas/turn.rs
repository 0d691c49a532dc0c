//! How the picture lies on the screen: mirrored, and turned by quarters. The pixels of the file stay where they are.

use egui::{Vec2, vec2};

/// The eight ways a film can be held against the light: mirrored left to right first, then turned clockwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Turn {
    quarters: u8,
    mirrored: bool,
}

impl Turn {
    /// A quarter turn clockwise.
    pub fn right(self) -> Self {
        Self { quarters: (self.quarters + 1) % 4, ..self }
    }

    /// A quarter turn anticlockwise.
    pub fn left(self) -> Self {
        Self { quarters: (self.quarters + 3) % 4, ..self }
    }

    /// Mirrored as seen, left to right.
    pub fn flipped_across(self) -> Self {
        Self { quarters: (4 - self.quarters) % 4, mirrored: !self.mirrored }
    }

    /// Mirrored as seen, top to bottom.
    pub fn flipped_down(self) -> Self {
        Self { quarters: (6 - self.quarters) % 4, mirrored: !self.mirrored }
    }

    pub fn is_upright(self) -> bool {
        self == Self::default()
    }

    pub fn is_mirrored(self) -> bool {
        self.mirrored
    }

    /// Clockwise.
    pub fn degrees(self) -> u32 {
        90 * u32::from(self.quarters)
    }

    /// Whether rows of the image run down the screen.
    pub fn is_sideways(self) -> bool {
        self.quarters % 2 == 1
    }

    /// A way on the image as it is seen on the screen; the same length.
    pub fn to_screen(self, way: Vec2) -> Vec2 {
        let mut seen = if self.mirrored { vec2(-way.x, way.y) } else { way };
        for _ in 0..self.quarters {
            seen = vec2(-seen.y, seen.x);
        }
        seen
    }

    /// A way on the screen as it lies on the image.
    pub fn to_image(self, way: Vec2) -> Vec2 {
        let mut on_image = way;
        for _ in 0..self.quarters {
            on_image = vec2(on_image.y, -on_image.x);
        }
        if self.mirrored { vec2(-on_image.x, on_image.y) } else { on_image }
    }

    /// Width and height of an image of `size` on the screen.
    pub fn extent(self, size: Vec2) -> Vec2 {
        if self.is_sideways() { vec2(size.y, size.x) } else { size }
    }
}

#[cfg(test)]
pub const ALL: [Turn; 8] = {
    let mut all = [Turn { quarters: 0, mirrored: false }; 8];
    let mut index = 0;
    while index < 8 {
        all[index] = Turn { quarters: (index % 4) as u8, mirrored: index >= 4 };
        index += 1;
    }
    all
};

#[cfg(test)]
mod tests {
    use super::*;

    const RIGHT: Vec2 = vec2(1.0, 0.0);
    const DOWN: Vec2 = vec2(0.0, 1.0);

    #[test]
    fn a_quarter_turn_takes_the_right_edge_down() {
        let turn = Turn::default().right();
        assert_eq!((turn.to_screen(RIGHT), turn.to_screen(DOWN)), (DOWN, -RIGHT));
        assert_eq!(turn.left(), Turn::default());
        assert_eq!(turn.right().right().right(), Turn::default());
    }

    /// Whatever was done before, flips act on what is seen, and twice is nothing.
    #[test]
    fn flips_act_on_the_screen() {
        for turn in ALL {
            for way in [RIGHT, DOWN, vec2(3.0, -2.0)] {
                let seen = turn.to_screen(way);
                assert_eq!(turn.flipped_across().to_screen(way), vec2(-seen.x, seen.y), "{turn:?}");
                assert_eq!(turn.flipped_down().to_screen(way), vec2(seen.x, -seen.y), "{turn:?}");
                assert_eq!(turn.to_image(seen), way, "{turn:?}");
            }
            assert_eq!(turn.flipped_across().flipped_across(), turn);
            assert_eq!(turn.flipped_down().flipped_down(), turn);
        }
    }
}
