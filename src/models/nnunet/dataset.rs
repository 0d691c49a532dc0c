//! `dataset.json`: channels and labels of a data set.

use crate::measure::Structure;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What `dataset.json` says.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// Names of the image's channels; some choose a normalisation.
    pub channels: Vec<String>,
    /// By value from 1 upwards; the background is none of them.
    pub labels: Vec<Structure>,
    /// Structure of pixels that nobody drew; training passes over them.
    pub ignored: Option<u8>,
    /// Films it was trained on.
    pub training: usize,
    /// `.png`, `.nii.gz`, …
    pub file_ending: String,
}

#[derive(Serialize, Deserialize)]
struct File {
    #[serde(alias = "modality")]
    channel_names: Map<String, Value>,
    labels: Map<String, Value>,
    #[serde(rename = "numTraining", default)]
    training: usize,
    #[serde(default)]
    file_ending: String,
}

impl Dataset {
    /// # Errors
    /// Text that is no such file, regions instead of labels, labels that are not numbered 0, 1, 2, ….
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = serde_json::from_str(text).map_err(|e| e.to_string())?;
        let mut channels = Vec::new();
        for number in 0..file.channel_names.len() {
            let name = file.channel_names.get(&number.to_string()).and_then(Value::as_str);
            channels.push(name.ok_or_else(|| format!("channel_names has no text {number}"))?.to_owned());
        }
        let (mut labels, mut ignored, mut background) = (Vec::new(), None, false);
        for (name, value) in &file.labels {
            let Some(value) = value.as_u64().and_then(|value| u8::try_from(value).ok()) else {
                return Err(format!("label {name:?} is not a number below 256 (regions are not supported)"));
            };
            match (name.as_str(), value) {
                ("ignore", value) => ignored = Some(value),
                (_, 0) => background = true,
                (name, value) => labels.push(Structure { value, name: name.to_owned() }),
            }
        }
        labels.sort_by_key(|label| label.value);
        let in_order = labels.iter().zip(1..=u8::MAX).all(|(label, value)| label.value == value);
        if !background || !in_order || labels.is_empty() {
            return Err("labels are not 0 (background), 1, 2, … without a gap".to_owned());
        }
        if channels.is_empty() {
            return Err("it has no channels".to_owned());
        }
        Ok(Self { channels, labels, ignored, training: file.training, file_ending: file.file_ending })
    }

    /// The file's text.
    pub fn to_json(&self) -> Value {
        let channels = self.channels.iter().enumerate().map(|(i, name)| (i.to_string(), name.clone().into()));
        let mut labels = Map::from_iter([("background".to_owned(), 0.into())]);
        labels.extend(self.labels.iter().map(|label| (label.name.clone(), label.value.into())));
        labels.extend(self.ignored.map(|value| ("ignore".to_owned(), value.into())));
        serde_json::json!({
            "channel_names": Map::from_iter(channels),
            "labels": labels,
            "numTraining": self.training,
            "file_ending": self.file_ending,
        })
    }

    /// Planes of logits, the background included.
    pub fn classes(&self) -> usize {
        self.labels.len() + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HIP_SET: &str = r#"{"channel_names": {"0": "xray"}, "labels": {"background": 0, "L1": 1, "L2": 2, "L3": 3,
        "L4": 4, "L5": 5}, "numTraining": 100, "file_ending": ".png", "overwrite_image_reader_writer": "x"}"#;

    #[test]
    fn the_hip_labels_have_the_papers_names_and_colours() {
        let dataset = Dataset::parse(HIP_SET).unwrap();
        assert_eq!((dataset.classes(), dataset.channels.as_slice()), (6, ["xray".to_owned()].as_slice()));
        assert_eq!(dataset.labels[2].title(), "Köhler teardrop");
        let [r, g, b] = dataset.labels[0].colour();
        assert!(r > 2 * g && r > 2 * b, "L1 is red");
        assert_eq!(Dataset::parse(&dataset.to_json().to_string()).unwrap(), dataset);
    }

    #[test]
    fn sets_that_cannot_be_segmented_here_are_refused_in_words() {
        for (from, to, word) in [
            (r#""L1": 1"#, r#""L1": [1, 2]"#, "regions"),
            (r#""L1": 1"#, r#""L1": 7"#, "gap"),
            (r#""background": 0, "#, "", "background"),
            (r#""0": "xray""#, r#""1": "xray""#, "channel"),
            (r#"{"0": "xray"}"#, "{}", "channels"),
        ] {
            let error = Dataset::parse(&HIP_SET.replace(from, to)).unwrap_err();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn an_ignored_label_is_no_class() {
        let dataset = Dataset::parse(&HIP_SET.replace(r#""L5": 5"#, r#""L5": 5, "ignore": 6"#)).unwrap();
        assert_eq!((dataset.classes(), dataset.ignored), (6, Some(6)));
    }
}
