//! The landmark JSON: what is read, and how what is wrong is said.

use coxa::measure::landmark_file::read;
use coxa::measure::{LandmarkCode, LandmarkId, LandmarkState, Origin, Point, Side, Spacing, SpacingStatus};
use std::path::PathBuf;

fn written(text: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("points.json");
    std::fs::write(&path, text).expect("writable");
    (dir, path)
}

#[track_caller]
fn refused(text: &str, reason: &str) {
    let (_dir, path) = written(text);
    let message = read(&path).expect_err("is refused").to_string();
    assert!(message.contains("points.json") && message.contains(reason), "{message}");
}

#[test]
fn the_documented_form() {
    let (_dir, path) = written(
        r#"{"spacing_mm":[0.1,0.2],"landmarks":[{"code":"TRC","side":"R","x":400,"y":500.5}],"radii_px":{"FH-R":50}}"#,
    );
    let file = read(&path).expect("reads");
    assert_eq!(file.spacing, Spacing { row: 0.1, column: 0.2, status: SpacingStatus::UnknownCalibration });
    assert_eq!(file.landmarks.position(LandmarkCode::TRC, Side::Right), Some(Point::new(400.0, 500.5)));
    assert_eq!(file.landmarks.radius_px(LandmarkCode::FH, Side::Right), Some(50.0));
    let landmark = file.landmarks.iter().next().expect("one").1;
    assert_eq!((landmark.origin, landmark.sd_px()), (Origin::File, None));
}

#[test]
fn what_may_be_left_out_or_added() {
    let (_dir, path) = written(
        "\u{feff}{\"note\":1,\"spacing_mm\":null,\"landmarks\":[{\"code\":\"SCJ\",\"side\":null,\"x\":1,\"y\":2,\"sd_px\":1.5},\
         {\"code\":\"MM\",\"side\":\"L\",\"x\":3,\"y\":4,\"status\":\"defined\",\"reader\":\"a\"},\
         {\"code\":\"FH\",\"side\":\"L\",\"x\":null,\"y\":null,\"status\":\"absent\"},\
         {\"code\":\"FH\",\"side\":\"R\",\"x\":null,\"y\":null},\
         {\"code\":\"HP\",\"side\":\"R\",\"status\":\"missing\",\"reason\":\"off the film\"}]}",
    );
    let file = read(&path).expect("reads");
    assert_eq!(file.spacing, Spacing::UNKNOWN);
    assert_eq!(file.landmarks.points.len(), 5);
    let midline = file.landmarks.get(&LandmarkId::midline(LandmarkCode::new("SCJ"))).expect("the midline");
    assert_eq!(midline.sd_px(), Some(1.5));
    assert_eq!(file.landmarks.position(LandmarkCode::new("MM"), Side::Left), Some(Point::new(3.0, 4.0)));
    for side in Side::BOTH {
        let nucleus = file.landmarks.get(&LandmarkId::new(LandmarkCode::FH, side)).expect("listed");
        assert!(matches!(nucleus.state, LandmarkState::Missing { .. }));
    }
    let h_point = file.landmarks.get(&LandmarkId::new(LandmarkCode::HP, Side::Right)).expect("listed");
    assert_eq!(h_point.state, LandmarkState::Missing { reason: "off the film".to_owned() });
}

#[test]
fn what_is_wrong_is_named() {
    let one = |entry: &str| format!(r#"{{"spacing_mm":null,"landmarks":[{entry}]}}"#);
    refused("not json", "not a landmark file");
    refused("", "not a landmark file");
    refused("{}", "landmarks");
    refused(&one(r#"{"code":"TRC","side":"right","x":1,"y":2}"#), r#"side "right" is neither "R" nor "L""#);
    refused(&one(r#"{"code":"TRC","side":"R","x":NaN,"y":2}"#), "not a landmark file");
    refused(&one(r#"{"code":"TRC","side":"R","x":1e999,"y":2}"#), "not a landmark file");
    refused(&one(r#"{"code":"TRC","side":"R","x":1}"#), "landmark TRC-R: needs both x and y");
    refused(&one(r#"{"code":"TRC","side":"R","x":1,"y":2,"status":"maybe"}"#), r#"TRC-R: status "maybe""#);
    refused(&one(r#"{"code":"TRC","side":"R","status":"defined"}"#), "TRC-R: needs both x and y");
    refused(&one(r#"{"code":"TRC","side":"R","x":1,"y":2,"sd_px":-1}"#), "TRC-R: sd_px");
    refused(&one(r#"{"code":" ","side":"R","x":1,"y":2}"#), "empty code");
    let twice = r#"{"code":"TRC","side":"R","x":1,"y":2},{"code":"TRC","side":"R","x":3,"y":4}"#;
    refused(&one(twice), "landmark TRC-R is given twice");
    refused(r#"{"spacing_mm":[0,0.2],"landmarks":[]}"#, "spacing_mm [0, 0.2]");
    refused(r#"{"spacing_mm":[0.2],"landmarks":[]}"#, "not a landmark file");
    refused(r#"{"landmarks":[],"radii_px":{"FH-R":-5}}"#, "radius FH-R: -5");
    refused(r#"{"landmarks":[],"radii_px":{"FH-X":5}}"#, r#"side "X""#);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let message = read(&dir.path().join("none.json")).expect_err("is refused").to_string();
    assert!(message.contains("none.json: cannot be read"), "{message}");
}
