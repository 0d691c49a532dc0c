//! The end of a reading: what the reader says of the case, who signs it, and how a signature is taken back.

use super::findings::section;
use super::toolbar::{Label as On, action_button};
use crate::library::Preferences;
use crate::study::{ReviewAct, ReviewStatus, Study};
use crate::ui::action::Action;
use crate::ui::film::State;
use crate::ui::intent::Intent;
use crate::ui::lang::tr;
use crate::ui::terms;
use crate::ui::theme;
use egui::{Align, Button, Id, Label, Role, TextEdit, Ui, WidgetInfo};

pub fn show(ui: &mut Ui, study: &Study, kept: bool, preferences: &Preferences, intents: &mut Vec<Intent>) {
    section(ui, tr!("review.title"));
    let status = State::from(study.status()).text();
    let review = study.review();
    let last = review.signed.as_ref().or(review.finished.as_ref()).or(review.begun.as_ref());
    let words = match last {
        Some(stamp) => tr!("review.status_by", status = status, stamp = terms::stamp(stamp)),
        None => tr!("review.status", status = status),
    };
    ui.add(Label::new(theme::small(ui, words)).wrap());
    let may_change = study.may_change().is_ok();
    comment(ui, study, may_change, intents);
    if preferences.user.trim().is_empty() {
        name(ui, preferences, intents);
    }
    if review.signed.is_some() {
        unlock(ui, intents);
    } else {
        ui.horizontal_wrapped(|ui| {
            let finished = study.status() == ReviewStatus::Corrected;
            let (act, words) = if finished {
                (ReviewAct::Resume, tr!("review.resume"))
            } else {
                (ReviewAct::Finish, tr!("review.finish"))
            };
            let read = study.status() != ReviewStatus::New;
            if ui.add_enabled(may_change && read, Button::new(words)).clicked() {
                intents.push(Intent::Review(act));
            }
            let can = may_change && read;
            if action_button(ui, Action::SignOff, On::Text, can, false).clicked() {
                intents.push(Intent::Do(Action::SignOff));
            }
        });
    }
    if kept && action_button(ui, Action::Audit, On::Text, true, false).clicked() {
        intents.push(Intent::Do(Action::Audit));
    }
    if kept && action_button(ui, Action::Versions, On::Text, true, false).clicked() {
        intents.push(Intent::Do(Action::Versions));
    }
}

/// Taken when the field is left: one step a thought, not one a letter.
fn comment(ui: &mut Ui, study: &Study, may_change: bool, intents: &mut Vec<Intent>) {
    let said = &study.annotations().comment;
    let key = Id::unique(("comment", &study.source().path, study.source().frame));
    let mut typed = ui.data(|data| data.get_temp::<String>(key)).unwrap_or_else(|| said.clone());
    let field = TextEdit::multiline(&mut typed).desired_rows(2).desired_width(f32::INFINITY);
    let response = ui.add_enabled(may_change, field.hint_text(tr!("review.comment_hint")));
    response.widget_info(|| WidgetInfo::labeled(Role::MultilineTextInput, may_change, tr!("review.comment")));
    if response.has_focus() || response.changed() && !response.lost_focus() {
        ui.data_mut(|data| data.insert_temp(key, typed.clone()));
    }
    if response.lost_focus() {
        ui.data_mut(|data| data.remove::<String>(key));
        if typed.trim() != said.trim() {
            intents.push(Intent::Comment(typed));
        }
    }
}

/// Where a name is typed, for whoever needs one.
pub fn name_field() -> Id {
    Id::unique("field of the user's name")
}

/// Asked once: the name stands on every step from then on.
fn name(ui: &mut Ui, preferences: &Preferences, intents: &mut Vec<Intent>) {
    let key = Id::unique("name of the user");
    let mut typed = ui.data(|data| data.get_temp::<String>(key)).unwrap_or_default();
    ui.add(Label::new(theme::small(ui, tr!("review.who"))).wrap());
    ui.horizontal(|ui| {
        let field = ui.add(TextEdit::singleline(&mut typed).id(name_field()).desired_width(180.0));
        if field.gained_focus() {
            field.scroll_to_me(Some(Align::Center));
        }
        field.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, tr!("review.name")));
        let enter = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        let named = !typed.trim().is_empty();
        let taken = ui.add_enabled(named, Button::new(tr!("review.take_name"))).clicked();
        if (enter || taken) && named {
            let user = typed.trim().to_owned();
            intents.push(Intent::Prefer(Box::new(Preferences { user, ..preferences.clone() })));
        }
    });
    ui.data_mut(|data| data.insert_temp(key, typed));
}

/// A signature is taken back with a reason, which stays in the trail.
fn unlock(ui: &mut Ui, intents: &mut Vec<Intent>) {
    let key = Id::unique("reason of unlocking");
    let mut reason = ui.data(|data| data.get_temp::<String>(key)).unwrap_or_default();
    ui.horizontal(|ui| {
        let field = TextEdit::singleline(&mut reason).desired_width(190.0).hint_text(tr!("review.why_hint"));
        let field = ui.add(field);
        field.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, tr!("review.why")));
        let given = !reason.trim().is_empty();
        if ui.add_enabled(given, Button::new(tr!("review.unlock"))).clicked() {
            let reason = std::mem::take(&mut reason).trim().to_owned();
            intents.push(Intent::Review(ReviewAct::Unlock { reason }));
        }
    });
    ui.data_mut(|data| data.insert_temp(key, reason));
}
