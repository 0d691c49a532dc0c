//! The files of a data set, listed once, and the way from a label to its image.

use super::case::{About, Split};
use super::error::DatasetError;
use super::nifti;
use crate::imaging::{self, Radiograph};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// Endings of files that hold labels or words; all others may be images.
const NO_IMAGES: [&str; 13] =
    ["json", "txt", "csv", "tsv", "xlsx", "xls", "ods", "yaml", "yml", "md", "toml", "cache", "html"];

/// Everything below a folder.
#[derive(Debug, Clone)]
pub struct Files {
    pub root: PathBuf,
    /// Sorted.
    pub paths: Vec<PathBuf>,
    /// Files that may be images, by their name without its ending.
    images: BTreeMap<String, Vec<PathBuf>>,
}

impl Files {
    /// Lists `root`, which may also be a single file of labels: then its folder is listed.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn of(root: &Path) -> Result<Self, DatasetError> {
        let folder = match root.parent() {
            Some(parent) if root.is_file() => parent,
            _ => root,
        };
        let mut paths = Vec::new();
        for entry in WalkDir::new(folder).sort_by_file_name().follow_links(true) {
            let entry = entry.map_err(|e| {
                let path = e.path().unwrap_or(root).to_owned();
                DatasetError::Read { path, cause: e.into() }
            })?;
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            if entry.file_type().is_file() && !hidden {
                paths.push(entry.into_path());
            }
        }
        let mut images: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
        for path in paths.iter().filter(|path| !NO_IMAGES.contains(&extension(path).as_str())) {
            images.entry(stem(path)).or_default().push(path.clone());
        }
        Ok(Self { root: folder.to_owned(), paths, images })
    }

    /// Files with one of these endings, in lower case and without dot.
    pub fn ending(&self, endings: &[&str]) -> impl Iterator<Item = &Path> {
        self.paths
            .iter()
            .map(PathBuf::as_path)
            .filter(move |path| endings.contains(&extension(path).as_str()))
    }

    /// Every file that may be an image.
    pub fn images(&self) -> impl Iterator<Item = &Path> {
        self.images.values().flatten().map(PathBuf::as_path)
    }

    /// The image called `name` (a stem, or with an ending) that lies nearest to `label`: in its folder, else where the
    /// folders differ by `images` for `labels` or `annotations` alone, else the only one of that name.
    ///
    /// # Errors
    /// No such image, or several that are equally near.
    pub fn image(&self, name: &str, label: &Path) -> Result<PathBuf, DatasetError> {
        let wanted = Path::new(name);
        // A name may have dots without having an ending.
        let found = self.images.get(name).or_else(|| self.images.get(&stem(wanted)));
        let found = found.map(Vec::as_slice).unwrap_or_default();
        let exact: Vec<&PathBuf> = found.iter().filter(|path| path.ends_with(wanted)).collect();
        let found: Vec<&PathBuf> = if exact.is_empty() { found.iter().collect() } else { exact };
        let folder = label.parent().unwrap_or(&self.root);
        let pictures: PathBuf = folder
            .iter()
            .map(|part| if part == "labels" || part == "annotations" { "images".as_ref() } else { part })
            .collect();
        let in_folder =
            |folder: &Path| found.iter().find(|path| path.parent() == Some(folder)).map(|p| p.to_path_buf());
        if let Some(path) = in_folder(folder).or_else(|| in_folder(&pictures)) {
            return Ok(path);
        }
        match found.as_slice() {
            [path] => Ok(path.to_path_buf()),
            [] => Err(DatasetError::content(label, format!("no image named {name} belongs to these labels"))),
            [first, second, ..] => {
                let names = format!("{} and {}", first.display(), second.display());
                Err(DatasetError::content(label, format!("several images are named {name}: {names}")))
            }
        }
    }
}

/// The film in a DICOM, raster or NIfTI file.
///
/// # Errors
/// As [`imaging::open`].
pub fn open(path: &Path) -> Result<Radiograph, DatasetError> {
    if nifti::is_named_so(path) { nifti::read(path) } else { Ok(imaging::open(path)?) }
}

/// A file's ending in lower case.
pub(super) fn extension(path: &Path) -> String {
    path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default()
}

/// A file's name without its ending, or both of `.nii.gz`.
pub(super) fn stem(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if let Some(stem) = name.strip_suffix(".nii.gz") {
        return stem.to_owned();
    }
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem.to_owned(),
        _ => name.into_owned(),
    }
}

/// The film in a file, and what its header says of the patient.
///
/// # Errors
/// As [`open`].
pub(super) fn film(path: &Path) -> Result<(Radiograph, About), DatasetError> {
    let film = open(path)?;
    let (subject, identity) = (film.identity.subject(), &film.identity);
    let patient = [&identity.patient_id, &identity.patient_name].into_iter().find(|words| !words.is_empty());
    let about = About {
        patient: patient.cloned(),
        age_months: subject.age_months,
        sex: subject.sex,
        ..About::default()
    };
    Ok((film, about))
}

/// The split that a folder on the way to a case names: `labels/val/a.txt`. The nearest folder counts.
pub(super) fn split_of_folder(path: &Path, root: &Path) -> Option<Split> {
    let relative = path.strip_prefix(root).unwrap_or(path).parent()?;
    relative.iter().rev().find_map(|part| part.to_string_lossy().parse().ok())
}

/// The split that a list of cases names: a word of its own name (`Keypoints_Train.json`), else a folder.
pub(super) fn split_of_list(path: &Path, root: &Path) -> Option<Split> {
    let name = stem(path);
    // `instances_train2017`.
    let mut words =
        name.split(['_', '-', '.', ' ']).map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit()));
    words.find_map(|word| word.parse().ok()).or_else(|| split_of_folder(path, root))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn names_lose_their_ending_only() {
        for (name, expected) in [("a.png", "a"), ("a.b.dcm", "a.b"), ("a.nii.gz", "a"), ("IM0001", "IM0001")]
        {
            assert_eq!(stem(Path::new(name)), expected);
        }
    }

    #[test]
    fn splits_are_read_off_folders_and_names() {
        let of_folder = |path: &str| split_of_folder(Path::new(path), Path::new("root"));
        assert_eq!(of_folder("root/labels/val/a.txt"), Some(Split::Val));
        assert_eq!(of_folder("root/Validation/x/a.json"), Some(Split::Val));
        assert_eq!(of_folder("root/test/train/a.json"), Some(Split::Train));
        assert_eq!(of_folder("root/test_1.txt"), None, "a case may have any name");
        let of_list = |path: &str| split_of_list(Path::new(path), Path::new("root"));
        assert_eq!(of_list("root/Keypoints_Train.json"), Some(Split::Train));
        assert_eq!(of_list("root/instances_val2017.json"), Some(Split::Val));
        assert_eq!(of_list("root/test/_annotations.coco.json"), Some(Split::Test));
        assert_eq!(of_list("root/all.json"), None);
    }

    #[test]
    fn the_image_nearest_to_the_label_is_its_image() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path();
        for path in ["images/train/a.png", "images/val/a.png", "labels/val/a.txt", "other/b.c.png", "x/l.txt"]
        {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::write(root.join(path), b"x").unwrap();
        }
        let files = Files::of(root).unwrap();
        assert_eq!(files.image("a", &root.join("labels/val/a.txt")).unwrap(), root.join("images/val/a.png"));
        assert_eq!(files.image("b.c", &root.join("x/l.txt")).unwrap(), root.join("other/b.c.png"));
        let message = |name: &str| files.image(name, &root.join("x/l.txt")).unwrap_err().to_string();
        assert!(message("a").contains("several"), "{}", message("a"));
        assert!(message("c").contains("no image named c"), "{}", message("c"));
    }
}
