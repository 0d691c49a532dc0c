//! Colour to one channel: hip films stored as RGB are grey, and what is not grey is shown by its luma.

/// Warning where colour was lost.
pub(super) const COLOUR_LOST: &str = "a colour image: its luma is shown";

/// Rec. 601 luma, as YBR_FULL has it (PS3.3 C.7.6.3.1.2); exact on greys.
pub(super) fn luma(r: i32, g: i32, b: i32) -> i32 {
    if r == g && g == b {
        return r;
    }
    (0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b)).round() as i32
}

#[cfg(test)]
mod tests {
    use super::luma;

    #[test]
    fn greys_keep_their_value() {
        assert!((0..=65535).all(|v| luma(v, v, v) == v));
        assert_eq!(luma(255, 0, 0), 76);
    }
}
