//! What the card draws beside what the processor draws, in a context of OpenGL without a window; where the machine has none
//! (no libEGL, no driver for it) a line says that the comparison was left out.

use super::*;
use crate::imaging::{
    GreyTable, ModalityTransform, Overlay, Presentation, Radiograph, Shutter, ShutterShape, VoiFunction,
    Window,
};
use crate::measure::Point;
use crate::ui::canvas::picture::Samples;
use glutin::api::egl::{device::Device, display::Display};
use glutin::config::{ConfigSurfaceTypes, ConfigTemplateBuilder};
use glutin::context::{ContextApi, ContextAttributesBuilder, Version};
use glutin::prelude::*;

/// The context stays current in this thread for as long as it lives.
struct Context {
    gl: Arc<glow::Context>,
    _current: Box<dyn std::any::Any>,
}

/// `None`, and a line, where there is no OpenGL.
fn context(api: ContextApi) -> Option<Context> {
    match try_context(api) {
        Ok(context) => Some(context),
        Err(reason) => {
            println!("skipped: no OpenGL without a window: {reason}");
            None
        }
    }
}

fn try_context(api: ContextApi) -> Result<Context, String> {
    let text = |error: glutin::error::Error| error.to_string();
    let mut last = "no device".to_owned();
    for device in Device::query_devices().map_err(text)? {
        // SAFETY: no native display is given.
        let made = unsafe { Display::with_device(&device, None) }.map_err(text).and_then(|display| {
            let template =
                ConfigTemplateBuilder::new().with_surface_type(ConfigSurfaceTypes::empty()).build();
            // SAFETY: no native window is given.
            let config =
                unsafe { display.find_configs(template) }.map_err(text)?.next().ok_or("no config")?;
            let attributes = ContextAttributesBuilder::new().with_context_api(api).build(None);
            // SAFETY: as above.
            let context = unsafe { display.create_context(&config, &attributes) }.map_err(text)?;
            let current: glutin::api::egl::context::PossiblyCurrentContext =
                context.make_current_surfaceless().map_err(text)?;
            // SAFETY: the functions are of the context that is current.
            let gl =
                unsafe { glow::Context::from_loader_function_cstr(|name| display.get_proc_address(name)) };
            Ok(Context { gl: Arc::new(gl), _current: Box::new(current) })
        });
        match made {
            Ok(context) => return Ok(context),
            Err(reason) => last = reason,
        }
    }
    Err(last)
}

/// The greys that the card draws of a frame that lies at (7, 5) of a larger framebuffer.
fn drawn(gpu: &Arc<Gpu>, opened: &Opened, frame: Frame, voi: &VoiTransform, invert: bool) -> Vec<u8> {
    let film = Film::new(gpu, opened).expect("room on the card");
    let look = film.look(opened, voi, invert, true).expect("room on the card");
    let [width, height] = [frame.size[0] as i32 + 20, frame.size[1] as i32 + 11];
    let frame = Frame { corner: [7, 5], ..frame };
    let gl = &gpu.gl;
    // SAFETY: calls of the current context on names that it has just given; the slice has room for what is read.
    unsafe {
        let (target, buffer) =
            (gl.create_texture().expect("a texture"), gl.create_framebuffer().expect("one"));
        gl.bind_texture(glow::TEXTURE_2D, Some(target));
        gl.tex_storage_2d(glow::TEXTURE_2D, 1, glow::RGBA8, width, height);
        gl.bind_framebuffer(glow::FRAMEBUFFER, Some(buffer));
        let attachment = glow::COLOR_ATTACHMENT0;
        gl.framebuffer_texture_2d(glow::FRAMEBUFFER, attachment, glow::TEXTURE_2D, Some(target), 0);
        assert_eq!(gl.check_framebuffer_status(glow::FRAMEBUFFER), glow::FRAMEBUFFER_COMPLETE);
        gl.clear_color(1.0, 0.0, 0.0, 1.0);
        gl.clear(glow::COLOR_BUFFER_BIT);
        film.draw(&frame, &look, height as u32);
        let mut pixels = vec![0u8; (4 * width * height) as usize];
        let read = glow::PixelPackData::Slice(Some(&mut pixels));
        gl.read_pixels(0, 0, width, height, glow::RGBA, glow::UNSIGNED_BYTE, read);
        assert_eq!(gl.get_error(), glow::NO_ERROR);
        gl.delete_framebuffer(buffer);
        gl.delete_texture(target);
        // Rows come from below.
        let pixel = |x: usize, y: usize| {
            let at = 4 * ((height as usize - 1 - y) * width as usize + x);
            [pixels[at], pixels[at + 1], pixels[at + 2], pixels[at + 3]]
        };
        assert_eq!(pixel(6, 5), [255, 0, 0, 255], "beside the frame nothing is drawn");
        assert_eq!(pixel(7, 4), [255, 0, 0, 255], "above the frame nothing is drawn");
        let inside = (0..frame.size[1]).flat_map(|y| (0..frame.size[0]).map(move |x| (x + 7, y + 5)));
        inside
            .map(|(x, y)| {
                let [r, g, b, a] = pixel(x, y);
                assert!(r == g && g == b && a == 255, "a grey: {:?}", [r, g, b, a]);
                r
            })
            .collect()
    }
}

/// Ways to look at a film of 61 × 47 pixels: as it is, reduced by a broken factor, enlarged, mirrored, sideways, far in.
fn frames() -> Vec<Frame> {
    let frame = |size, first, step, sideways| Frame { corner: [0, 0], size, first, step, sideways };
    vec![
        frame([61, 47], [0.0, 0.0], [1.0, 1.0], false),
        frame([26, 20], [0.65, 0.65], [2.347, 2.347], false),
        frame([90, 70], [10.37, 8.21], [0.313, 0.371], false),
        frame([61, 47], [60.0, 46.0], [-1.0, -1.0], false),
        frame([47, 61], [0.0, 46.0], [1.0, -1.0], true),
        frame([40, 50], [60.4, -0.4], [-1.21, 1.13], true),
        frame([30, 30], [-0.5, -0.5], [0.02, 0.02], false),
    ]
}

/// Noise over a ramp that fills the range.
fn noise(low: i64, high: i64) -> Vec<i32> {
    let span = high - low;
    let grain = |index: i64| index.wrapping_mul(2_654_435_761).rem_euclid(1 << 16) * span / (1 << 17);
    (0..61 * 47).map(|index| (low + index * span / (61 * 47 * 2) + grain(index)) as i32).collect()
}

fn film(stored: Vec<i32>, bits: u16) -> Radiograph {
    let mut film = Radiograph::from_stored(47, 61, vec![0; 61 * 47], bits).expect("an image");
    film.stored = stored;
    film
}

/// At most a grey apart. Where a value lies halfway between two stored ones, either is right.
fn compare(gpu: &Arc<Gpu>, opened: &Opened, voi: &VoiTransform, invert: bool, name: &str) {
    let table = GreyTable::over(opened.range, &opened.radiograph, voi, invert);
    let mut greys = std::collections::BTreeSet::new();
    for (number, frame) in frames().into_iter().enumerate() {
        let got = drawn(gpu, opened, frame, voi, invert);
        let samples = Samples::take(opened, frame);
        let around = [-0.01, 0.0, 0.01].map(|off| samples.moved(off));
        for (index, got) in got.iter().enumerate() {
            let tones =
                around.each_ref().map(|near| near.tone(index, &table, opened, true).expect("a pixel"));
            let (low, high) = (tones.into_iter().min().unwrap_or(0), tones.into_iter().max().unwrap_or(255));
            assert!(
                (low.saturating_sub(1)..=high.saturating_add(1)).contains(got),
                "{name}, frame {number}, pixel {index}: {got}, not {tones:?}"
            );
        }
        greys.extend(got);
    }
    // A threshold leaves two.
    assert!(greys.len() > 1, "{name}: a picture of {greys:?}");
}

fn window(center: f64, width: f64) -> VoiTransform {
    VoiTransform::Window(Window { center, width })
}

fn ramp(first: i32, entries: usize, bits: u16) -> LookupTable {
    let top = f64::from((1u32 << bits) - 1);
    let curve = |index: usize| (top * (index as f64 / (entries - 1) as f64).powf(0.6)) as u16;
    LookupTable { first, entries: (0..entries).map(curve).collect(), bits }
}

fn opened(film: Radiograph) -> Opened {
    Opened::new(film, Presentation { frames: 1, ..Presentation::default() })
}

fn compare_all(gpu: &Arc<Gpu>) {
    let compare = |film: Radiograph, voi: &VoiTransform, name: &str| {
        let opened = opened(film);
        for invert in [false, true] {
            compare(gpu, &opened, voi, invert, name);
        }
    };
    compare(film(noise(0, 255), 8), &window(128.0, 256.0), "8 bits");
    compare(film(noise(0, 255), 8), &window(90.0, 20.0), "8 bits, narrow");
    compare(film(noise(0, 4095), 12), &window(1500.0, 2000.0), "12 bits");
    compare(film(noise(0, 65_535), 16), &window(32_768.0, 65_536.0), "16 bits");
    compare(film(noise(0, 65_535), 16), &window(30_000.0, 1200.0), "16 bits, narrow");
    compare(film(noise(-32_768, 32_767), 16), &window(-500.0, 9000.0), "signed");
    compare(film(noise(-2_000_000_000, 2_000_000_000), 16), &window(0.0, 4e9), "32 bits");

    let mut inverted = film(noise(0, 4095), 12);
    inverted.inverted = true;
    compare(inverted, &window(2048.0, 4096.0), "MONOCHROME1");

    let mut hounsfield = film(noise(0, 4095), 12);
    hounsfield.modality = ModalityTransform::Rescale { slope: 1.0, intercept: -1024.0 };
    compare(hounsfield.clone(), &window(40.0, 400.0), "rescaled");
    compare(hounsfield.clone(), &window(40.0, 1.0), "threshold");
    hounsfield.voi_function = VoiFunction::LinearExact;
    compare(hounsfield.clone(), &window(500.0, 2000.0), "LINEAR_EXACT");
    compare(hounsfield.clone(), &window(500.0, 0.0), "LINEAR_EXACT without width");
    hounsfield.voi_function = VoiFunction::Sigmoid;
    compare(hounsfield.clone(), &window(500.0, 1500.0), "SIGMOID");
    compare(hounsfield.clone(), &VoiTransform::Table(ramp(-900, 2500, 12)), "VOI table");
    compare(hounsfield, &VoiTransform::Table(ramp(-900, 700, 8)), "VOI table of 8 bits");

    let mut halves = film(noise(-300, 300), 16);
    halves.modality = ModalityTransform::Rescale { slope: -0.5, intercept: 0.25 };
    compare(halves.clone(), &window(0.0, 200.0), "broken slope");
    compare(halves, &VoiTransform::Table(ramp(-100, 200, 16)), "VOI table below nought");

    let mut tabled = film(noise(0, 4095), 12);
    tabled.modality = ModalityTransform::Table(ramp(100, 3000, 16));
    compare(tabled.clone(), &window(30_000.0, 50_000.0), "modality table");
    compare(tabled, &VoiTransform::Table(ramp(1000, 60_000, 10)), "both tables");
}

#[test]
fn the_card_shows_the_greys_of_the_processor() {
    for api in [ContextApi::OpenGl(Some(Version::new(3, 3))), ContextApi::Gles(Some(Version::new(3, 0)))] {
        let Some(context) = context(api) else { return };
        let gpu = Arc::new(Gpu::new(Arc::clone(&context.gl)).expect("the program"));
        compare_all(&gpu);
    }
}

/// A film larger than a texture, with what lies over it.
#[test]
fn tiles_have_no_seams_and_covers_lie_over_the_film() {
    let Some(context) = context(ContextApi::OpenGl(None)) else { return };
    let mut gpu = Gpu::new(Arc::clone(&context.gl)).expect("the program");
    gpu.side = 16;
    let gpu = Arc::new(gpu);
    let film = film(noise(0, 4095), 12);
    let plain = opened(film.clone());
    compare(&gpu, &plain, &window(2048.0, 4096.0), false, "tiles");
    let overlay = Overlay {
        group: 0x6000,
        label: String::new(),
        rows: 20,
        columns: 30,
        origin: (-3, 12),
        is_region: false,
        mask: (0..600).map(|index| index % 7 == 0 || index / 30 == 9).collect(),
    };
    let circle = ShutterShape::Circle { center: Point::new(31.0, 22.0), radius: 19.5 };
    for (overlays, shutter) in [
        (vec![overlay.clone()], None),
        (Vec::new(), Some(Shutter { shapes: vec![circle.clone()], grey: 90 })),
        (vec![overlay], Some(Shutter { shapes: vec![circle], grey: 0 })),
    ] {
        let presentation = Presentation { overlays, shutter, frames: 1, ..Presentation::default() };
        let covered = Opened::new(film.clone(), presentation);
        compare(&gpu, &covered, &window(2048.0, 4096.0), false, "covered");
    }
}

/// Far from the first pixel the place is as good as beside it.
#[test]
fn a_step_is_exact_in_two_parts() {
    for step in [1.0, -2.347, 0.019_837, 17.123_456_789, -0.999_999] {
        let (high, rest) = exact(step);
        for place in [1.0f32, 777.0, 4095.0, 8191.0] {
            assert_eq!(f64::from(high * place), f64::from(high) * f64::from(place), "{step}");
            let both = f64::from(high * place) + f64::from(rest * place);
            assert!((both - step * f64::from(place)).abs() < 1e-6 * f64::from(place.max(1000.0)) / 1000.0);
        }
    }
    assert_eq!(exact(0.0), (0.0, 0.0));
}

/// Films come and go; the card keeps none of them.
#[test]
fn a_film_leaves_the_card_with_its_last_owner() {
    let Some(context) = context(ContextApi::OpenGl(None)) else { return };
    let gpu = Arc::new(Gpu::new(Arc::clone(&context.gl)).expect("the program"));
    let opened = opened(film(noise(0, 4095), 12));
    let made = Film::new(&gpu, &opened).expect("room");
    let name = made.stored.name;
    // SAFETY: asks a current context.
    let lives = |name| unsafe { context.gl.is_texture(name) };
    assert!(lives(name));
    drop(made);
    assert!(!lives(name));
    assert!(gpu.error().is_none());
}

#[test]
fn films_that_the_card_cannot_take_are_refused() {
    let Some(context) = context(ContextApi::OpenGl(None)) else { return };
    let mut gpu = Gpu::new(Arc::clone(&context.gl)).expect("the program");
    (gpu.side, gpu.layers) = (16, 3);
    let refused = Film::new(&Arc::new(gpu), &opened(film(noise(0, 255), 8)));
    assert!(refused.err().is_some_and(|reason| reason.contains("61 × 47")));
}
