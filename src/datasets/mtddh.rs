//! MTDDH as its authors published it (Sci Data 2025, doi 10.1038/s41597-025-05146-x).
//!
//! Its data set 1 has images in `Dataset1/Keypoints/{Train,Validation,Test}` and lists of COCO beside them,
//! `Keypoints_Train.json` and `Keypoints_Validation.json`: one category `hip` with the keypoints re, ry, rc, rh, le, ly,
//! lc, lh, whole pixels. Its test images have no labels there. The layout is known from programs that read it; the
//! images were not at hand. `rc` and `lc` with visibility 1 are heads that do not show: placed, not seen. Data set 2
//! comes as folders of labelme: read it with `--format labelme`. Regions of data set 1, where they are lists of COCO
//! too, become masks.

use super::coco;
use super::error::DatasetError;
use super::find::{self, Files};
use super::format::Format;
use super::set::DataSet;
use std::path::{Path, PathBuf};

fn is_list(path: &Path) -> bool {
    let name = find::stem(path).to_ascii_lowercase();
    let kind = ["keypoints_", "regions_"].into_iter().find_map(|kind| name.strip_prefix(kind));
    kind.is_some_and(|split| ["train", "validation", "test"].contains(&split))
}

pub(super) fn is_in(files: &Files) -> bool {
    files.ending(&["json"]).any(is_list)
}

pub(super) fn read(files: &Files) -> Result<DataSet, DatasetError> {
    let lists: Vec<PathBuf> = coco::lists(files).filter(|path| is_list(path)).map(Path::to_owned).collect();
    if lists.is_empty() {
        let reason = "holds no list Keypoints_Train.json or Keypoints_Validation.json of MTDDH";
        return Err(DatasetError::content(&files.root, reason));
    }
    coco::read_lists(files, &lists, Format::Mtddh)
}
