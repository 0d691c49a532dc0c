//! `coxa evaluate`: tables of a hand-made set against numbers worked out by hand, the page as sound XML that agrees with
//! JSON and CSV, films that a reader refuses, and the program as a user runs it.

use coxa::eval::bootstrap::Bootstrap;
use coxa::eval::evaluation::table::{Cell, Table};
use coxa::eval::evaluation::{Case, Evaluation, Reader, Reading, evaluate};
use coxa::eval::surface_distance::{Mask, surface_distance};
use coxa::export::evaluation::{Head, points_csv, render, tables_csv, to_json};
use coxa::measure::{
    LabelMap, Landmark, LandmarkCode, LandmarkId, LandmarkSet, Origin, Point, Side, Spacing, SpacingStatus,
    Structure, Subject,
};
use coxa::simulate::infant::{Phantom, PhantomOptions};
use quick_xml::Reader as Xml;
use quick_xml::events::Event;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// TRC 100 px apart at 0.5 mm a pixel: 1 px = 0.5 mm = 1 % of TRC–TRC.
fn truth() -> LandmarkSet {
    set(&[
        ("TRC", Side::Right, 100.0, 200.0),
        ("TRC", Side::Left, 200.0, 200.0),
        ("SMA", Side::Right, 70.0, 190.0),
        ("SMA", Side::Left, 230.0, 190.0),
    ])
}

fn set(points: &[(&str, Side, f64, f64)]) -> LandmarkSet {
    let mut set = LandmarkSet::default();
    for (code, side, x, y) in points {
        let id = LandmarkId::new(LandmarkCode::new(*code), *side);
        set.insert(id, Landmark::defined(Point::new(*x, *y), Some(1.0), Origin::File));
    }
    set
}

fn map(labels: &[u8; 16]) -> LabelMap {
    LabelMap { rows: 4, columns: 4, labels: labels.to_vec(), structures: Structure::hip() }
}

fn case(name: &str, patient: &str, group: &str) -> Case {
    Case {
        name: name.to_owned(),
        patient: patient.to_owned(),
        groups: BTreeMap::from([("stress".to_owned(), group.to_owned())]),
        truth: truth(),
        labels: Some(map(&[1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
        spacing: Spacing::millimetres(0.5, 0.5, SpacingStatus::Detector).unwrap(),
        size: [256, 256],
        subject: Subject::default(),
    }
}

/// Three films of two patients. `good` misses by 3-4-5 px at one TRC of film a and finds no left SMA on film b; it refuses
/// film c.
fn example() -> (Vec<Case>, Vec<Reader>) {
    let cases = vec![case("a", "1", "none"), case("b<&>", "2", "blur"), case("c", "2", "none")];
    let mut first = truth();
    first.insert(
        LandmarkId::new(LandmarkCode::TRC, Side::Right),
        Landmark::defined(Point::new(103.0, 204.0), Some(2.0), Origin::Model),
    );
    let mut second = truth();
    second
        .insert(LandmarkId::new(LandmarkCode::SMA, Side::Left), Landmark::missing("not seen", Origin::Model));
    let labels = Some(map(&[1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    let offers: BTreeSet<LandmarkId> = truth().points.keys().cloned().collect();
    let reader = |name: &str, readings| Reader {
        name: name.to_owned(),
        identity: "by hand".to_owned(),
        offers: offers.clone(),
        segments: true,
        readings,
    };
    let good = reader(
        "good",
        vec![
            Ok(Reading { landmarks: first, labels }),
            Ok(Reading { landmarks: second, labels: None }),
            Err("the image is blank".to_owned()),
        ],
    );
    let perfect =
        reader("perfect", (0..3).map(|_| Ok(Reading { landmarks: truth(), labels: None })).collect());
    (cases, vec![good, perfect])
}

fn evaluated() -> (Vec<Case>, Vec<Reader>, Evaluation) {
    let (cases, readers) = example();
    let evaluation = evaluate(&cases, &readers, Bootstrap { draws: 200, ..Bootstrap::default() }).unwrap();
    (cases, readers, evaluation)
}

fn table<'a>(evaluation: &'a Evaluation, id: &str) -> &'a Table {
    let tables = || evaluation.sections.iter().flat_map(|section| &section.tables);
    tables().find(|table| table.id == id).unwrap_or_else(|| panic!("no table {id}"))
}

/// The cell of the row whose texts contain all of `labels`.
fn cell<'a>(table: &'a Table, labels: &[&str], column: &str) -> &'a Cell {
    let place =
        table.columns.iter().position(|name| name == column).unwrap_or_else(|| panic!("no column {column}"));
    let has = |cells: &[Cell]| labels.iter().all(|label| cells.contains(&Cell::text(*label)));
    let row = table.rows.iter().find(|row| has(&row.cells)).unwrap_or_else(|| panic!("no row {labels:?}"));
    &row.cells[place]
}

#[track_caller]
fn number(cell: &Cell, expected: f64) {
    match cell {
        Cell::Number { value, .. } => assert!((value - expected).abs() < 1e-9, "{value} is not {expected}"),
        other => panic!("{other:?} is not {expected}"),
    }
}

#[test]
fn the_tables_say_what_a_hand_works_out() {
    let (_, _, evaluation) = evaluated();
    let readers = table(&evaluation, "readers");
    // Twelve points in three films: one missed on a film that was read, four on the one refused.
    for (column, count) in [
        ("films", 3),
        ("read", 2),
        ("refused", 1),
        ("points looked for", 12),
        ("found", 7),
        ("missed", 1),
        ("on refused films", 4),
    ] {
        assert_eq!(cell(readers, &["good"], column), &Cell::Count(count), "{column}");
    }
    // Right and left TRC of two films: errors 5, 0, 0, 0 px, which are 5 % and 2.5 mm; two more were refused.
    let percent = table(&evaluation, "landmarks-percent");
    assert_eq!(cell(percent, &["good", "TRC"], "n"), &Cell::Count(6));
    assert_eq!(cell(percent, &["good", "TRC"], "missed"), &Cell::Count(2));
    number(cell(percent, &["good", "TRC"], "mean % [95 % CI]"), 1.25);
    number(cell(percent, &["good", "TRC"], "≤ 2.5 %"), 50.0);
    number(cell(percent, &["good", "TRC"], "≤ 5 %"), 100.0 * 4.0 / 6.0);
    number(cell(table(&evaluation, "landmarks-mm"), &["good", "TRC"], "max"), 2.5);
    number(cell(table(&evaluation, "landmarks-px"), &["good", "TRC"], "RMSE"), 2.5);
    number(cell(percent, &["perfect", "all points"], "mean % [95 % CI]"), 0.0);
    // FR-DDH: RTCC 2.5 and 0 mm, the rest 0; the average is over four landmarks.
    let first = table(&evaluation, "fr-ddh-1");
    number(cell(first, &["good", "mm"], "RTCC"), 1.25);
    number(cell(first, &["good", "mm"], "average"), 1.25 / 4.0);
    // Of twelve points six within 2 mm.
    number(cell(table(&evaluation, "fr-ddh-sdr"), &["good", "2 mm"], "all"), 50.0);
    // Label augmentation at 512: 5 px of 256 are 10; RMSE √50 of the right TRC, 0 of three more.
    let augmented = table(&evaluation, "label-augmentation-1");
    number(cell(augmented, &["good"], "mean RMSE, px"), 50.0_f64.sqrt() / 4.0);
    // Dice of two pixels in four: 2·2/(2 + 4); IoU 2/4. The film without masks and the refused one have failed.
    let masks = table(&evaluation, "nnunet-2");
    number(cell(masks, &["good", "L1"], "Dice mean"), 2.0 / 3.0);
    number(cell(masks, &["good", "L1"], "IoU mean"), 0.5);
    assert_eq!(cell(masks, &["good", "L1"], "failed"), &Cell::Count(2));
    // One row of pixels is 0 or 1 away: three of the four to the upper row…
    number(cell(masks, &["good", "L1"], "HD95 mean, mm"), 0.5);
    number(cell(masks, &["good", "L1"], "ASSD mean, mm"), 0.5 * (0.0 + 0.25));
    // AI of the truth: atan(10 / 30).
    let agreement = table(&evaluation, "agreement");
    assert_eq!(cell(agreement, &["AI", "good"], "n"), &Cell::Count(6));
    assert_eq!(cell(agreement, &["AI", "good"], "not measured"), &Cell::Count(3));
    number(cell(agreement, &["AI", "perfect"], "MAE [95 % CI]"), 0.0);
    // Film b alone is blurred: its one missed point of four.
    let groups = table(&evaluation, "subgroups");
    assert_eq!(cell(groups, &["stress", "blur", "good"], "missed"), &Cell::Count(1));
    number(cell(groups, &["stress", "blur", "good"], "≤ 5 %, %"), 75.0);
    // Worst first: refused, then a point missed, then 5 px.
    assert_eq!(evaluation.worst[0], [2, 1, 0]);
    assert_eq!(
        cell(table(&evaluation, "refused"), &["good", "c"], "reason"),
        &Cell::text("the image is blank")
    );
    assert_eq!(cell(table(&evaluation, "lost"), &["good", "missed"], "points"), &Cell::text("SMA-L"));
    // Depths of the stated circles: 1 − exp(−25 / 8) is beyond the 95 % circle, the six exact points within it.
    let depth =
        cell(table(&evaluation, "calibration"), &["good", "deviation of a point"], "in own 95 % circle");
    assert!(matches!(depth, Cell::Share(share) if (share.hits, share.of) == (6, 7)), "{depth:?}");
}

#[test]
fn published_figures_are_marked_and_stand_in_their_columns() {
    let (_, _, evaluation) = evaluated();
    for section in &evaluation.sections {
        for table in &section.tables {
            let widths: BTreeSet<usize> = table.rows.iter().map(|row| row.cells.len()).collect();
            assert!(widths.iter().all(|width| *width == table.columns.len()), "{}: {widths:?}", table.id);
        }
    }
    let published = |id: &str, labels: &[&str], column: &str, value: f64| {
        number(cell(table(&evaluation, id), labels, column), value);
    };
    published("fr-ddh-1", &["FR-DDH, N = 80 (2103 films)"], "average", 1.244);
    published("fr-ddh-2", &["FR-DDH"], "AE left, °", 2.36);
    published("whdv-percentiles", &["RFRV-CLM, 1000", "point to curve"], "99th percentile", 17.1);
    published("whdv-percentiles", &["WHDV, 1000", "point to point"], "50th percentile", 6.71);
    published("label-augmentation-2", &["label augmentation"], "5: sacrococcygeal joint", 8.17);
    published("nnunet-2", &["paper, fold all", "L3"], "Dice mean", 0.8505);
    published("fai-1", &["paper, X-ray", "overall"], "SDR@4 mm, %", 85.4);
    published("fai-2", &["paper, MRI", "alpha"], "ICC(2,1)", 0.41);
    assert_eq!(cell(table(&evaluation, "fai-cam"), &["paper, X-ray and MRI"], "TP"), &Cell::Count(6));
    assert_eq!(cell(table(&evaluation, "fai-cam"), &["paper, X-ray and MRI"], "FN"), &Cell::Count(5));
}

/// Texts of every cell of every table of the page, by the table's id, and the ids of its sections.
fn parsed(page: &str) -> (BTreeMap<String, Vec<Vec<String>>>, Vec<String>) {
    let mut xml = Xml::from_str(page);
    xml.config_mut().check_end_names = true;
    let (mut tables, mut sections): (BTreeMap<String, Vec<Vec<String>>>, _) = (BTreeMap::new(), Vec::new());
    let (mut table, mut text, mut inside) = (String::new(), String::new(), false);
    loop {
        match xml.read_event().expect("sound XML") {
            Event::Start(start) => {
                let id = start.attributes().map(|a| a.expect("sound")).find(|a| a.key.as_ref() == b"id");
                let id = id.map(|id| String::from_utf8(id.value.to_vec()).unwrap());
                match start.name().as_ref() {
                    b"section" => sections.push(id.expect("an id")),
                    b"table" => table = id.expect("an id"),
                    b"tr" => tables.entry(table.clone()).or_default().push(Vec::new()),
                    b"td" | b"th" => (inside, text) = (true, String::new()),
                    b"script" | b"link" => panic!("the page needs something"),
                    _ => {}
                }
            }
            Event::Text(words) if inside => text.push_str(&words.decode().unwrap()),
            Event::GeneralRef(name) if inside => text.push_str(match &*name {
                b"lt" => "<",
                b"gt" => ">",
                b"amp" => "&",
                b"quot" => "\"",
                other => panic!("{other:?}"),
            }),
            Event::End(end) if matches!(end.name().as_ref(), b"td" | b"th") => {
                inside = false;
                tables.get_mut(&table).unwrap().last_mut().unwrap().push(text.clone());
            }
            Event::Eof => break,
            _ => {}
        }
    }
    (tables, sections)
}

#[test]
fn page_json_and_tables_agree() {
    let (cases, readers, evaluation) = evaluated();
    let head = Head { title: "A & B".to_owned(), about: vec![("data".to_owned(), "<by hand>".to_owned())] };
    let page = render(&head, &evaluation, &[]).unwrap();
    let (tables, sections) = parsed(&page);
    let wanted = [
        "overview",
        "landmarks",
        "agreement",
        "grades",
        "calibration",
        "subgroups",
        "fr-ddh",
        "whdv",
        "label-augmentation",
        "nnunet",
        "fai",
        "worst",
        "failures",
    ];
    assert_eq!(sections, wanted);
    assert!(
        !page.contains("http://")
            || page.matches("http://").count() == page.matches("http://www.w3.org/").count()
    );

    let json = to_json(&evaluation, &cases, &readers, &head.about);
    let mut cells = 0;
    for section in json["sections"].as_array().unwrap() {
        for table in section["tables"].as_array().unwrap() {
            let shown = &tables[table["id"].as_str().unwrap()];
            let names: Vec<&str> =
                table["columns"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
            assert_eq!(shown[0], names);
            for (row, shown) in table["rows"].as_array().unwrap().iter().zip(&shown[1..]) {
                for (cell, shown) in row["cells"].as_array().unwrap().iter().zip(shown) {
                    cells += 1;
                    let first = shown.split([' ', '[']).next().unwrap().replace('−', "-");
                    match cell {
                        serde_json::Value::Null => assert_eq!(shown, "–"),
                        serde_json::Value::String(words) => assert_eq!(shown, words),
                        cell => {
                            let value =
                                cell.get("value").or(cell.get("hits")).unwrap_or(cell).as_f64().unwrap();
                            let decimals = first.split_once('.').map_or(0, |(_, rest)| rest.len());
                            let shown: f64 = first.parse().unwrap();
                            assert!(
                                (shown - value).abs() <= 0.5001 * 10f64.powi(-(decimals as i32)),
                                "{shown} {value}"
                            );
                        }
                    }
                }
            }
        }
    }
    assert!(cells > 300, "{cells}");

    let csv = tables_csv(&evaluation).unwrap();
    let mut csv = csv::Reader::from_reader(csv.as_slice());
    let rows: Vec<csv::StringRecord> = csv.records().map(Result::unwrap).collect();
    let mean = rows
        .iter()
        .find(|r| &r[1] == "landmarks-percent" && &r[3] == "good | TRC" && r[5].starts_with("mean"))
        .expect("the mean of the TRCs");
    assert_eq!(&mean[6], "1.25");
    let points = points_csv(&evaluation, &cases, &readers).unwrap();
    let mut points = csv::Reader::from_reader(points.as_slice());
    let status: Vec<String> = points.records().map(|r| r.unwrap()[4].to_owned()).collect();
    let count = |wanted: &str| status.iter().filter(|status| *status == wanted).count();
    assert_eq!((status.len(), count("found"), count("missed"), count("refused")), (24, 19, 1, 4));
}

#[test]
fn readers_without_an_answer_for_each_film_are_refused() {
    let (cases, mut readers) = example();
    readers[1].readings.pop();
    assert!(evaluate(&cases, &readers, Bootstrap::default()).unwrap_err().contains("perfect"));
    // Nothing at all is no error either: tables without figures.
    let empty = evaluate(&[], &[], Bootstrap::default()).unwrap();
    assert_eq!(empty.sections.len(), 13);
}

#[derive(Deserialize)]
struct Oracle {
    spacing: [f64; 2],
    predicted: Vec<String>,
    reference: Vec<String>,
    hd95: f64,
    assd: f64,
}

#[test]
fn surface_distances_are_those_of_medpy() {
    let sets: Vec<Oracle> = serde_json::from_str(include_str!("oracle/surface_distance.json")).unwrap();
    assert_eq!(sets.len(), 20);
    for set in sets {
        let [predicted, reference] = [&set.predicted, &set.reference]
            .map(|rows| rows.concat().bytes().map(|letter| letter == b'#').collect::<Vec<bool>>());
        let columns = set.predicted[0].len();
        let mask = |inside| Mask { inside, columns };
        let found = surface_distance(mask(&predicted), mask(&reference), set.spacing).unwrap();
        assert!((found.hd95 - set.hd95).abs() < 1e-9, "{} {}", found.hd95, set.hd95);
        assert!((found.assd - set.assd).abs() < 1e-9, "{} {}", found.assd, set.assd);
    }
}

fn coxa(arguments: &[&str]) -> (i32, String) {
    run("evaluate", arguments)
}

fn run(command: &str, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_coxa")).arg(command).args(arguments).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn sections(folder: &Path) -> serde_json::Value {
    serde_json::from_str(&std::fs::read_to_string(folder.join("evaluation.json")).unwrap()).unwrap()
}

#[test]
fn the_program_judges_a_folder_with_a_film_that_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (data, out) = (folder.path().join("data"), folder.path().join("out"));
    std::fs::create_dir(&data).unwrap();
    for seed in [31, 32] {
        Phantom::generate(seed, &PhantomOptions::default()).write(&data, &format!("film-{seed}")).unwrap();
    }
    image::GrayImage::from_pixel(200, 200, image::Luma([9])).save(data.join("blank.png")).unwrap();
    std::fs::copy(data.join("film-31.json"), data.join("blank.json")).unwrap();
    std::fs::write(
        data.join("cases.csv"),
        "file,patient,stress\nfilm-31.dcm,a,none\nfilm-32,b,none\nblank.png,b,blank\n",
    )
    .unwrap();
    let [data, to] = [&data, &out].map(|path| path.to_str().unwrap());
    let given = format!("truth again={data}");
    let arguments =
        ["--model", "infant-whdv", "--given-points", &given, "--data", data, "--out", to, "--device", "cpu"];
    let (status, said) = coxa(&arguments);
    assert_eq!(status, 0, "{said}");
    let page = std::fs::read_to_string(out.join("evaluation.html")).unwrap();
    let (tables, _) = parsed(&page);
    let network = tables["readers"].iter().find(|row| row[0].starts_with("infant-whdv")).unwrap();
    assert_eq!(&network[1..4], ["3", "2", "1"]);
    let refused = &tables["refused"];
    assert!(refused.iter().any(|row| row[1] == "blank" && row[2].contains("blank")), "{refused:?}");
    // The truth itself is nobody's reading.
    assert!(refused.iter().filter(|row| row[0] == "truth again").count() == 3, "{refused:?}");
    assert!(tables["subgroups"].iter().any(|row| row[0] == "stress" && row[1] == "blank"));
    assert!(page.matches("<image ").count() >= 3, "the worst films are shown");
    assert_eq!(sections(&out)["schema"], "coxa-evaluation/1");

    let (status, said) = coxa(&["--model", "infant-whdv", "--data", data, "--split", "dev", "--out", to]);
    assert!(status == 1 && said.contains("split dev"), "{said}");
    assert_eq!(coxa(&["--data", data, "--out", to]).0, 2, "nobody to judge");
    assert_eq!(coxa(&["--model", "infant-whdv", "--out", to]).0, 2, "nothing to judge on");
}

/// The researcher's way of the handbook: import, split, judge on what was held out.
#[test]
fn an_imported_set_is_judged_by_its_split() {
    let folder = tempfile::tempdir().unwrap();
    let [films, set, out] = ["films", "set", "out"].map(|name| folder.path().join(name));
    std::fs::create_dir(&films).unwrap();
    for seed in 31..34 {
        Phantom::generate(seed, &PhantomOptions::default()).write(&films, &format!("film-{seed}")).unwrap();
    }
    let [films, data, to] = [&films, &set, &out].map(|path| path.to_str().unwrap());
    let (status, said) = run("dataset", &["import", films, "--out", data]);
    assert_eq!(status, 0, "{said}");
    let judged = |split: &[&str]| {
        let arguments = ["--model", "infant-whdv", "--data", data, "--out", to, "--device", "cpu"];
        coxa(&[&arguments[..], split].concat())
    };
    let (status, said) = judged(&["--split", "test"]);
    assert!(status == 1 && said.contains("is of the split test"), "{said}");

    let list = std::fs::read_to_string(set.join("cases.csv")).unwrap();
    let second = list.lines().nth(2).unwrap().split(',').take(2).collect::<Vec<_>>().join(",") + ",";
    assert_eq!(list.matches(&second).count(), 1, "{list}");
    std::fs::write(set.join("cases.csv"), list.replace(&second, &format!("{second}test"))).unwrap();
    let (status, said) = judged(&["--split", "test"]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("1 films judged"), "{said}");
    let (tables, _) = parsed(&std::fs::read_to_string(out.join("evaluation.html")).unwrap());
    let network = tables["readers"].iter().find(|row| row[0].starts_with("infant-whdv")).unwrap();
    assert_eq!(&network[1..4], ["1", "1", "0"]);
}
