//! What the tour shows: a list of scenes, each a list of steps.

use super::hand::MIDDLE;
use super::stage::{Adult, Stage};
use crate::library::Preferences;
use crate::measure::{LandmarkCode, LandmarkId, Side};
use crate::study::Study;
use crate::ui::action::Action;
use crate::ui::app::Workbench;
use crate::ui::canvas::curves::Chosen;
use crate::ui::films::{Analysis, Films};
use crate::ui::lang::Language;
use crate::ui::panels::worklist::Tab;
use egui::{Vec2, vec2};
use std::fmt;
use std::path::PathBuf;

/// One step. Those that name something wait until it is there.
pub enum Step {
    Do(Action),
    /// What the window's state alone can do or say; `false`: not yet.
    Call(Box<dyn Fn(&mut Workbench) -> bool>),
    /// Waits until something of these words is on the screen.
    See(String),
    /// The pointer goes there, so far off the middle.
    Hover(&'static str, Vec2),
    Click(&'static str),
    /// The pointer goes there and presses.
    Press(&'static str, Vec2),
    /// The pointer moves so far.
    Drag(Vec2),
    Release,
    Type(String),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Do(action) => write!(f, "the action {}", action.id()),
            Step::Call(_) => f.write_str("the state of the window"),
            Step::See(name) => write!(f, "{name:?}"),
            Step::Hover(name, _) | Step::Click(name) | Step::Press(name, _) => write!(f, "{name:?}"),
            Step::Drag(_) | Step::Release | Step::Type(_) => f.write_str("the hand"),
        }
    }
}

/// A picture to be taken.
pub struct Scene {
    pub name: &'static str,
    pub preferences: Preferences,
    pub paths: Vec<PathBuf>,
    /// A home that something has happened in; an empty one without.
    pub home: Option<PathBuf>,
    pub steps: Vec<Step>,
}

fn settled() -> Preferences {
    Preferences { user: "A. Reader".to_owned(), ..Preferences::default() }
}

fn scene(name: &'static str, paths: Vec<PathBuf>, steps: Vec<Step>) -> Scene {
    Scene { name, preferences: settled(), paths, home: None, steps }
}

fn study(workbench: &Workbench) -> Option<&Study> {
    workbench.films.current()?.study.as_ref()
}

/// Waits until that holds.
fn until(holds: impl Fn(&Workbench) -> bool + 'static) -> Step {
    Step::Call(Box::new(move |workbench| holds(workbench)))
}

/// Does something to the window's state, once.
fn set(deed: impl Fn(&mut Workbench) + 'static) -> Step {
    Step::Call(Box::new(move |workbench| {
        deed(workbench);
        true
    }))
}

fn read() -> Step {
    until(|workbench| study(workbench).is_some())
}

/// The network has read the film on the screen.
fn analysed() -> Vec<Step> {
    vec![
        read(),
        Step::Do(Action::Analyse),
        until(|workbench| study(workbench).is_some_and(|study| study.annotations().prediction.is_some())),
    ]
}

fn then(mut first: Vec<Step>, more: Vec<Step>) -> Vec<Step> {
    first.extend(more);
    first
}

/// All films are read, and the list of the queue is closed.
fn all_analysed(count: usize) -> Vec<Step> {
    vec![
        read(),
        Step::Do(Action::AnalyseAll),
        Step::See(format!("{count} of {count} analysed")),
        Step::Click("Close the list"),
    ]
}

/// What of the adult's truth is laid over the film, beside the points.
#[derive(PartialEq)]
enum Beside {
    Nothing,
    Masks,
    /// Outlines of the femur.
    Curves,
}

/// The adult's film with its truth as points, and masks or curves.
fn adult_read(adult: &Adult, beside: &Beside) -> Vec<Step> {
    let mut truth = adult.truth.clone();
    if *beside != Beside::Curves {
        truth.landmarks.polylines.clear();
    }
    let masks = adult.masks.clone().filter(|_| *beside == Beside::Masks);
    vec![
        read(),
        set(move |workbench| {
            workbench.edit(|study| {
                let generation = study.begin_analysis();
                study.apply_prediction(truth.clone(), generation)
            });
            if let Some(masks) = masks.clone() {
                workbench.edit(|study| {
                    let generation = study.begin_analysis();
                    study.apply_mask_prediction(masks, generation)
                });
            }
        }),
    ]
}

/// Every scene that the stage has the films for.
pub fn all(stage: &Stage) -> Vec<Scene> {
    let infant = || vec![stage.infant.clone()];
    let list = || vec![stage.list.clone()];
    let mut scenes = vec![
        scene("empty", Vec::new(), vec![read(), set(|workbench| workbench.films = Films::default())]),
        scene("unreadable", vec![stage.nothing.clone()], vec![until(|workbench| workbench.searching == 0)]),
        scene("measured", infant(), analysed()),
        scene("hover", infant(), then(analysed(), vec![Step::Hover("AI left", MIDDLE)])),
        scene("explained", infant(), then(analysed(), vec![Step::Click("AI left")])),
        scene(
            "magnifier",
            infant(),
            then(analysed(), vec![Step::Press("Point SMA left", MIDDLE), Step::Drag(vec2(-3.0, -7.0))]),
        ),
        scene(
            "worklist",
            list(),
            then(all_analysed(5), vec![set(|workbench| workbench.tab = Tab::Worklist)]),
        ),
        scene(
            "prior",
            vec![stage.pair.clone()],
            then(
                all_analysed(2),
                vec![
                    Step::Click("Study 2026-03.dcm"),
                    until(|workbench| {
                        let film = workbench.films.current();
                        film.is_some_and(|film| film.name() == "2026-03.dcm" && film.study.is_some())
                    }),
                    Step::Do(Action::Prior),
                    Step::See("Since ".to_owned()),
                ],
            ),
        ),
        scene(
            "palette",
            infant(),
            then(analysed(), vec![Step::Do(Action::Palette), Step::Type("cal".to_owned())]),
        ),
        scene("settings", infant(), then(analysed(), vec![Step::Do(Action::Settings)])),
        scene(
            "refused",
            vec![stage.mixed.join("unexposed.dcm")],
            vec![
                read(),
                Step::Do(Action::Analyse),
                until(|workbench| {
                    !workbench.is_analysing()
                        && workbench
                            .films
                            .current()
                            .is_some_and(|film| matches!(film.analysis, Analysis::Refused(_)))
                }),
            ],
        ),
        scene("withheld", vec![stage.list.join("novak.dcm")], analysed()),
        Scene {
            home: Some(stage.crashed.clone()),
            ..scene(
                "recovery",
                vec![stage.list.join("weber.dcm")],
                vec![read(), Step::See("was not closed".to_owned())],
            )
        },
        scene(
            "signed",
            infant(),
            then(
                analysed(),
                vec![
                    Step::Do(Action::SignOff),
                    Step::See("Signed off by".to_owned()),
                    until(|workbench| workbench.unconfirmed() == 0),
                ],
            ),
        ),
        scene(
            "batch",
            vec![stage.mixed.clone()],
            vec![read(), Step::Do(Action::AnalyseAll), Step::See("2 of 3 analysed".to_owned())],
        ),
        scene("trainee", infant(), trainee()),
        scene("scored", infant(), then(trainee(), vec![Step::Click("Compare with the network")])),
        scene(
            "versions",
            infant(),
            then(saved(), vec![Step::Do(Action::Versions), Step::See("Look at".to_owned())]),
        ),
        scene(
            "looking-back",
            infant(),
            then(
                saved(),
                vec![
                    Step::Do(Action::Versions),
                    Step::Click("Look at version 1"),
                    Step::See("to be read only".to_owned()),
                ],
            ),
        ),
        scene("norms", infant(), then(analysed(), vec![Step::Do(Action::Norms)])),
        scene("handbook", infant(), then(analysed(), vec![Step::Do(Action::Handbook)])),
        scene(
            "tags",
            infant(),
            then(analysed(), vec![Step::Do(Action::Tags), Step::See("0008,0016".to_owned())]),
        ),
        scene("histogram", infant(), then(analysed(), vec![Step::Do(Action::Histogram)])),
        scene(
            "audit",
            infant(),
            then(saved(), vec![Step::Do(Action::Audit), Step::See("move of".to_owned())]),
        ),
        scene("keys", infant(), then(analysed(), vec![Step::Do(Action::Keys)])),
        Scene {
            preferences: Preferences { light: true, ..settled() },
            ..scene("light", infant(), analysed())
        },
        Scene {
            preferences: Preferences { language: Language::German, ..settled() },
            ..scene("german", infant(), analysed())
        },
    ];
    if let Some(adult) = &stage.adult {
        let film = || vec![adult.film.clone()];
        scenes.push(scene("adult", film(), adult_read(adult, &Beside::Nothing)));
        scenes.push(scene("networks", film(), networks()));
        scenes.push(scene(
            "masks",
            film(),
            then(
                adult_read(adult, &Beside::Masks),
                vec![
                    Step::Do(Action::Brush),
                    Step::Press("Point FHC right", vec2(-60.0, 40.0)),
                    Step::Drag(vec2(-30.0, 45.0)),
                    Step::Release,
                ],
            ),
        ));
        scenes.push(scene(
            "curve",
            film(),
            then(
                adult_read(adult, &Beside::Curves),
                vec![set(|workbench| {
                    let id = LandmarkId::new(LandmarkCode::HNC, Side::Right);
                    workbench.canvas.curve = Some(Chosen { id, vertex: Some(5) });
                })],
            ),
        ));
    }
    scenes
}

/// A version was saved, and a point moved since.
fn saved() -> Vec<Step> {
    then(
        analysed(),
        vec![
            Step::Do(Action::SaveVersion),
            Step::See("Version 1 saved".to_owned()),
            Step::Press("Point SMA left", MIDDLE),
            Step::Drag(vec2(-3.0, -7.0)),
            Step::Release,
            until(|workbench| study(workbench).is_some_and(|study| !study.corrections().is_empty())),
        ],
    )
}

/// The installed networks have read points and masks.
fn networks() -> Vec<Step> {
    then(
        analysed(),
        vec![
            Step::Do(Action::PredictMasks),
            until(|workbench| {
                study(workbench).is_some_and(|study| study.annotations().mask_prediction.is_some())
            }),
        ],
    )
}

/// Four points placed blind, the fifth asked for.
fn trainee() -> Vec<Step> {
    let mut steps = then(analysed(), vec![Step::Do(Action::Trainee)]);
    for at in [vec2(-158.0, -44.0), vec2(-219.0, -79.0), vec2(-214.0, 12.0), vec2(-216.0, -24.0)] {
        steps.push(Step::Press("Film ", at));
        steps.push(Step::Release);
    }
    steps
}
