//! How the overlay looks, one place for the raster and the page: role → colour, width, dash. Colours are safe for
//! colour-blind readers (Okabe and Ito) and every role also differs by its dash, so that a grey print can be read.

use crate::measure::construction::Role;

/// Red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

pub const HALO: Rgb = Rgb(0x0B, 0x0E, 0x12);
/// Opacity of the dark halo that sets lines off from bright bone.
pub const HALO_OPACITY: f32 = 0.6;
pub const TEXT: Rgb = Rgb(0xE8, 0xED, 0xF2);
pub const POINT: Rgb = Rgb(0xE8, 0xED, 0xF2);
pub const CORRECTED: Rgb = Rgb(0x3F, 0xB6, 0xC9);

/// Width of an overlay line and of its halo, in design pixels.
pub const LINE: f32 = 1.5;
pub const LINE_HALO: f32 = 3.5;
/// Radius of a landmark's ring in design pixels.
pub const RING: f32 = 6.0;

pub fn color(role: Role) -> Rgb {
    match role {
        Role::Hilgenreiner | Role::Reference => Rgb(0x56, 0xB4, 0xE9),
        Role::Perkin => Rgb(0xF0, 0xE4, 0x42),
        Role::Roof | Role::AngleArc => Rgb(0xE6, 0x9F, 0x00),
        Role::DLine | Role::Distance => Rgb(0xCC, 0x79, 0xA7),
        Role::Axis => Rgb(0x00, 0x9E, 0x73),
        Role::Outline => TEXT,
    }
}

/// On and off lengths in design pixels, another for each role; `None` for an unbroken line.
pub fn dash(role: Role) -> Option<[f32; 2]> {
    match role {
        Role::Hilgenreiner => None,
        Role::Roof => Some([26.0, 2.5]),
        Role::Axis => Some([18.0, 6.0]),
        Role::Perkin => Some([12.0, 4.0]),
        Role::Reference => Some([8.0, 3.0]),
        Role::DLine => Some([5.0, 4.0]),
        Role::Distance => Some([4.0, 1.5]),
        Role::Outline => Some([2.0, 3.0]),
        Role::AngleArc => Some([1.5, 1.5]),
    }
}

/// What a legend calls the line.
pub fn name(role: Role) -> &'static str {
    match role {
        Role::Hilgenreiner => "Hilgenreiner line",
        Role::Perkin => "Perkin line",
        Role::Roof => "acetabular roof",
        Role::DLine => "D-line (IHDI)",
        Role::AngleArc => "angle",
        Role::Reference => "reference line",
        Role::Axis => "axis",
        Role::Outline => "outline",
        Role::Distance => "distance",
    }
}

/// The lines a legend explains, in reading order.
pub const LEGEND: [Role; 9] = [
    Role::Hilgenreiner,
    Role::Perkin,
    Role::Roof,
    Role::DLine,
    Role::AngleArc,
    Role::Reference,
    Role::Axis,
    Role::Outline,
    Role::Distance,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_a_dash_of_its_own_so_that_a_grey_print_can_be_read() {
        for (index, role) in LEGEND.into_iter().enumerate() {
            for other in LEGEND.into_iter().skip(index + 1) {
                assert_ne!(dash(role), dash(other), "{role:?} and {other:?}");
            }
        }
    }
}
