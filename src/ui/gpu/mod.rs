//! The film drawn by the graphics card: it keeps the values at native depth, and computes the greys of the pixels of the
//! screen in each frame, so that dragging the window sends nothing to it.
//!
//! The processor's way (`canvas/picture.rs`) is the measure: both show the same greys. It is the faster one where the
//! processor has to play the graphics card too.

mod card;
mod chain;
mod stored;
#[cfg(all(test, target_os = "linux"))]
mod tests;

pub use card::Card;
pub use stored::{Film, covers};

use super::canvas::picture::Frame;
use super::jobs::Opened;
use crate::imaging::{LookupTable, VoiTransform};
use chain::Chain;
use eframe::egui_glow::{self, ShaderVersion};
use eframe::glow::{self, HasContext};
use egui::{PaintCallback, Shape};
use std::sync::Arc;
use stored::Texture;

const VERTEX: &str = "
void main() {
    // One triangle over all of the viewport.
    vec2 corner = vec2(float((gl_VertexID << 1) & 2), float(gl_VertexID & 2));
    gl_Position = vec4(2.0 * corner - 1.0, 0.0, 1.0);
}
";
const FRAGMENT: &str = include_str!("film.frag");
/// GLSL of OpenGL ES says how precise numbers are.
const PRECISION: &str = "precision highp float;\nprecision highp int;\nprecision highp usampler2D;\n\
                         precision highp usampler2DArray;\n";

/// Entries of a table in a row of its texture.
const ROW: usize = 256;

/// Bits of the part of a step that stays exact, times the pixels of any screen.
const STEP_BITS: i32 = 11;

/// Says in the log that a film is left to the processor, and why.
pub fn complain(reason: &str) {
    log::error!("this film is drawn by the processor: {reason}");
}

/// The program on the card that draws films.
pub struct Gpu {
    gl: Arc<glow::Context>,
    program: glow::Program,
    vao: glow::VertexArray,
    /// Greatest side of a tile.
    side: usize,
    /// Most tiles of a film.
    layers: usize,
}

impl Gpu {
    /// Builds the program for the window's context, which must be current.
    ///
    /// # Errors
    /// The context is older than OpenGL 3.1 and ES 3.0, or the card does not take the program.
    pub fn new(gl: Arc<glow::Context>) -> Result<Gpu, String> {
        let version = ShaderVersion::get(&gl);
        let head = match version {
            ShaderVersion::Gl140 => version.version_declaration().to_owned(),
            ShaderVersion::Es300 => format!("{}{PRECISION}", version.version_declaration()),
            ShaderVersion::Gl120 | ShaderVersion::Es100 => {
                return Err("it needs OpenGL 3.1 or OpenGL ES 3.0".to_owned());
            }
        };
        // SAFETY: calls of a current context on names that it has just given.
        unsafe {
            let program = link(&gl, &head)?;
            let vao = gl.create_vertex_array().inspect_err(|_| gl.delete_program(program))?;
            let most = |what| usize::try_from(gl.get_parameter_i32(what)).unwrap_or(0);
            let (side, layers) = (most(glow::MAX_TEXTURE_SIZE), most(glow::MAX_ARRAY_TEXTURE_LAYERS));
            Ok(Gpu { gl, program, vao, side, layers })
        }
    }

    /// What went wrong on the card since [`Gpu::forget_errors`].
    fn error(&self) -> Option<String> {
        // SAFETY: asks a current context.
        match unsafe { self.gl.get_error() } {
            glow::NO_ERROR => None,
            glow::OUT_OF_MEMORY => Some("the card has no memory left".to_owned()),
            code => Some(format!("the card refuses the film (OpenGL error {code:#06x})")),
        }
    }

    fn forget_errors(&self) {
        // A context that is lost has errors without end.
        const MOST: usize = 16;
        let _ = (0..MOST).find(|_| self.error().is_none());
    }
}

impl Drop for Gpu {
    fn drop(&mut self) {
        // SAFETY: names of this context, which lives as long as its functions and is current in the window's thread.
        unsafe {
            self.gl.delete_program(self.program);
            self.gl.delete_vertex_array(self.vao);
        }
    }
}

/// # Safety
/// The context is current.
unsafe fn link(gl: &glow::Context, head: &str) -> Result<glow::Program, String> {
    // SAFETY: by the caller; the names are those that the context has just given.
    unsafe {
        let program = gl.create_program()?;
        let mut shaders = Vec::new();
        let mut made = Ok(());
        for (kind, text) in [(glow::VERTEX_SHADER, VERTEX), (glow::FRAGMENT_SHADER, FRAGMENT)] {
            let shader = gl.create_shader(kind)?;
            gl.shader_source(shader, &format!("{head}{text}"));
            gl.compile_shader(shader);
            gl.attach_shader(program, shader);
            shaders.push(shader);
            if !gl.get_shader_compile_status(shader) {
                made = Err(gl.get_shader_info_log(shader));
            }
        }
        if made.is_ok() {
            gl.link_program(program);
            if !gl.get_program_link_status(program) {
                made = Err(gl.get_program_info_log(program));
            }
        }
        for shader in shaders {
            gl.detach_shader(program, shader);
            gl.delete_shader(shader);
        }
        match made {
            Ok(()) => Ok(program),
            Err(reason) => {
                gl.delete_program(program);
                Err(format!("it does not take the program: {}", reason.trim()))
            }
        }
    }
}

/// A table on the card.
pub struct Table {
    texture: Texture,
    entries: i32,
}

impl Table {
    fn new(gl: &Arc<glow::Context>, table: &LookupTable) -> Result<Self, String> {
        let mut entries = table.entries.to_vec();
        // An empty table gives 0.
        let count = entries.len().max(1);
        let rows = count.div_ceil(ROW);
        entries.resize(rows * ROW, 0);
        let bytes: Vec<u8> = entries.iter().flat_map(|entry| entry.to_ne_bytes()).collect();
        let texture = Texture::new(gl, glow::TEXTURE_2D)?;
        // SAFETY: calls of a current context; the slice holds all rows.
        unsafe {
            gl.pixel_store_i32(glow::UNPACK_ALIGNMENT, 1);
            gl.tex_image_2d(
                glow::TEXTURE_2D,
                0,
                glow::R16UI as i32,
                ROW as i32,
                rows as i32,
                0,
                glow::RED_INTEGER,
                glow::UNSIGNED_SHORT,
                glow::PixelUnpackData::Slice(Some(&bytes)),
            );
            gl.bind_texture(glow::TEXTURE_2D, None);
        }
        Ok(Self { texture, entries: count as i32 })
    }
}

/// How a film on the card is looked at.
#[derive(Clone)]
pub struct Look {
    chain: Chain,
    voi: Option<Arc<Table>>,
    graphics: bool,
}

impl Film {
    /// The look through `voi`; a table goes to the card here, a window is two numbers.
    ///
    /// # Errors
    /// The card has no room for the table.
    pub fn look(
        &self,
        opened: &Opened,
        voi: &VoiTransform,
        invert: bool,
        graphics: bool,
    ) -> Result<Look, String> {
        let table = match voi {
            VoiTransform::Table(table) => Some(Arc::new(Table::new(&self.gpu.gl, table)?)),
            VoiTransform::Window(_) => None,
        };
        let chain = Chain::new(&opened.radiograph, self.low, voi, invert);
        Ok(Look { chain, voi: table, graphics })
    }

    /// The film as egui lets others draw, at its place of the screen of `scale` pixels a point.
    pub fn shape(self: &Arc<Self>, frame: Frame, look: &Look, scale: f32) -> Shape {
        let (film, look) = (Arc::clone(self), look.clone());
        let draw =
            egui_glow::CallbackFn::new(move |info, _| film.draw(&frame, &look, info.screen_size_px[1]));
        Shape::Callback(PaintCallback { rect: frame.on_screen(scale), callback: Arc::new(draw) })
    }

    /// Draws into the framebuffer that is bound, of `height` pixels.
    fn draw(&self, frame: &Frame, look: &Look, height: u32) {
        let gl = &self.gpu.gl;
        let [left, top] = frame.corner;
        let [wide, high] = frame.size.map(|size| size as i32);
        let below = height as i32 - top;
        let first = frame.first.map(f64::floor);
        let step = frame.step.map(exact);
        let Chain { function, scale, offset, top: voi_top, invert } = look.chain;
        let entries = |table: Option<&Table>| table.map_or(0, |table| table.entries);
        // SAFETY: calls of a context that is current in a paint callback, on names that it gave and that live as long as
        // this film and this look.
        unsafe {
            gl.viewport(left, below - high, wide, high);
            gl.use_program(Some(self.gpu.program));
            gl.bind_vertex_array(Some(self.gpu.vao));
            let at = |name| gl.get_uniform_location(self.gpu.program, name);
            let whole = |name, value: i32| gl.uniform_1_i32(at(name).as_ref(), value);
            let pair = |name, [x, y]: [i32; 2]| gl.uniform_2_i32(at(name).as_ref(), x, y);
            let number = |name, value: f32| gl.uniform_1_f32(at(name).as_ref(), value);
            let numbers = |name, [x, y]: [f32; 2]| gl.uniform_2_f32(at(name).as_ref(), x, y);

            let textures = [
                ("u_stored", glow::TEXTURE_2D_ARRAY, Some(&self.stored)),
                ("u_cover", glow::TEXTURE_2D_ARRAY, self.cover.as_ref()),
                ("u_modality", glow::TEXTURE_2D, self.modality.as_ref().map(|table| &table.texture)),
                ("u_voi", glow::TEXTURE_2D, look.voi.as_ref().map(|table| &table.texture)),
            ];
            for (unit, (name, target, texture)) in (0..).zip(&textures) {
                gl.active_texture(glow::TEXTURE0 + unit);
                gl.bind_texture(*target, texture.map(|texture| texture.name));
                whole(name, unit as i32);
            }
            pair("u_size", self.tiles.size.map(|size| size as i32));
            whole("u_shift", self.tiles.shift as i32);
            whole("u_tiles", self.tiles.count()[0] as i32);
            pair("u_corner", [left, below - 1]);
            whole("u_sideways", frame.sideways.into());
            pair("u_first", first.map(|first| first as i32));
            numbers("u_first_part", [0, 1].map(|axis| (frame.first[axis] - first[axis]) as f32));
            numbers("u_step", step.map(|(step, _)| step));
            numbers("u_step_rest", step.map(|(_, rest)| rest));
            whole("u_whole", self.whole.into());
            whole("u_modality_first", self.modality_first);
            whole("u_modality_entries", entries(self.modality.as_ref()));
            whole("u_function", function as i32);
            number("u_scale", scale);
            number("u_offset", offset);
            whole("u_voi_entries", entries(look.voi.as_deref()));
            number("u_voi_top", voi_top);
            whole("u_invert", invert.into());
            whole("u_covered", self.cover.is_some().into());
            whole("u_graphics", look.graphics.into());
            number("u_shutter", self.shutter.into());
            gl.draw_arrays(glow::TRIANGLES, 0, 3);

            for (unit, (_, target, _)) in (0..).zip(&textures) {
                gl.active_texture(glow::TEXTURE0 + unit);
                gl.bind_texture(*target, None);
            }
            gl.bind_vertex_array(None);
        }
    }
}

/// A step as a number of few bits, whose products with pixels of the screen are exact in single precision, and the rest.
fn exact(step: f64) -> (f32, f32) {
    if step == 0.0 || !step.is_finite() {
        return (0.0, 0.0);
    }
    let unit = (step.abs().log2().floor() as i32 + 1 - STEP_BITS) as f64;
    let unit = unit.exp2();
    let high = (step / unit).round() * unit;
    (high as f32, (step - high) as f32)
}
