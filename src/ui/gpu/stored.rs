//! What the graphics card keeps of one film: its stored values, what covers them, its tables. Gone from the card when the
//! last that draws it is gone.

use super::{Gpu, Table};
use crate::imaging::{ModalityTransform, Presentation, Shutter};
use crate::ui::jobs::Opened;
use eframe::glow::{self, HasContext};
use rayon::prelude::*;
use std::sync::Arc;

/// Larger films are drawn by the processor: the card has other work too.
const MOST: usize = 1 << 29;

/// How a film is cut into the layers of an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tiles {
    pub size: [usize; 2],
    /// Binary logarithm of the side of a tile.
    pub shift: u32,
}

impl Tiles {
    /// Tiles of at most `side` columns and rows, which is a power of two.
    pub fn new(size: [usize; 2], side: usize) -> Self {
        Self { size, shift: side.max(1).ilog2() }
    }

    fn side(&self) -> usize {
        1 << self.shift
    }

    /// Columns and rows of a layer.
    fn layer(&self) -> [usize; 2] {
        self.size.map(|size| size.min(self.side()))
    }

    /// Tiles beside each other, and rows of them.
    pub fn count(&self) -> [usize; 2] {
        self.size.map(|size| size.div_ceil(self.side()))
    }

    /// Texels of all layers.
    fn texels(&self) -> usize {
        self.layer().iter().chain(&self.count()).product()
    }
}

/// A texture, deleted with its last owner.
pub struct Texture {
    gl: Arc<glow::Context>,
    pub name: glow::Texture,
}

impl Drop for Texture {
    fn drop(&mut self) {
        // SAFETY: a name of this context, which lives as long as its functions and is current in the window's thread.
        unsafe { self.gl.delete_texture(self.name) };
    }
}

impl Texture {
    /// A texture of integers: no filter, no mipmaps.
    pub fn new(gl: &Arc<glow::Context>, target: u32) -> Result<Self, String> {
        // SAFETY: calls of a current context on a name that it has just given.
        unsafe {
            let name = gl.create_texture()?;
            gl.bind_texture(target, Some(name));
            for (what, how) in [
                (glow::TEXTURE_MIN_FILTER, glow::NEAREST),
                (glow::TEXTURE_MAG_FILTER, glow::NEAREST),
                (glow::TEXTURE_WRAP_S, glow::CLAMP_TO_EDGE),
                (glow::TEXTURE_WRAP_T, glow::CLAMP_TO_EDGE),
            ] {
                gl.tex_parameter_i32(target, what, how as i32);
            }
            Ok(Self { gl: Arc::clone(gl), name })
        }
    }

    /// An array of the tiles of an image, `texel` bytes each in `bytes`, row-major.
    fn tiled(
        gl: &Arc<glow::Context>,
        tiles: Tiles,
        [internal, format, kind]: [u32; 3],
        (bytes, texel): (&[u8], usize),
    ) -> Result<Self, String> {
        let made = Self::new(gl, glow::TEXTURE_2D_ARRAY)?;
        let ([columns, rows], [across, down]) = (tiles.size, tiles.count());
        let [width, height] = tiles.layer();
        let layers = across * down;
        // SAFETY: as above; every slice holds the rows that the card is told to read from it.
        unsafe {
            gl.tex_image_3d(
                glow::TEXTURE_2D_ARRAY,
                0,
                internal as i32,
                width as i32,
                height as i32,
                layers as i32,
                0,
                format,
                kind,
                glow::PixelUnpackData::Slice(None),
            );
            gl.pixel_store_i32(glow::UNPACK_ALIGNMENT, 1);
            gl.pixel_store_i32(glow::UNPACK_ROW_LENGTH, columns as i32);
            for layer in 0..layers {
                let (left, top) = ((layer % across) * width, (layer / across) * height);
                let (wide, high) = (width.min(columns - left), height.min(rows - top));
                let first = top * columns + left;
                let end = first + (high - 1) * columns + wide;
                gl.tex_sub_image_3d(
                    glow::TEXTURE_2D_ARRAY,
                    0,
                    0,
                    0,
                    layer as i32,
                    wide as i32,
                    high as i32,
                    1,
                    format,
                    kind,
                    glow::PixelUnpackData::Slice(Some(&bytes[first * texel..end * texel])),
                );
            }
            gl.pixel_store_i32(glow::UNPACK_ROW_LENGTH, 0);
            gl.bind_texture(glow::TEXTURE_2D_ARRAY, None);
        }
        Ok(made)
    }
}

/// A film on the card.
pub struct Film {
    pub gpu: Arc<Gpu>,
    pub tiles: Tiles,
    /// The smallest stored value: those on the card are less by it.
    pub low: i32,
    /// Each stored value has a grey of its own.
    pub whole: bool,
    pub stored: Texture,
    /// Overlay planes and what the shutter hides; `None` where the file has neither.
    pub cover: Option<Texture>,
    pub modality: Option<Table>,
    /// Input of the modality table's first entry, counted from `low`.
    pub modality_first: i32,
    /// Grey of what the shutter hides.
    pub shutter: u8,
}

impl Film {
    /// Brings a film to the card.
    ///
    /// # Errors
    /// It is too large for it, or the card has no memory left.
    pub fn new(gpu: &Arc<Gpu>, opened: &Opened) -> Result<Film, String> {
        let film = &opened.radiograph;
        let tiles = Tiles::new([film.columns, film.rows], gpu.side);
        let (low, high) = opened.range;
        let whole = i64::from(high) - i64::from(low) <= i64::from(u16::MAX);
        let bytes = tiles.texels().saturating_mul(if whole { 2 } else { 4 });
        let layers = tiles.count().iter().product::<usize>();
        if film.stored.len() != film.rows * film.columns || film.stored.is_empty() {
            return Err("the image has no pixels".to_owned());
        }
        if bytes > MOST || layers > gpu.layers {
            return Err(format!("{} × {} pixels are too many for the card", film.columns, film.rows));
        }
        gpu.forget_errors();
        let above = |stored: &i32| stored.wrapping_sub(low) as u32;
        let stored = if whole {
            let values: Vec<u8> =
                film.stored.par_iter().flat_map_iter(|stored| (above(stored) as u16).to_ne_bytes()).collect();
            let format = [glow::R16UI, glow::RED_INTEGER, glow::UNSIGNED_SHORT];
            Texture::tiled(&gpu.gl, tiles, format, (&values, 2))?
        } else {
            let values: Vec<u8> =
                film.stored.par_iter().flat_map_iter(|stored| above(stored).to_ne_bytes()).collect();
            let format = [glow::R32UI, glow::RED_INTEGER, glow::UNSIGNED_INT];
            Texture::tiled(&gpu.gl, tiles, format, (&values, 4))?
        };
        let cover = cover(opened).map(|cover| {
            let format = [glow::RG8UI, glow::RG_INTEGER, glow::UNSIGNED_BYTE];
            Texture::tiled(&gpu.gl, tiles, format, (&cover, 2))
        });
        let (modality, modality_first) = match &film.modality {
            ModalityTransform::Rescale { .. } => (None, 0),
            ModalityTransform::Table(table) => {
                let first = i64::from(table.first) - i64::from(low);
                let first = first.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32;
                (Some(Table::new(&gpu.gl, table)?), first)
            }
        };
        let made = Film {
            gpu: Arc::clone(gpu),
            tiles,
            low,
            whole,
            stored,
            cover: cover.transpose()?,
            modality,
            modality_first,
            shutter: opened.presentation.shutter.as_ref().map_or(0, |shutter| shutter.grey),
        };
        match gpu.error() {
            None => Ok(made),
            Some(error) => Err(error),
        }
    }
}

/// Graphics and what is hidden, two bytes a pixel.
fn cover(opened: &Opened) -> Option<Vec<u8>> {
    let film = &opened.radiograph;
    let [ink, hidden] = covers(&opened.presentation);
    if ink.is_none() && hidden.is_none() {
        return None;
    }
    let [ink, hidden] = [ink, hidden].map(|drawn| {
        let mut plane = vec![0u8; film.stored.len()];
        if let Some(drawn) = drawn {
            drawn.draw(&mut plane, film.rows, film.columns);
        }
        plane
    });
    Some(ink.into_iter().zip(hidden).flat_map(|(ink, hidden)| [ink, hidden]).collect())
}

/// The overlay planes alone, and the shutter alone in white: what of the film each covers.
pub fn covers(presentation: &Presentation) -> [Option<Presentation>; 2] {
    let Presentation { overlays, shutter, .. } = presentation;
    let ink = (!overlays.is_empty())
        .then(|| Presentation { overlays: overlays.clone(), ..Presentation::default() });
    let hidden = shutter.as_ref().map(|shutter| Presentation {
        shutter: Some(Shutter { grey: 255, ..shutter.clone() }),
        ..Presentation::default()
    });
    [ink, hidden]
}
