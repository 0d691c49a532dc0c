//! Outlines into masks: a pixel is inside where its centre is, by the even-odd rule.

/// Calls `paint` with the row-major index of every pixel of `rows × columns` whose centre lies within `outline`, whose
/// points count from the corner of the first pixel. Fewer than three points hold nothing.
pub(super) fn fill(outline: &[[f64; 2]], rows: usize, columns: usize, mut paint: impl FnMut(usize)) {
    if outline.len() < 3 || outline.iter().flatten().any(|v| !v.is_finite()) {
        return;
    }
    let mut crossings: Vec<f64> = Vec::new();
    for row in 0..rows {
        let y = row as f64 + 0.5;
        crossings.clear();
        for (index, [x0, y0]) in outline.iter().enumerate() {
            let [x1, y1] = outline[(index + 1) % outline.len()];
            // Half open, so that a corner on the line counts once.
            if (*y0 <= y) != (y1 <= y) {
                crossings.push(x0 + (y - y0) / (y1 - y0) * (x1 - x0));
            }
        }
        crossings.sort_by(f64::total_cmp);
        for pair in crossings.chunks_exact(2) {
            // The first and the last column whose centre lies in [from, to).
            let first = (pair[0] - 0.5).ceil().clamp(0.0, columns as f64) as usize;
            let end = (pair[1] - 0.5).ceil().clamp(0.0, columns as f64) as usize;
            (first..end).for_each(|column| paint(row * columns + column));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(outline: &[[f64; 2]]) -> usize {
        let mut count = 0;
        fill(outline, 20, 30, |_| count += 1);
        count
    }

    #[test]
    fn a_box_holds_its_pixels_and_a_triangle_half_of_them() {
        assert_eq!(area(&[[2.0, 3.0], [8.0, 3.0], [8.0, 7.0], [2.0, 7.0]]), 24);
        assert_eq!(area(&[[0.0, 0.0], [16.0, 0.0], [0.0, 16.0]]), 120, "the diagonal's centres are outside");
        assert_eq!(area(&[[-9.0, -9.0], [99.0, -9.0], [99.0, 99.0], [-9.0, 99.0]]), 600);
        assert_eq!(area(&[[2.0, 3.0], [8.0, 3.0]]), 0);
        assert_eq!(area(&[[f64::NAN, 3.0], [8.0, 3.0], [8.0, 8.0]]), 0);
    }
}
