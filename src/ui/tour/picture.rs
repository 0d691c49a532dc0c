//! A picture small enough for a repository: 256 colours, the greys of the film a little coarser, since noise is most of
//! what a radiograph's file holds. A film with masks over it has more tints than that and keeps them all, coarser too.

use anyhow::Context;
use egui::ColorImage;
use std::collections::HashMap;
use std::path::Path;

/// Between two greys that are kept; three of four levels of noise go.
const STEP: u8 = 4;
const COLOURS: usize = 256;
/// A colour that goes to one so far off has become another: sum of squares over the channels.
const ANOTHER: u32 = 3 * 8 * 8;
/// One pixel of so many may have become another colour.
const FEW: usize = 200;

type Colour = [u8; 3];

/// Writes a PNG.
pub fn write(image: &ColorImage, path: &Path) -> anyhow::Result<()> {
    let told = || path.display().to_string();
    let pixels: Vec<Colour> =
        image.pixels.iter().map(|pixel| calmed([pixel.r(), pixel.g(), pixel.b()])).collect();
    let palette = palette(&pixels);
    let mut known: HashMap<Colour, u8> = HashMap::new();
    let indices: Vec<u8> = pixels
        .iter()
        .map(|colour| *known.entry(*colour).or_insert_with(|| nearest(&palette, *colour)))
        .collect();
    let kept = indices.iter().map(|index| palette.get(usize::from(*index)).copied().unwrap_or_default());
    let lost = kept.zip(&pixels).filter(|(kept, wanted)| apart(*kept, **wanted) > ANOTHER).count();
    let indexed = lost * FEW < pixels.len();
    let [width, height] = image.size.map(|side| u32::try_from(side).unwrap_or(u32::MAX));
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    let data = if indexed {
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_palette(palette.concat());
        encoder.set_filter(png::Filter::NoFilter);
        indices
    } else {
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_filter(png::Filter::Adaptive);
        pixels.iter().flat_map(|colour| colour.map(coarser)).collect()
    };
    let mut writer = encoder.write_header().with_context(told)?;
    writer.write_image_data(&data).with_context(told)?;
    writer.finish().with_context(told)?;
    std::fs::write(path, bytes).with_context(told)
}

/// Greys to the nearest step; what has a colour stays.
fn calmed([r, g, b]: Colour) -> Colour {
    if r != g || g != b {
        return [r, g, b];
    }
    [coarser(r); 3]
}

fn coarser(level: u8) -> u8 {
    (level.saturating_add(STEP / 2) / STEP) * STEP
}

/// The greys, and of the colours those that are worth most: frequent ones, and vivid ones, since one word in orange is a
/// warning.
fn palette(pixels: &[Colour]) -> Vec<Colour> {
    let mut counts: HashMap<Colour, usize> = HashMap::new();
    pixels.iter().for_each(|colour| *counts.entry(*colour).or_default() += 1);
    let mut colours: Vec<(Colour, usize)> = counts.into_iter().collect();
    // The same picture gives the same file.
    let vivid = |[r, g, b]: Colour| 1 + usize::from(r.max(g).max(b) - r.min(g).min(b));
    let grey = |[r, g, b]: Colour| r == g && g == b;
    let worth = |(colour, count): &(Colour, usize)| count * vivid(*colour);
    colours.sort_unstable_by_key(|entry| (!grey(entry.0), std::cmp::Reverse(worth(entry)), entry.0));
    colours.into_iter().take(COLOURS).map(|(colour, _)| colour).collect()
}

fn nearest(palette: &[Colour], wanted: Colour) -> u8 {
    let best = palette.iter().enumerate().min_by_key(|(_, colour)| apart(**colour, wanted));
    best.map_or(0, |(index, _)| index as u8)
}

fn apart(a: Colour, b: Colour) -> u32 {
    a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::Color32;

    #[test]
    fn frequent_colours_stay_and_the_others_go_to_the_nearest() {
        let mut pixels: Vec<Color32> = (0..=255).map(|red| Color32::from_rgb(red, 10, 200)).collect();
        pixels.extend([Color32::from_rgb(250, 20, 20); 300]);
        pixels.extend([Color32::from_gray(101); 644]);
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("p.png");
        write(&ColorImage::new([60, 20], pixels), &path).expect("written");
        let read = image::open(&path).expect("a picture").to_rgb8();
        let at = |index: u32| read.get_pixel(index % 60, index / 60).0;
        assert_eq!((read.width(), read.height()), (60, 20));
        assert_eq!((at(300), at(580)), ([250, 20, 20], [100, 100, 100]));
        for red in 0..=255_u8 {
            let [r, g, b] = at(u32::from(red));
            assert!(r.abs_diff(red) <= 2 && g == 10 && b == 200, "{red}: {r} {g} {b}");
        }
    }

    #[test]
    fn a_picture_of_many_tints_keeps_them() {
        let tints = (0..64_u8).flat_map(|red| (0..64_u8).map(move |blue| [4 * red, 90, 4 * blue]));
        let pixels = tints.clone().map(|[r, g, b]| Color32::from_rgb(r, g, b)).collect();
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("p.png");
        write(&ColorImage::new([64, 64], pixels), &path).expect("written");
        let read = image::open(&path).expect("a picture").to_rgb8();
        for (seen, wanted) in read.pixels().zip(tints) {
            assert!(apart(seen.0, wanted) <= 3 * 4 * 4, "{seen:?} for {wanted:?}");
        }
    }
}
