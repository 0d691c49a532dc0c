//! The real program is killed a hundred times (`SIGKILL` where there are signals) while a made-up hand works in its window,
//! and every change that the window said was kept is there when it is started again. `coxa rehearse` is that window, all of
//! it but the screen; `library_crash.rs` does the same to the keeper alone, with its own steps to compare with.

use coxa::imaging::write_dx;
use coxa::library::{Home, Keeper, StudyKey};
use coxa::measure::norms::embedded;
use coxa::study::Study;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const KILLS: u64 = 100;
/// A window that says nothing for so long has failed.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the window says.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    Opened { recovered: usize, document: String },
    Did { number: u64, document: String },
    Kept { number: u64 },
}

/// `None` for a line that the kill cut off.
fn parse(line: &str) -> Option<Said> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let document = |text: &str| (text.len() == 64).then(|| text.to_owned());
    match words[..] {
        ["opened", recovered, text] => {
            Some(Said::Opened { recovered: recovered.parse().ok()?, document: document(text)? })
        }
        ["did", number, text] => Some(Said::Did { number: number.parse().ok()?, document: document(text)? }),
        ["kept", number] => Some(Said::Kept { number: number.parse().ok()? }),
        _ => None,
    }
}

/// The running window, and what it says as it comes; the channel ends with it.
struct Window {
    child: Child,
    said: Receiver<Said>,
}

impl Window {
    fn open(folder: &Path, seed: u64) -> Window {
        let mut child = Command::new(env!("CARGO_BIN_EXE_coxa"))
            .args(["rehearse", "--seed", &seed.to_string(), "--home"])
            .arg(folder.join("home"))
            .arg(folder.join("films"))
            .env("COXA_HOME", folder.join("user"))
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program");
        let lines: Lines<BufReader<ChildStdout>> =
            BufReader::new(child.stdout.take().expect("piped")).lines();
        let (sender, said) = channel();
        std::thread::spawn(move || {
            for said in lines.map_while(Result::ok).filter_map(|line| parse(&line)) {
                if sender.send(said).is_err() {
                    break;
                }
            }
        });
        Window { child, said }
    }

    /// Kills it, and gives what it said that was not heard yet.
    fn kill(mut self) -> Vec<Said> {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
        self.said.iter().collect()
    }
}

/// Nothing is left running where an assertion fails.
impl Drop for Window {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The documents that may be found: what was kept last, and what came after it.
#[derive(Debug, Default)]
struct Allowed {
    kept: u64,
    documents: BTreeMap<u64, String>,
}

impl Allowed {
    fn hear(&mut self, said: Said) {
        match said {
            Said::Opened { .. } => {}
            Said::Did { number, document } => drop(self.documents.insert(number, document)),
            Said::Kept { number } => self.kept = number,
        }
    }

    /// How many changes were on their way and came through; `None` where the document is none of these.
    fn find(&self, document: &str) -> Option<u64> {
        let after = self.documents.range(self.kept..).find(|(_, other)| *other == document);
        after.map(|(number, _)| number - self.kept)
    }
}

#[test]
fn a_hundred_kills_lose_nothing_that_the_window_said_was_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let films = folder.path().join("films");
    std::fs::create_dir(&films).expect("a folder");
    let path = films.join("film.dcm");
    let mut film = coxa::simulate::demo().radiograph();
    film.identity.sop_instance_uid = Some("1.2.826.0.1.3680043.10.99.1".to_owned());
    write_dx(&film, &path).expect("a film");

    let mut random = ChaCha8Rng::seed_from_u64(9);
    let mut allowed = Allowed::default();
    let (mut kept, mut through, mut recoveries) = (0, 0, 0);
    for kill in 0..KILLS {
        let window = Window::open(folder.path(), kill);
        let opened = match window.said.recv_timeout(PATIENCE) {
            Ok(Said::Opened { recovered, document }) => (recovered, document),
            other => panic!("kill {kill}: the window came to no film: {other:?}"),
        };
        // Each start finds what the kill before it left.
        let (recovered, document) = opened;
        if kill > 0 {
            let more = allowed.find(&document);
            let more = more.unwrap_or_else(|| {
                panic!("kill {kill}: {document} is neither what was kept nor what came after it: {allowed:?}")
            });
            through += more;
            recoveries += u64::from(recovered > 0);
        }
        allowed = Allowed { kept: 0, documents: BTreeMap::from([(0, document)]) };
        // Some are killed before anything is done, most amid their work, a moment after some word.
        let work = kill % 10 != 0;
        let words = if work { random.random_range(1..12) } else { 0 };
        for _ in 0..words {
            allowed.hear(window.said.recv_timeout(PATIENCE).expect("the window works on"));
        }
        let most = if work { 30_000 } else { 1 };
        std::thread::sleep(Duration::from_micros(random.random_range(0..most)));
        window.kill().into_iter().for_each(|said| allowed.hear(said));
        kept += allowed.kept;
    }
    assert!(kept > KILLS, "{kept} changes kept in all");
    assert!(recoveries > KILLS / 2, "{recoveries} starts with steps to recover");

    // The last word is that of the files.
    let home = Home::at(&folder.path().join("home")).expect("a home");
    let (radiograph, presentation) = coxa::imaging::open_presented(&path, 1).expect("the film");
    let mut study = Study::new(&path, &radiograph, &presentation, Cow::Borrowed(embedded()));
    let (keeper, opening) =
        Keeper::open(&home, &StudyKey::of(&radiograph), &mut study).expect("opens after a kill");
    assert_eq!(opening.faults, Vec::<String>::new());
    assert!(!keeper.is_read_only(), "a dead window holds no lock");
    let json = serde_json::to_vec(study.annotations()).expect("JSON");
    let document: String = Sha256::digest(json).iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(allowed.find(&document).is_some(), "{document}: {allowed:?}");
    println!(
        "{KILLS} kills, {kept} changes kept; {through} that were on their way came through; \
         {recoveries} starts recovered steps"
    );
}
