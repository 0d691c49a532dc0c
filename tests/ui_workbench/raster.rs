//! The window drawn by the processor alone: triangles and textures as egui hands them to a graphics card. A machine of a
//! continuous integration has no card, and software drivers differ from each other; this gives the same picture everywhere.

use egui::epaint::{ImageDelta, Mesh, Primitive};
use egui::{Color32, ImageData, Pos2, Rect, TextureId, TexturesDelta, pos2};
use egui_kittest::TestRenderer;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Eight bits a colour, row by row.
#[derive(Clone)]
pub struct Picture {
    pub size: [usize; 2],
    pub pixels: Vec<[f32; 3]>,
}

#[derive(Default)]
struct Texture {
    size: [usize; 2],
    pixels: Vec<Color32>,
}

/// The textures of a window: given to the harness, which feeds it, and kept by the test, which draws with it.
#[derive(Clone, Default)]
pub struct Raster(Rc<RefCell<HashMap<TextureId, Texture>>>);

impl TestRenderer for Raster {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        let mut textures = self.0.borrow_mut();
        for (id, deltas) in delta.set.drain() {
            let texture = textures.entry(id).or_default();
            deltas.iter().for_each(|delta| update(texture, delta));
        }
        for id in delta.free.drain() {
            textures.remove(&id);
        }
    }
}

fn update(texture: &mut Texture, delta: &ImageDelta) {
    let ImageData::Color(image) = &delta.image;
    match delta.pos {
        None => *texture = Texture { size: image.size, pixels: image.pixels.clone() },
        Some([left, top]) => {
            for (row, pixels) in image.pixels.chunks(image.size[0]).enumerate() {
                let from = (top + row) * texture.size[0] + left;
                texture.pixels[from..from + pixels.len()].copy_from_slice(pixels);
            }
        }
    }
}

impl Raster {
    /// What the last frame shows, a pixel a point.
    pub fn draw(&self, context: &egui::Context, output: &egui::FullOutput) -> Picture {
        let room = context.content_rect();
        let size = [room.width() as usize, room.height() as usize];
        let mut picture = Picture { size, pixels: vec![[0.0; 3]; size[0] * size[1]] };
        let textures = self.0.borrow();
        for clipped in context.tessellate(output.shapes.clone(), 1.0) {
            let Primitive::Mesh(mesh) = &clipped.primitive else { continue };
            let Some(texture) = textures.get(&mesh.texture_id) else { continue };
            picture.mesh(mesh, clipped.clip_rect, texture);
        }
        picture
    }
}

/// Twice the area of a triangle, positive where it turns clockwise on the screen.
fn area(a: Pos2, b: Pos2, c: Pos2) -> f32 {
    (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
}

impl Picture {
    fn mesh(&mut self, mesh: &Mesh, clip: Rect, texture: &Texture) {
        let whole = Rect::from_min_size(Pos2::ZERO, egui::vec2(self.size[0] as f32, self.size[1] as f32));
        let clip = clip.intersect(whole);
        for corners in mesh.indices.chunks_exact(3) {
            let [a, mut b, mut c] = [0, 1, 2].map(|corner| &mesh.vertices[corners[corner] as usize]);
            if area(a.pos, b.pos, c.pos) < 0.0 {
                (b, c) = (c, b);
            }
            let double = area(a.pos, b.pos, c.pos);
            if double <= 0.0 {
                continue;
            }
            let bounds = Rect::from_points(&[a.pos, b.pos, c.pos]).intersect(clip);
            if !bounds.is_positive() {
                continue;
            }
            let rows = bounds.top().floor() as usize..bounds.bottom().ceil() as usize;
            for (y, x) in rows.flat_map(|y| {
                (bounds.left().floor() as usize..bounds.right().ceil() as usize).map(move |x| (y, x))
            }) {
                let at = pos2(x as f32 + 0.5, y as f32 + 0.5);
                if !clip.contains(at) {
                    continue;
                }
                let edges = [(b.pos, c.pos), (c.pos, a.pos), (a.pos, b.pos)];
                let weights = edges.map(|(from, to)| area(from, to, at));
                // A pixel on an edge is of one of the two triangles that share it.
                let inside = weights.iter().zip(edges).all(|(weight, (from, to))| {
                    let owned = to.y < from.y || (to.y == from.y && to.x > from.x);
                    *weight > 0.0 || (*weight == 0.0 && owned)
                });
                if !inside {
                    continue;
                }
                let of = |values: [f32; 3]| (0..3).map(|i| weights[i] * values[i]).sum::<f32>() / double;
                let texel = texture.at(of([a.uv.x, b.uv.x, c.uv.x]), of([a.uv.y, b.uv.y, c.uv.y]));
                let tint = [a.color, b.color, c.color].map(|colour| colour.to_array());
                let source: [f32; 4] = std::array::from_fn(|channel| {
                    let tint = of([0, 1, 2].map(|corner| f32::from(tint[corner][channel])));
                    f32::from(texel[channel]) * tint / 255.0
                });
                let target = &mut self.pixels[y * self.size[0] + x];
                for channel in 0..3 {
                    target[channel] = source[channel] + target[channel] * (1.0 - source[3] / 255.0);
                }
            }
        }
    }

    /// Half as wide and half as high: means of four pixels.
    pub fn halved(&self) -> Picture {
        let size = self.size.map(|side| side / 2);
        let pixel = |index: usize| {
            let (x, y) = (2 * (index % size[0]), 2 * (index / size[0]));
            let four = [(0, 0), (1, 0), (0, 1), (1, 1)];
            let four = four.map(|(right, down)| self.pixels[(y + down) * self.size[0] + x + right]);
            std::array::from_fn(|channel| four.iter().map(|pixel| pixel[channel]).sum::<f32>() / 4.0)
        };
        Picture { size, pixels: (0..size[0] * size[1]).map(pixel).collect() }
    }
}

impl Texture {
    /// The nearest texel.
    fn at(&self, u: f32, v: f32) -> [u8; 4] {
        let index = |share: f32, side: usize| ((share * side as f32) as usize).min(side - 1);
        self.pixels[index(v, self.size[1]) * self.size[0] + index(u, self.size[0])].to_array()
    }
}
