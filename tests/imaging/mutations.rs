//! Mutations of sound files: bytes changed, cut, doubled. An image or an error, soon, and no decoder gives up in a
//! panic that only the last net catches. Two seconds, or `COXA_FUZZ_SECONDS`; seeds from `COXA_DATA` where it is set.

use crate::made::{Made, folder};
use coxa::imaging::open_presented;
use dicom_core::VR;
use dicom_dictionary_std::{tags, uids};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// No file may take longer.
const LIMIT: Duration = Duration::from_secs(5);
const LARGEST_SEED: u64 = 300_000;

fn seeds(folder: &Path) -> Vec<Vec<u8>> {
    let mut rle = vec![0; 64];
    rle[0] = 2;
    (rle[4], rle[8]) = (64, 66);
    rle.extend([0x81, 1, 0x81, 7]);
    let mut window = Made::film(8, &[77; 128]);
    window.text(tags::WINDOW_CENTER, VR::DS, "100").text(tags::WINDOW_WIDTH, VR::DS, "50");
    let mut compressed = Made::film(8, &[0; 128]);
    compressed.fragments(vec![rle]);
    let films = [(window, uids::EXPLICIT_VR_LITTLE_ENDIAN), (compressed, uids::RLE_LOSSLESS)];
    let mut seeds: Vec<Vec<u8>> = films
        .into_iter()
        .map(|(film, syntax)| fs::read(film.write_as(syntax, &folder.join("seed"))).expect("read"))
        .collect();
    if let Some(data) = std::env::var_os("COXA_DATA") {
        let files = walkdir::WalkDir::new(data).sort_by_file_name().into_iter().flatten();
        let small = files
            .filter(|e| e.metadata().is_ok_and(|m| m.is_file() && (200..LARGEST_SEED).contains(&m.len())));
        seeds.extend(small.filter_map(|entry| fs::read(entry.path()).ok()));
    }
    seeds
}

fn mutated(seed: &[u8], rng: &mut ChaCha8Rng) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    let in_header = rng.random_bool(0.6);
    for _ in 0..rng.random_range(1..6) {
        let end = if in_header { bytes.len().min(3000) } else { bytes.len() };
        let at = rng.random_range(132.min(end - 1)..end);
        match rng.random_range(0..6) {
            0 => bytes[at] = rng.random(),
            1 => bytes[at] ^= 1 << rng.random_range(0..8),
            2 => bytes.truncate(at.max(140)),
            3 => bytes[at] = if rng.random() { 0xFF } else { 0 },
            4 => {
                bytes.remove(at);
            }
            _ => {
                let end = (at + rng.random_range(1..64)).min(bytes.len());
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
        }
        if bytes.len() < 141 {
            break;
        }
    }
    bytes
}

#[test]
fn mutations() {
    let folder = folder();
    let seeds = seeds(folder.path());
    let seconds = std::env::var("COXA_FUZZ_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(2);
    let seed = std::env::var("COXA_FUZZ_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(4);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let start = Instant::now();
    let (mut files, mut opened, mut slowest) = (0u64, 0u64, Duration::ZERO);
    let path = folder.path().join("mutated");
    while start.elapsed() < Duration::from_secs(seconds) {
        let bytes = mutated(&seeds[rng.random_range(0..seeds.len())], &mut rng);
        fs::write(&path, &bytes).expect("written");
        let begun = Instant::now();
        let keep = |why: &str| {
            let kept = std::env::temp_dir().join(format!("coxa-{why}-{seed}-{files}"));
            fs::copy(&path, &kept).expect("copied");
            kept.display().to_string()
        };
        match open_presented(&path, 1) {
            Ok((film, shown)) => {
                opened += 1;
                let mut grey = film.render(film.default_window(), false);
                assert_eq!(grey.len(), film.rows * film.columns);
                shown.draw(&mut grey, film.rows, film.columns);
            }
            Err(error) => {
                assert!(!error.to_string().contains("gave up"), "{}: {error}", keep("panic"));
            }
        }
        let mut took = begun.elapsed();
        // On a busy machine the process may have waited: slow is what is slow every time.
        for _ in 0..3 {
            if took < LIMIT {
                break;
            }
            let again = Instant::now();
            let _ = open_presented(&path, 1);
            took = took.min(again.elapsed());
        }
        assert!(took < LIMIT, "{} took {took:?}", keep("slow"));
        slowest = slowest.max(took);
        files += 1;
    }
    println!("{files} files, {opened} opened, slowest {slowest:.2?}");
}
