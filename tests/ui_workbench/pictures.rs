//! The main screens as they look, in dark and light, beside pictures that were looked at and kept.
//!
//! They are drawn by the processor ([`super::raster`]), since no two software drivers agree, and compared at half their size
//! with some tolerance, since no two mathematical libraries do. `COXA_KEEP_PICTURES=1` keeps what is drawn now: look at it.

use super::raster::{Picture, Raster};
use super::*;
use image::{ExtendedColorType, ImageEncoder};

/// Mean difference of a tile of 16×16 pixels that is none, of 255: half a line of text in another place is 10 and more.
const TOLERANCE: f32 = 4.0;
const TILE: usize = 16;

fn screen(name: &str, deed: impl Fn(&mut Harness<'static, Workbench>)) {
    for light in [false, true] {
        let context = egui::Context::default();
        let workbench = Workbench::new(Quick::shared(), &context, Vec::new()).expect("threads");
        let raster = Raster::default();
        let builder = Harness::builder().with_size([1280.0, 800.0]).with_context_setup(theme::install);
        let mut harness = builder.renderer(raster.clone()).build_ui_state(
            |ui, workbench: &mut Workbench| {
                workbench.logic(ui.ctx());
                workbench.ui(ui);
            },
            workbench,
        );
        wait(&mut harness, "the demo", |workbench| study(workbench).is_some());
        harness.ctx.set_theme(if light { egui::Theme::Light } else { egui::Theme::Dark });
        deed(&mut harness);
        harness.run_steps(30);
        let picture = raster.draw(&harness.ctx, harness.output()).halved();
        compare(&picture, &format!("{name}-{}", if light { "light" } else { "dark" }));
    }
}

fn analyse(harness: &mut Harness<'static, Workbench>) {
    harness.key_press(Key::A);
    harness.step();
    wait(harness, "the analysis", |workbench| {
        study(workbench).is_some_and(|study| study.annotations().prediction.is_some())
    });
}

fn compare(picture: &Picture, name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui_workbench/pictures");
    let kept = folder.join(format!("{name}.png"));
    if std::env::var_os("COXA_KEEP_PICTURES").is_some() {
        std::fs::create_dir_all(&folder).expect("a folder");
        write(picture, &kept);
        return;
    }
    let stored = image::open(&kept).unwrap_or_else(|error| panic!("{}: {error}", kept.display())).to_rgb8();
    let [width, height] = picture.size;
    assert_eq!((stored.width() as usize, stored.height() as usize), (width, height), "{name}");
    let apart = |x: usize, y: usize| {
        let stored = stored.get_pixel(x as u32, y as u32).0;
        let drawn = picture.pixels[y * width + x];
        (0..3).map(|channel| (drawn[channel] - f32::from(stored[channel])).abs()).sum::<f32>() / 3.0
    };
    let tile = |left: usize, top: usize| {
        let pixels = (top..(top + TILE).min(height))
            .flat_map(|y| (left..(left + TILE).min(width)).map(move |x| (x, y)));
        let (sum, count) = pixels.fold((0.0, 0.0), |(sum, count), (x, y)| (sum + apart(x, y), count + 1.0));
        sum / count
    };
    let corners =
        (0..height).step_by(TILE).flat_map(|top| (0..width).step_by(TILE).map(move |left| (left, top)));
    let worst = corners.map(|(left, top)| (tile(left, top), left, top)).max_by(|a, b| a.0.total_cmp(&b.0));
    let (most, left, top) = worst.expect("tiles");
    if most > TOLERANCE {
        let drawn = std::env::temp_dir().join(format!("coxa-{name}.png"));
        write(picture, &drawn);
        panic!(
            "{name}: differs by {most:.1} of 255 at ({}, {}); drawn now: {}",
            2 * left,
            2 * top,
            drawn.display()
        );
    }
}

fn write(picture: &Picture, path: &Path) {
    let bytes: Vec<u8> =
        picture.pixels.iter().flatten().map(|value| value.round().clamp(0.0, 255.0) as u8).collect();
    let mut png = Vec::new();
    let quality = (image::codecs::png::CompressionType::Best, image::codecs::png::FilterType::Adaptive);
    image::codecs::png::PngEncoder::new_with_quality(&mut png, quality.0, quality.1)
        .write_image(&bytes, picture.size[0] as u32, picture.size[1] as u32, ExtendedColorType::Rgb8)
        .expect("a picture");
    std::fs::write(path, png).expect("written");
}

#[test]
fn the_measured_demo_looks_as_it_was_looked_at() {
    screen("measured", analyse);
}

#[test]
fn the_explanation_looks_as_it_was_looked_at() {
    screen("explained", |harness| {
        analyse(harness);
        harness.get_by_label_contains("AI left").click();
    });
}

#[test]
fn the_settings_look_as_they_were_looked_at() {
    screen("settings", |harness| {
        harness.key_press_modifiers(Modifiers::COMMAND, Key::Comma);
        harness.run_steps(3);
        assert!(says(harness, "Language"));
    });
}

#[test]
fn the_handbook_looks_as_it_was_looked_at() {
    screen("handbook", |harness| harness.key_press_modifiers(Modifiers::SHIFT, Key::F1));
}
