//! Where the film lies on the screen: pan and zoom as pure geometry, in image coordinates.

use super::turn::Turn;
use crate::imaging::Radiograph;
use crate::measure::Point;
use egui::{Pos2, Rect, Vec2, vec2};

/// Screen points around a fitted film.
const MARGIN: f32 = 6.0;
/// Screen points per column.
const ZOOM: std::ops::RangeInclusive<f32> = 0.02..=64.0;

/// What part of the film is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Camera {
    /// The whole film, whatever the window's size; `zoom` and `center` follow.
    fitted: bool,
    /// Screen points per column.
    zoom: f32,
    /// Image point in the middle of the viewport.
    center: Point,
    turn: Turn,
}

impl Default for Camera {
    fn default() -> Self {
        Self { fitted: true, zoom: 1.0, center: Point::default(), turn: Turn::default() }
    }
}

/// Where a camera stands in terms that films of any size share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stand {
    Fitted,
    /// Zoom over that of the whole film, and the middle as shares of width and height.
    At {
        zoom: f32,
        center: [f64; 2],
    },
}

/// Size of a film, and the height of its pixels in columns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extent {
    pub rows: usize,
    pub columns: usize,
    pub aspect: f32,
}

impl Extent {
    pub fn new(film: &Radiograph) -> Self {
        Self { rows: film.rows, columns: film.columns, aspect: film.pixel_aspect() as f32 }
    }

    /// In columns, as shown.
    fn shown(&self) -> Vec2 {
        vec2(self.columns as f32, self.rows as f32 * self.aspect)
    }
}

/// A camera in a viewport: the map between image and screen.
#[derive(Debug, Clone, Copy)]
pub struct Projection {
    pub viewport: Rect,
    extent: Extent,
    camera: Camera,
}

impl Camera {
    /// The map for this frame. A fitted camera takes the size of the viewport.
    pub fn project(&mut self, viewport: Rect, extent: Extent) -> Projection {
        if self.fitted {
            self.zoom = self.fitting(viewport, extent);
            self.center = Point::new(0.5 * (extent.columns as f64 - 1.0), 0.5 * (extent.rows as f64 - 1.0));
        }
        Projection { viewport, extent, camera: *self }
    }

    pub fn fit(&mut self) {
        self.fitted = true;
    }

    /// The zoom that shows the whole film.
    fn fitting(&self, viewport: Rect, extent: Extent) -> f32 {
        let room = (viewport.size() - Vec2::splat(2.0 * MARGIN)).max(Vec2::splat(1.0));
        let size = self.turn.extent(extent.shown()).max(Vec2::splat(1.0));
        (room / size).min_elem().clamp(*ZOOM.start(), *ZOOM.end())
    }

    pub fn turn(&self) -> Turn {
        self.turn
    }

    /// Holds the film another way; what was in the middle stays there.
    pub fn set_turn(&mut self, turn: Turn) {
        self.turn = turn;
    }

    /// Where the camera stands, whatever the sizes of film and viewport.
    pub fn stand(&self, viewport: Rect, extent: Extent) -> Stand {
        if self.fitted {
            return Stand::Fitted;
        }
        let share = |at: f64, size: usize| at / (size.max(2) - 1) as f64;
        Stand::At {
            zoom: self.zoom / self.fitting(viewport, extent),
            center: [share(self.center.x, extent.columns), share(self.center.y, extent.rows)],
        }
    }

    /// Goes where a camera over another film stands.
    pub fn follow(&mut self, stand: Stand, viewport: Rect, extent: Extent) {
        match stand {
            Stand::Fitted => self.fit(),
            Stand::At { zoom, center } => {
                self.set_zoom(zoom * self.fitting(viewport, extent));
                let at = |share: f64, size: usize| share * (size.max(2) - 1) as f64;
                self.center = Point::new(at(center[0], extent.columns), at(center[1], extent.rows));
            }
        }
    }

    /// Screen points per column.
    pub fn zoom(&self) -> f32 {
        self.zoom
    }

    /// Sets the zoom (screen points per column) about the middle of the viewport.
    pub fn set_zoom(&mut self, zoom: f32) {
        self.fitted = false;
        self.zoom = zoom.clamp(*ZOOM.start(), *ZOOM.end());
    }

    /// Zooms by `factor`; the film stays under `cursor`.
    pub fn zoom_at(&mut self, factor: f32, cursor: Pos2, projection: &Projection) {
        let fixed = projection.to_image(cursor);
        self.set_zoom(self.zoom * factor);
        let after = Projection { camera: *self, ..*projection }.to_image(cursor);
        self.center = self.center + (fixed - after);
        self.keep_in_sight(projection.extent);
    }

    /// Moves the film by `delta` screen points.
    pub fn pan(&mut self, delta: Vec2, projection: &Projection) {
        self.fitted = false;
        let before = projection.to_image(projection.viewport.center());
        let after = projection.to_image(projection.viewport.center() - delta);
        self.center = self.center + (after - before);
        self.keep_in_sight(projection.extent);
    }

    /// Brings an image point into the middle where it lies outside the viewport.
    pub fn reveal(&mut self, point: Point, projection: &Projection) {
        if !projection.viewport.shrink(24.0).contains(projection.to_screen(point)) {
            self.fitted = false;
            self.center = point;
        }
    }

    /// The middle of the viewport never leaves the film, so that the film cannot be lost.
    fn keep_in_sight(&mut self, extent: Extent) {
        let edge = |size: usize| size.saturating_sub(1) as f64;
        self.center.x = self.center.x.clamp(0.0, edge(extent.columns));
        self.center.y = self.center.y.clamp(0.0, edge(extent.rows));
    }
}

impl Projection {
    /// Screen points per column and per row.
    fn scale(self) -> Vec2 {
        vec2(self.camera.zoom, self.camera.zoom * self.extent.aspect)
    }

    pub fn to_screen(self, point: Point) -> Pos2 {
        let off = point - self.camera.center;
        let way = vec2(off.x as f32, off.y as f32) * self.scale();
        self.viewport.center() + self.camera.turn.to_screen(way)
    }

    pub fn to_image(self, at: Pos2) -> Point {
        let offset = self.camera.turn.to_image(at - self.viewport.center()) / self.scale();
        Point::new(self.camera.center.x + f64::from(offset.x), self.camera.center.y + f64::from(offset.y))
    }

    pub fn turn(self) -> Turn {
        self.camera.turn
    }

    /// Screen lengths of image lengths along column and row.
    pub fn to_screen_vector(self, columns: f64, rows: f64) -> Vec2 {
        vec2(columns as f32, rows as f32) * self.scale()
    }

    /// The film's outline on the screen; pixels reach half beyond their centres.
    pub fn film(self) -> Rect {
        let corner = |x: f64, y: f64| self.to_screen(Point::new(x, y));
        Rect::from_two_pos(
            corner(-0.5, -0.5),
            corner(self.extent.columns as f64 - 0.5, self.extent.rows as f64 - 0.5),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::canvas::turn;
    use egui::pos2;

    const EXTENT: Extent = Extent { rows: 300, columns: 400, aspect: 1.5 };

    fn viewport() -> Rect {
        Rect::from_min_size(pos2(240.0, 40.0), vec2(800.0, 700.0))
    }

    #[test]
    fn a_fitted_film_is_whole_and_centred() {
        let mut camera = Camera::default();
        let film = camera.project(viewport(), EXTENT).film();
        assert!(viewport().contains_rect(film));
        assert!((film.center() - viewport().center()).length() < 1e-3);
        assert!((film.width() / film.height() - 400.0 / 450.0).abs() < 1e-3, "pixels keep their aspect");
    }

    #[test]
    fn zoom_keeps_what_is_under_the_cursor() {
        let mut camera = Camera::default();
        let projection = camera.project(viewport(), EXTENT);
        let cursor = pos2(500.0, 300.0);
        let before = projection.to_image(cursor);
        camera.zoom_at(3.0, cursor, &projection);
        let after = camera.project(viewport(), EXTENT).to_image(cursor);
        assert!(before.distance(after) < 1e-3, "{before:?} {after:?}");
    }

    #[test]
    fn pan_moves_the_film_with_the_hand() {
        let mut camera = Camera::default();
        camera.set_zoom(8.0);
        camera.project(viewport(), EXTENT);
        let mut camera =
            Camera { fitted: false, zoom: 8.0, center: Point::new(200.0, 150.0), ..Camera::default() };
        let projection = camera.project(viewport(), EXTENT);
        let there = Point::new(190.0, 140.0);
        let before = projection.to_screen(there);
        camera.pan(vec2(30.0, -12.0), &projection);
        let after = camera.project(viewport(), EXTENT).to_screen(there);
        assert!((after - before - vec2(30.0, -12.0)).length() < 1e-2);
    }

    #[test]
    fn the_way_to_the_screen_and_back_is_exact() {
        let there = Point::new(111.25, 222.5);
        for turn in turn::ALL {
            let mut camera = Camera { fitted: false, zoom: 0.37, center: Point::new(12.0, 34.0), turn };
            let projection = camera.project(viewport(), EXTENT);
            assert!(projection.to_image(projection.to_screen(there)).distance(there) < 1e-3);
        }
    }

    #[test]
    fn a_turned_film_is_whole_and_sideways() {
        let mut camera = Camera::default();
        camera.set_turn(Turn::default().right());
        let film = camera.project(viewport(), EXTENT).film();
        assert!(viewport().contains_rect(film));
        assert!((film.height() / film.width() - 400.0 / 450.0).abs() < 1e-3);
    }

    #[test]
    fn a_linked_camera_shows_the_same_part_of_a_film_of_another_size() {
        let mut camera =
            Camera { fitted: false, zoom: 6.0, center: Point::new(100.0, 50.0), ..Camera::default() };
        camera.project(viewport(), EXTENT);
        let other = Extent { rows: 599, columns: 799, aspect: 1.5 };
        let mut linked = Camera::default();
        linked.follow(camera.stand(viewport(), EXTENT), viewport(), other);
        let middle = linked.project(viewport(), other).to_image(viewport().center());
        assert!(middle.distance(Point::new(200.0, 100.0)) < 0.3, "{middle:?}");
        assert!((linked.zoom() - 3.0).abs() < 0.02, "{}", linked.zoom());
        linked.follow(Stand::Fitted, viewport(), other);
        assert_eq!(linked.stand(viewport(), other), Stand::Fitted);
    }
}
