//! What a person does to masks and curves.

use super::action::Action;
use super::app::{Notice, Workbench};
use super::canvas::Tool;
use super::canvas::curves::Chosen;
use super::films::Analysis;
use super::intent::Intent;
use super::jobs::FilmId;
use super::lang::tr;
use super::services::AnalysisError;
use crate::job::Progress;
use crate::measure::LandmarkId;
use crate::study::mask::{Over, Paint};
use crate::study::{MaskPrediction, Refused, Study, Visibility};
use std::sync::Arc;

/// Half the window of the smoothing of a mask, pixels.
const MASK_ROUNDING: usize = 3;
/// Rounds of the smoothing of a curve.
const CURVE_ROUNDS: usize = 2;

impl Workbench {
    pub(super) fn act_on_drawing(&mut self, action: Action) {
        let label = self.canvas.masks.label;
        match action {
            Action::Brush => self.paint_with(Tool::Brush),
            Action::Eraser => self.paint_with(Tool::Eraser),
            Action::MaskPolygon => self.paint_with(Tool::Polygon),
            Action::MaskFill => self.paint_with(Tool::Fill),
            Action::BrushSmaller => self.canvas.masks.resize(-1),
            Action::BrushLarger => self.canvas.masks.resize(1),
            Action::ToggleMasks => self.canvas.masks.shown ^= true,
            Action::SmoothMask => self.edit(|study| study.smooth_mask(label, MASK_ROUNDING)),
            Action::ClearMask => self.edit(|study| study.clear_label(label)),
            Action::AcceptMask => self.edit(|study| study.accept_predicted_mask(Some(label))),
            Action::PredictMasks => self.predict_masks(),
            Action::DrawCurve => {
                let drawing = self.canvas.tool == Tool::Curve;
                self.canvas.take(if drawing { Tool::Hand } else { Tool::Curve });
            }
            Action::SmoothCurve => self.on_curve(|study, id| study.smooth_curve(id, CURVE_ROUNDS)),
            Action::ResetCurve => self.on_curve(Study::reset_curve),
            Action::DeleteChosen => self.delete_chosen(),
            Action::MarkOccluded => self.on_selected(|study, id| {
                let hidden = study.visibility(id) == Some(Visibility::Occluded);
                study.set_visibility(id, if hidden { Visibility::Visible } else { Visibility::Occluded })
            }),
            Action::Snap => self.canvas.snap ^= true,
            _ => {}
        }
    }

    /// Whether what the action switches is on.
    pub(super) fn draws_with(&self, action: Action) -> bool {
        let tool = self.canvas.tool;
        match action {
            Action::Brush => tool == Tool::Brush,
            Action::Eraser => tool == Tool::Eraser,
            Action::MaskPolygon => tool == Tool::Polygon,
            Action::MaskFill => tool == Tool::Fill,
            Action::DrawCurve => tool == Tool::Curve,
            Action::ToggleMasks => self.canvas.masks.shown,
            Action::Snap => self.canvas.snap,
            Action::MarkOccluded => self
                .study()
                .zip(self.canvas.selected.as_ref())
                .is_some_and(|(study, id)| study.visibility(id) == Some(Visibility::Occluded)),
            _ => false,
        }
    }

    /// Whether the action would do something on a film that is there.
    pub(super) fn can_draw(&self, action: Action) -> bool {
        let Some(study) = self.study() else { return false };
        let chosen = self.canvas.curve.as_ref();
        let line = chosen.and_then(|chosen| study.curve(&chosen.id));
        match action {
            // Who places points by himself must not see what others drew, nor draw beside it.
            _ if self.exercises() => false,
            Action::SmoothMask | Action::ClearMask => self.canvas.mask_area(self.canvas.masks.label) > 0,
            Action::AcceptMask => study.annotations().mask_prediction.is_some(),
            Action::PredictMasks => !self.is_analysing(),
            Action::DrawCurve => chosen.is_some(),
            Action::SmoothCurve => line.is_some(),
            Action::DeleteChosen => {
                let figure = self.canvas.figure.is_some_and(|(id, _)| study.free_value(id).is_some());
                figure || line.is_some() && chosen.is_some_and(|chosen| chosen.vertex.is_some())
            }
            Action::ResetCurve => {
                chosen.is_some_and(|chosen| line != study.annotations().predicted_curve(&chosen.id))
            }
            Action::MarkOccluded => self.canvas.selected.is_some(),
            _ => true,
        }
    }

    /// Whether the chosen curve has a fellow on the other side, and the pelvis a midline.
    pub(super) fn can_mirror_curve(&self) -> bool {
        let other = |id: &LandmarkId| Some(LandmarkId::new(id.code.clone(), id.side?.opposite()));
        let chosen = self.canvas.curve.as_ref().and_then(|chosen| other(&chosen.id));
        self.study().zip(chosen).is_some_and(|(study, other)| study.curve(&other).is_some())
    }

    /// What the hand on the film asks for.
    pub(super) fn draw_by(&mut self, intent: Intent) {
        match intent {
            Intent::Choose(chosen) => {
                if chosen.is_some() {
                    self.canvas.selected = None;
                }
                self.canvas.curve = chosen;
                self.canvas.figure = None;
            }
            Intent::ChooseFigure(point) => {
                self.canvas.selected = None;
                self.canvas.curve = None;
                self.canvas.figure = point;
            }
            Intent::BeginSlide(id, index, reach) => self.edit(|study| study.begin_slide(&id, index, reach)),
            Intent::InsertVertex(at) => self.on_curve(|study, id| study.insert_vertex(id, at)),
            Intent::BeginRadius(id) => self.edit(|study| study.begin_radius(&id)),
            Intent::BeginStroke(brush, at) => self.edit(|study| study.begin_stroke(brush, at)),
            Intent::Fill(at) => {
                let label = self.canvas.masks.label;
                self.edit(|study| study.flood_fill(at, label));
            }
            Intent::FinishOutline => self.finish_outline(),
            _ => {}
        }
    }

    fn study(&self) -> Option<&Study> {
        self.films.current()?.study.as_ref()
    }

    /// Takes up a tool of masks, or lays it down; what is painted must be seen.
    fn paint_with(&mut self, tool: Tool) {
        let same = self.canvas.tool == tool;
        self.canvas.take(if same { Tool::Hand } else { tool });
        // Another film may have other structures.
        let structures = self.study().map(Study::structures).unwrap_or_default();
        let label = self.canvas.masks.label;
        let known = structures.iter().find(|structure| structure.value == label);
        if let Some(structure) = known.or(structures.first()) {
            self.canvas.masks.choose(structure.value);
        }
    }

    fn finish_outline(&mut self) {
        let outline = std::mem::take(&mut self.canvas.draft.figure);
        match (self.canvas.tool, self.canvas.curve.as_ref().map(|chosen| chosen.id.clone())) {
            (Tool::Polygon, _) if outline.len() > 2 => {
                let paint = Paint { label: self.canvas.masks.label, over: Over::Anything };
                self.edit(|study| study.fill_polygon(&outline, paint));
            }
            (Tool::Curve, Some(id)) if outline.len() > 1 => {
                self.edit(|study| study.draw_curve(&id, Some(outline)));
                self.canvas.take(Tool::Hand);
            }
            _ => {}
        }
    }

    /// Changes the chosen curve; the chosen vertex may be another then.
    pub(super) fn on_curve(&mut self, change: impl FnOnce(&mut Study, &LandmarkId) -> Result<bool, Refused>) {
        let Some(Chosen { id, .. }) = self.canvas.curve.clone() else { return };
        self.canvas.release();
        self.edit(|study| change(study, &id));
        self.canvas.curve = Some(Chosen { id, vertex: None });
    }

    fn delete_chosen(&mut self) {
        if let Some((id, _)) = self.canvas.figure.take() {
            self.canvas.release();
            self.edit(|study| study.remove_free(id));
        } else if let Some(index) = self.canvas.curve.as_ref().and_then(|chosen| chosen.vertex) {
            self.on_curve(|study, id| study.delete_vertex(id, index));
        }
    }

    fn predict_masks(&mut self) {
        if self.services.mask_model().is_none() {
            self.notice = Some(Notice::Bad(tr!("news.no_mask_model").to_owned()));
            return;
        }
        let Some(film) = self.films.current_mut() else { return };
        let Some(radiograph) = film.opened().map(|opened| Arc::clone(&opened.radiograph)) else { return };
        let Some(study) = &mut film.study else { return };
        let generation = study.begin_analysis();
        let job = self.jobs.segment(film.id, generation, radiograph);
        let progress = Progress { stage: tr!("news.starting").to_owned(), fraction: 0.0 };
        film.analysis = Analysis::Running { generation, job, progress };
        self.notice = None;
    }

    pub(super) fn segmented(
        &mut self,
        id: FilmId,
        generation: u64,
        result: Result<MaskPrediction, AnalysisError>,
    ) {
        let Some(film) = self.films.get_mut(id) else { return };
        if !matches!(film.analysis, Analysis::Running { generation: running, .. } if running == generation) {
            return;
        }
        film.analysis = Analysis::None;
        let Some(study) = film.today_mut() else { return };
        let outcome = match result {
            Ok(prediction) => {
                study.apply_mask_prediction(prediction, generation).map_err(|refused| refused.to_string())
            }
            Err(AnalysisError::Cancelled) => Ok(false),
            Err(AnalysisError::Refused(reason) | AnalysisError::Failed(reason)) => Err(reason),
        };
        match outcome {
            Ok(_) => self.canvas.masks.shown = true,
            Err(reason) => self.notice = Some(Notice::Bad(tr!("news.no_masks", reason = reason))),
        }
    }
}
