//! The handbook inside the window: its chapters are part of the program, so they need neither network nor browser.

use crate::export::handbook::{self, Page};
use crate::models::{catalogue, installed};
use crate::ui::app::Workbench;
use crate::ui::lang::tr;
use crate::ui::markdown::{self, Block};
use crate::ui::theme;
use egui::{Frame, Label, Margin, Panel, RichText, ScrollArea, Ui, Window, vec2};

/// The page that is open, and the way back.
#[derive(Debug, Default)]
pub struct HandbookState {
    pages: Vec<(Page, Vec<Block>)>,
    at: usize,
    /// The heading to be scrolled to, for a frame.
    to: Option<String>,
    past: Vec<usize>,
}

impl HandbookState {
    /// Opened at a page, or at `page#heading`.
    pub fn at(link: &str) -> Self {
        let installed = installed::all().into_iter().filter_map(Result::ok);
        let plans: Vec<_> = catalogue().iter().cloned().chain(installed).map(|model| model.plan).collect();
        let pages = handbook::pages(&plans).into_iter().map(|page| {
            let blocks = markdown::parse(&page.text);
            (page, blocks)
        });
        let mut state = Self { pages: pages.collect(), ..Self::default() };
        state.follow(link);
        state.past.clear();
        state
    }

    /// Goes where a link of a page leads; one to the outside goes nowhere.
    fn follow(&mut self, link: &str) {
        let (page, heading) = link.split_once('#').unwrap_or((link, ""));
        let name = page.strip_suffix(".html").unwrap_or(page);
        let found = self.pages.iter().position(|(page, _)| page.name == name);
        let Some(at) = found.or_else(|| name.is_empty().then_some(self.at)) else { return };
        self.past.push(self.at);
        self.at = at;
        self.to = (!heading.is_empty()).then(|| heading.to_owned());
    }
}

pub fn show(ui: &mut Ui, workbench: &mut Workbench) {
    let Some(mut state) = workbench.dialogs.handbook.take() else { return };
    let mut open = true;
    let room = ui.ctx().content_rect();
    let window = Window::new(tr!("action.Handbook")).open(&mut open).collapsible(false);
    let window =
        window.default_size(vec2(880.0, 0.78 * room.height())).default_pos(room.min + vec2(200.0, 60.0));
    window.show(ui.ctx(), |ui| {
        Panel::left("chapters").exact_size(190.0).resizable(false).show(ui, |ui| {
            ui.add_enabled_ui(!state.past.is_empty(), |ui| {
                if ui.button(tr!("handbook.back")).clicked() {
                    state.at = state.past.pop().unwrap_or(state.at);
                }
            });
            ui.add_space(4.0);
            let mut chosen = None;
            for (index, (page, _)) in state.pages.iter().enumerate() {
                if ui.selectable_label(index == state.at, &page.title).clicked() {
                    chosen = Some(page.name);
                }
            }
            if let Some(name) = chosen {
                state.follow(name);
            }
            ui.add_space(8.0);
            ui.add(Label::new(theme::small(ui, tr!("handbook.pictures"))).wrap());
        });
        let to = state.to.take();
        let Some((page, blocks)) = state.pages.get(state.at) else { return };
        // Each page remembers where it was read.
        let followed = ScrollArea::vertical().id_salt(page.name).auto_shrink(false).show(ui, |ui| {
            // As long as lines are read well.
            ui.set_max_width(660.0);
            let margin = Frame::new().inner_margin(Margin { left: 14, ..Margin::ZERO });
            let read = margin.show(ui, |ui| {
                let followed = markdown::show(ui, blocks, to.as_deref());
                ui.add_space(12.0);
                ui.label(RichText::new(tr!("research_use")).size(theme::size::SMALL));
                followed
            });
            read.inner
        });
        if let Some(link) = followed.inner {
            state.follow(&link);
        }
    });
    workbench.dialogs.handbook = open.then_some(state);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_from_page_to_page_and_to_a_measurement() {
        let mut state = HandbookState::at("index");
        assert_eq!(state.at, 0);
        assert!(state.pages.iter().all(|(page, blocks)| !blocks.is_empty() && !page.title.is_empty()));
        state.follow("measurements.html#AI");
        let (page, blocks) = &state.pages[state.at];
        assert_eq!((page.name, state.to.as_deref()), ("measurements", Some("AI")));
        assert!(blocks.iter().any(|block| matches!(block, Block::Heading(_, Some(name), _) if name == "AI")));
        let at = state.at;
        state.follow("#LCE");
        assert_eq!((state.at, state.to.as_deref()), (at, Some("LCE")));
        state.follow("https://somewhere.invalid");
        assert_eq!(state.at, at);
        assert_eq!(state.past, [0, at]);
    }
}
