//! Models that somebody trained: a plan with its weights beside it, in the user's folder or anywhere else.

use super::ModelError;
use super::catalogue::{ModelCard, catalogue};
use super::plan::Plan;
use super::predictor::hex;
use super::view::{self, View};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

/// Environment variable that names the folder of installed models in the place of the user's own.
pub const FOLDER_VARIABLE: &str = "COXA_MODELS";

/// Where models are installed; `None` where the system knows no home.
pub fn folder() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os(FOLDER_VARIABLE).filter(|value| !value.is_empty()) {
        return Some(folder.into());
    }
    let folders = directories::ProjectDirs::from("", "", "coxa")?;
    Some(folders.data_dir().join("models"))
}

/// Where the networks lie that come with the program but not inside it: below the prefix that it is installed in,
/// beside it in a bundle, or in the checkout that cargo runs it from.
pub fn shipped_folder() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let beside = program.parent()?;
    let places = ["../share/coxa/models", "models", "../Resources/models"].map(|place| beside.join(place));
    let checkout = std::env::var_os("CARGO_MANIFEST_DIR").map(|folder| Path::new(&folder).join("weights"));
    places.into_iter().chain(checkout).find(|place| place.is_dir())
}

/// The folders that models are looked for in, the user's own first.
pub fn folders() -> Vec<PathBuf> {
    folder().into_iter().chain(shipped_folder()).collect()
}

/// Every model that is not inside the program, or why it cannot be used; the first of an id hides the later ones.
pub fn all() -> Vec<Result<ModelCard, ModelError>> {
    let mut known: Vec<String> = catalogue().iter().map(|card| card.id().to_owned()).collect();
    let mut models = folders().iter().flat_map(|folder| list(folder)).collect::<Vec<_>>();
    models.retain(|model| match model {
        Ok(card) if known.iter().any(|id| id == card.id()) => false,
        Ok(card) => {
            known.push(card.id().to_owned());
            true
        }
        Err(_) => true,
    });
    models
}

/// The model at `path`: its plan, its weights, or a folder that holds one plan.
///
/// # Errors
/// Files that are missing, unreadable or do not belong together, with the path.
pub fn read(path: &Path) -> Result<ModelCard, ModelError> {
    let file =
        |path: &Path, error: io::Error| ModelError::File { path: path.to_owned(), reason: error.to_string() };
    let plan_path = if path.is_dir() { plan_in(path)? } else { path.with_extension("toml") };
    let text = std::fs::read_to_string(&plan_path).map_err(|e| file(&plan_path, e))?;
    let plan = Plan::parse(&text).map_err(|reason| ModelError::File { path: plan_path.clone(), reason })?;
    let weights = plan_path.with_extension("safetensors");
    let bytes = std::fs::read(&weights).map_err(|e| file(&weights, e))?;
    if hex(&Sha256::digest(&bytes)) != plan.sha256 {
        let reason = "the weights' SHA-256 is not the one of the plan".to_owned();
        return Err(ModelError::File { path: weights, reason });
    }
    Ok(ModelCard { plan, bytes: Cow::Owned(bytes) })
}

/// The only plan of a folder: a run's folder also holds its configuration, which is none.
fn plan_in(folder: &Path) -> Result<PathBuf, ModelError> {
    let file = |reason: String| ModelError::File { path: folder.to_owned(), reason };
    let entries = std::fs::read_dir(folder).map_err(|e| file(e.to_string()))?;
    let mut plans: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .filter(|path| path.with_extension("safetensors").is_file())
        .collect();
    match (plans.pop(), plans.len()) {
        (Some(plan), 0) => Ok(plan),
        (None, _) => Err(file("no model: a plan NAME.toml beside NAME.safetensors is wanted".to_owned())),
        (Some(_), more) => Err(file(format!("{} models; name one of the plans", more + 1))),
    }
}

/// Every model of `folder`, or why it cannot be used, in the order of names; none where there is no such folder.
pub fn list(folder: &Path) -> Vec<Result<ModelCard, ModelError>> {
    plans(folder).iter().map(|plan| read(plan)).collect()
}

/// The model for pictures of `view`: the first, in the order of [`all`], that is a first choice, else the first. `None`
/// where there is none. Plans that cannot be read are passed over.
///
/// # Errors
/// Its weights are missing, unreadable or not its own.
pub fn reader_of(view: View) -> Result<Option<ModelCard>, ModelError> {
    let described = |path: PathBuf| {
        let plan = Plan::parse(&std::fs::read_to_string(&path).ok()?).ok()?;
        (plan.view == view).then_some((!plan.first_choice, path))
    };
    let readers = folders().into_iter().flat_map(|folder| plans(&folder)).filter_map(described);
    // The earliest of equals is taken.
    let found = readers.min_by_key(|(second_choice, _)| *second_choice);
    found.map(|(_, plan)| read(&plan)).transpose()
}

/// Files of `folder` that should be plans, in the order of names.
fn plans(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut plans: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension().is_some_and(|e| e == "toml") && !is_recipe(path) && !is_view_card(path)
        })
        .collect();
    plans.sort();
    plans
}

/// Whether it says how a model is trained (`NAME.train.toml`), not what it is.
fn is_recipe(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".train.toml")
}

/// Whether it is the card of the classifier, which finds no landmarks.
fn is_view_card(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem == view::ID)
}

/// Whether a model of this id can be installed.
///
/// # Errors
/// The id of a shipped model, or one that is no file name.
pub fn check_id(id: &str) -> Result<(), String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if id.is_empty() || id.starts_with('.') || !id.chars().all(is_plain) {
        return Err(format!("its id {id:?} is not made of letters, digits, dots, hyphens and underscores"));
    }
    if id == view::ID || catalogue().iter().any(|card| card.id() == id) {
        return Err("a model of this id is inside the program; give yours another".to_owned());
    }
    Ok(())
}

/// Copies `model` into `folder` under its id; one of the same id is replaced.
///
/// # Errors
/// The id of a shipped model, or one that is no file name; a folder that cannot be written to.
pub fn install(model: &ModelCard, folder: &Path) -> Result<PathBuf, ModelError> {
    let id = model.id();
    let damaged = |reason: &str| ModelError::Damaged { id: id.to_owned(), reason: reason.to_owned() };
    check_id(id).map_err(|reason| damaged(&reason))?;
    let plan = toml::to_string(&model.plan).map_err(|e| damaged(&e.to_string()))?;
    let path = folder.join(format!("{id}.toml"));
    let write = |path: &Path, bytes: &[u8]| -> io::Result<()> {
        // Whole or not at all: a model that is half there must not be found.
        let partial = path.with_extension("partial");
        std::fs::write(&partial, bytes)?;
        std::fs::rename(&partial, path)
    };
    let written = std::fs::create_dir_all(folder)
        .and_then(|()| write(&path.with_extension("safetensors"), &model.bytes))
        .and_then(|()| write(&path, plan.as_bytes()));
    written.map_err(|e| ModelError::File { path: path.clone(), reason: e.to_string() })?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> ModelCard {
        let card = &catalogue()[0];
        let mut plan = card.plan.clone();
        plan.id = "mine".to_owned();
        ModelCard { plan, bytes: card.bytes.clone() }
    }

    #[test]
    fn what_is_installed_is_listed_and_read_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let folder = &folder.path().join("models");
        assert!(list(folder).is_empty());
        let path = install(&shipped(), folder).unwrap();
        for place in [path.clone(), path.with_extension("safetensors"), folder.clone()] {
            let model = read(&place).unwrap();
            assert_eq!((model.plan, model.bytes), (shipped().plan, shipped().bytes));
        }
        assert_eq!(list(folder).len(), 1);
    }

    #[test]
    fn a_recipe_beside_a_model_is_no_model() {
        let folder = tempfile::tempdir().unwrap();
        install(&shipped(), folder.path()).unwrap();
        std::fs::write(folder.path().join("mine.train.toml"), "seed = 1").unwrap();
        assert_eq!(list(folder.path()).len(), 1);
    }

    #[test]
    fn a_damaged_model_is_listed_with_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        let path = install(&shipped(), folder.path()).unwrap();
        std::fs::write(path.with_extension("safetensors"), b"other").unwrap();
        let error = list(folder.path()).remove(0).unwrap_err().to_string();
        assert!(error.contains("SHA-256") && error.contains("mine.safetensors"), "{error}");
        std::fs::write(&path, "id = 3").unwrap();
        assert!(list(folder.path()).remove(0).unwrap_err().to_string().contains("mine.toml"));
    }

    #[test]
    fn no_model_hides_a_shipped_one_or_leaves_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        for id in ["infant-whdv", "../mine", "", ".mine", "a/b"] {
            let mut model = shipped();
            model.plan.id = id.to_owned();
            assert!(install(&model, folder.path()).is_err(), "{id}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
