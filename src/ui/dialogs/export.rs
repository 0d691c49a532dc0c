//! What of a film leaves, as which files, whose and where; and what was found when each was read back before it left.

use crate::datasets::Format;
use crate::export::SendCheck;
use crate::export::delivery::{Order, UNNAMED};
use crate::export::dicom::ObjectKind;
use crate::export::pdf::Paper;
use crate::export::target::{Options, Target};
use crate::job::{Job, Progress};
use crate::ui::app::Workbench;
use crate::ui::dialogs::has_file_dialogs;
use crate::ui::film::Film;
use crate::ui::handing_over::{self, Privacy, Told};
use crate::ui::intent::Intent;
use crate::ui::jobs::{FilmId, Jobs};
use crate::ui::lang::{self, tr};
use crate::ui::theme::{self, size};
use egui::{
    Align2, Button, CollapsingHeader, Grid, Label, ProgressBar, RichText, Role, ScrollArea, TextEdit, Ui,
    WidgetInfo, Window,
};
use std::path::{Path, PathBuf};

const WIDTH: f32 = 760.0;

/// Targets as a person thinks of them, each column under its heading.
const COLUMNS: [(&str, &[Target]); 4] = [
    ("export.pages", &[Target::Pdf, Target::Dicom(ObjectKind::Pdf), Target::Png]),
    (
        "export.objects",
        &[
            Target::Dicom(ObjectKind::Report),
            Target::Dicom(ObjectKind::Segmentation),
            Target::Dicom(ObjectKind::LabelMap),
            Target::Dicom(ObjectKind::PresentationState),
            Target::Dicom(ObjectKind::KeyObject),
        ],
    ),
    ("export.numbers", &[Target::Csv, Target::Parquet, Target::Json, Target::Bundle]),
    (
        "export.sets",
        &[
            Target::DataSet(Format::Coco),
            Target::DataSet(Format::Yolo),
            Target::DataSet(Format::NnUnet),
            Target::DataSet(Format::Labelme),
            Target::DataSet(Format::Csv),
        ],
    ),
];

/// One file of the last run.
#[derive(Debug)]
pub struct Row {
    /// Of the target, as the audit trail has it.
    pub name: &'static str,
    path: PathBuf,
    pub outcome: Result<SendCheck, String>,
}

/// What is ticked and typed, and how the last run went.
#[derive(Debug, Default)]
pub struct ExportState {
    pub open: bool,
    film: Option<FilmId>,
    ticked: Vec<Target>,
    /// Data sets are of every film that a person worked on.
    of_all: bool,
    privacy: Privacy,
    folder: String,
    name: String,
    /// The film's own name, which may be the patient's.
    own_name: String,
    options: Options,
    run: u64,
    going: Option<(JobHandle, Progress)>,
    rows: Vec<Row>,
    /// Why the run ended before its time.
    broken: Option<String>,
}

/// A job has no words of its own.
struct JobHandle(Job);

impl std::fmt::Debug for JobHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("job")
    }
}

impl ExportState {
    pub fn film(&self) -> Option<FilmId> {
        self.film
    }

    /// Whether data sets are to hold every film of the window that a person worked on.
    pub fn of_all(&self) -> bool {
        self.of_all
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Opens on a film; what was ticked stays ticked.
    pub fn open_on(&mut self, film: FilmId, folder: PathBuf, name: String) {
        self.open = true;
        if self.film == Some(film) {
            return;
        }
        self.cancel();
        if self.film.is_none() {
            self.ticked = vec![Target::Pdf, Target::Dicom(ObjectKind::Report)];
        }
        self.film = Some(film);
        self.folder = folder.display().to_string();
        self.own_name.clone_from(&name);
        self.name = if self.privacy == Privacy::Named { name } else { UNNAMED.to_owned() };
        self.rows.clear();
        self.broken = None;
    }

    pub fn next_run(&mut self) -> u64 {
        self.run += 1;
        self.run
    }

    pub fn begin(&mut self, job: Job) {
        self.rows.clear();
        self.broken = None;
        let progress = Progress { stage: tr!("news.starting").to_owned(), fraction: 0.0 };
        self.going = Some((JobHandle(job), progress));
    }

    pub fn cancel(&mut self) {
        if let Some((job, _)) = &self.going {
            job.0.cancel();
        }
    }

    /// `false` where the news is of a run before.
    pub fn take_in(&mut self, run: u64, told: Told) -> bool {
        if run != self.run {
            return false;
        }
        match told {
            Told::Folder(folder) => self.folder = folder.display().to_string(),
            Told::Progress(news) => {
                if let Some((_, progress)) = &mut self.going {
                    *progress = news;
                }
            }
            Told::One(one) => self.rows.push(Row {
                name: one.target.map_or("film", Target::name),
                path: one.path,
                outcome: one.outcome.map_err(|error| error.to_string()),
            }),
            Told::End(end) => {
                self.going = None;
                self.broken = end.err();
            }
        }
        true
    }

    /// How many were written, and how many not.
    pub fn counts(&self) -> (usize, usize) {
        let written = self.rows.iter().filter(|row| row.outcome.is_ok()).count();
        (written, self.rows.len() - written)
    }

    /// Why nothing can be exported as it stands.
    fn objection(&self, wanted: &[Target]) -> Option<&'static str> {
        let folder = Path::new(self.folder.trim());
        if wanted.is_empty() {
            Some(tr!("export.nothing"))
        } else if self.folder.trim().is_empty() {
            Some(tr!("export.no_folder"))
        } else if folder.exists() && !folder.is_dir() {
            Some(tr!("export.no_such_folder"))
        } else if self.name.trim().is_empty() || self.name.contains(['/', '\\']) {
            Some(tr!("export.no_name"))
        } else {
            None
        }
    }
}

/// Why a target cannot be made of the film as it stands.
fn missing(film: &Film, target: Target) -> Option<&'static str> {
    let masks = film.study.as_ref().is_some_and(|study| study.annotations().mask.is_some());
    let dicom = film.opened().is_some_and(|opened| opened.radiograph.identity.sop_instance_uid.is_some());
    match target {
        Target::Dicom(_) if !dicom || film.path().is_none() => Some(tr!("export.no_dicom")),
        target if target.needs_masks() && !masks => Some(tr!("export.no_masks")),
        _ => None,
    }
}

fn words(target: Target, help: bool) -> &'static str {
    let key = format!("target.{}{}", target.name(), if help { "_help" } else { "" });
    lang::find(&key).unwrap_or(target.words())
}

pub fn show(ui: &mut Ui, workbench: &mut Workbench, intents: &mut Vec<Intent>) {
    let (jobs, state) = (&workbench.jobs, &mut workbench.dialogs.export);
    let film = state.film.and_then(|id| workbench.films.get(id)).filter(|_| state.open);
    let Some(film) = film else { return };
    let films_worked_on = workbench.films.iter().filter(|film| handing_over::is_worked_on(film)).count();
    let mut open = true;
    let window = Window::new(tr!("action.ExportAs")).open(&mut open).collapsible(false).resizable(false);
    window.anchor(Align2::CENTER_CENTER, [0.0, 0.0]).show(ui.ctx(), |ui| {
        ui.set_width(WIDTH);
        ui.add(Label::new(theme::small(ui, film.name())));
        ui.add_space(6.0);
        ui.add_enabled_ui(state.going.is_none(), |ui| {
            columns(ui, state, film);
            whole_set(ui, state, films_worked_on);
            ui.add_space(10.0);
            ui.separator();
            privacy(ui, state);
            ui.add_space(6.0);
            place(ui, state, jobs);
        });
        ui.add_space(8.0);
        run(ui, state, film, intents);
        results(ui, state);
    });
    let state = &mut workbench.dialogs.export;
    state.open &= open;
}

fn columns(ui: &mut Ui, state: &mut ExportState, film: &Film) {
    ui.columns(COLUMNS.len(), |columns| {
        for (ui, (heading, targets)) in columns.iter_mut().zip(COLUMNS) {
            ui.label(theme::bold(lang::word(heading), size::TEXT).color(theme::palette(ui).accent));
            for target in targets {
                let why = missing(film, *target);
                let mut on = why.is_none() && state.ticked.contains(target);
                let tick = ui.add_enabled(why.is_none(), egui::Checkbox::new(&mut on, words(*target, false)));
                let tick = tick.on_hover_text(words(*target, true));
                if let Some(why) = why {
                    tick.on_disabled_hover_text(format!("{}\n{why}", words(*target, true)));
                } else if tick.changed() {
                    state.ticked.retain(|ticked| ticked != target);
                    state.ticked.extend(on.then_some(*target));
                }
            }
        }
    });
}

/// One data set of many films: how corrections become training.
fn whole_set(ui: &mut Ui, state: &mut ExportState, films: usize) {
    let sets = |target: &Target| matches!(target, Target::DataSet(_));
    state.of_all &= films > 1;
    if films > 1 && state.ticked.iter().any(sets) {
        ui.add_space(6.0);
        ui.checkbox(&mut state.of_all, tr!("export.of_all", count = films))
            .on_hover_text(tr!("export.of_all_help"));
    }
}

fn privacy(ui: &mut Ui, state: &mut ExportState) {
    let before = state.privacy;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 16.0;
        for (privacy, words, help) in [
            (Privacy::Named, tr!("export.named"), tr!("export.named_help")),
            (Privacy::KeepCharacteristics, tr!("export.characteristics"), tr!("export.removed_help")),
            (Privacy::Removed, tr!("export.removed"), tr!("export.removed_help")),
        ] {
            ui.radio_value(&mut state.privacy, privacy, words).on_hover_text(help);
        }
    });
    // The film's name may be the patient's.
    let own = |privacy: Privacy| if privacy == Privacy::Named { &*state.own_name } else { UNNAMED };
    if before != state.privacy && state.name == own(before) {
        state.name = own(state.privacy).to_owned();
    }
}

fn place(ui: &mut Ui, state: &mut ExportState, jobs: &Jobs) {
    Grid::new("place").num_columns(2).spacing([14.0, 6.0]).show(ui, |ui| {
        ui.label(tr!("export.folder"));
        ui.horizontal(|ui| {
            let portal = has_file_dialogs();
            let width = if portal { 500.0 } else { 600.0 };
            let edit = ui.add(TextEdit::singleline(&mut state.folder).desired_width(width));
            edit.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, tr!("export.folder")));
            if portal && ui.button(tr!("export.browse")).clicked() {
                jobs.ask_folder(state.run, PathBuf::from(state.folder.trim()));
            }
        });
        ui.end_row();
        ui.label(tr!("export.name"));
        let edit = ui.add(TextEdit::singleline(&mut state.name).desired_width(260.0));
        edit.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, tr!("export.name")));
        ui.end_row();
        let ticked = |target: Target| state.ticked.contains(&target);
        let (paged, bundled) =
            (ticked(Target::Pdf) || ticked(Target::Dicom(ObjectKind::Pdf)), ticked(Target::Bundle));
        ui.label(tr!("export.options"));
        ui.horizontal(|ui| {
            if paged {
                ui.radio_value(&mut state.options.paper, Paper::A4, tr!("export.a4"));
                ui.radio_value(&mut state.options.paper, Paper::Letter, tr!("export.letter"));
                ui.add_space(12.0);
            }
            if bundled {
                ui.checkbox(&mut state.options.film_in_bundle, tr!("export.film_in_bundle"))
                    .on_hover_text(tr!("export.film_in_bundle_help"));
                ui.add_space(12.0);
            }
            ui.checkbox(&mut state.options.overwrite, tr!("export.overwrite"))
                .on_hover_text(tr!("export.overwrite_help"));
        });
        ui.end_row();
    });
}

fn run(ui: &mut Ui, state: &mut ExportState, film: &Film, intents: &mut Vec<Intent>) {
    if let Some((job, progress)) = &state.going {
        ui.horizontal(|ui| {
            if ui.button(tr!("export.stop")).clicked() {
                job.0.cancel();
            }
            ui.add(ProgressBar::new(progress.fraction).text(progress.stage.as_str()));
        });
        return;
    }
    let all = COLUMNS.iter().flat_map(|(_, targets)| *targets).copied();
    let wanted: Vec<Target> =
        all.filter(|target| state.ticked.contains(target) && missing(film, *target).is_none()).collect();
    let objection = state.objection(&wanted);
    ui.horizontal(|ui| {
        let words = tr!("export.go", count = wanted.len());
        let go = ui.add_enabled(objection.is_none(), Button::new(theme::bold(words, size::TEXT)));
        if let (true, Some(id)) = (go.clicked(), state.film) {
            let order = Order {
                targets: wanted,
                folder: PathBuf::from(state.folder.trim()),
                name: state.name.trim().to_owned(),
                deidentify: None,
                options: state.options.clone(),
            };
            intents.push(Intent::HandOver(id, Box::new(order), state.privacy));
        }
        ui.add(Label::new(theme::small(ui, objection.unwrap_or_default())));
    });
}

/// What became of each file, and what its receiver will see.
fn results(ui: &mut Ui, state: &ExportState) {
    let palette = theme::palette(ui);
    if state.rows.is_empty() && state.broken.is_none() {
        return;
    }
    ui.add_space(6.0);
    ui.separator();
    if let Some(reason) = &state.broken {
        ui.add(Label::new(RichText::new(tr!("export.broken", reason = reason)).color(palette.alert)).wrap());
    }
    let height = (ui.ctx().content_rect().height() - 460.0).max(120.0);
    let area = ScrollArea::vertical().max_height(height).min_scrolled_height(height);
    area.auto_shrink([false, true]).show(ui, |ui| {
        for row in &state.rows {
            let file = row.path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
            match &row.outcome {
                Err(reason) => {
                    let words = tr!("export.failed", file = file, reason = reason);
                    ui.add(Label::new(RichText::new(words).color(palette.alert)).wrap());
                }
                Ok(check) => {
                    let title = tr!("export.sound", file = file, count = check.checks.len());
                    let header = CollapsingHeader::new(RichText::new(title).color(palette.good));
                    header.id_salt(&row.path).show(ui, |ui| seen(ui, check));
                }
            }
        }
    });
}

fn seen(ui: &mut Ui, check: &SendCheck) {
    for line in &check.checks {
        ui.add(Label::new(theme::small(ui, tr!("export.checked", what = line.what))).wrap());
    }
    ui.label(tr!("export.receiver"));
    for line in &check.receiver {
        ui.add(Label::new(theme::small(ui, line)).wrap());
    }
}
