//! Read, decode, show: whatever the bytes are, an image or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::io::Write;

fuzz_target!(|data: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(data).expect("written");
    // libFuzzer's panic hook aborts before `open` can catch the panic of a decoder.
    if let Ok((film, shown)) = coxa::imaging::open_presented(file.path(), 1) {
        let mut grey = film.render(film.default_window(), false);
        assert_eq!(grey.len(), film.rows * film.columns);
        shown.draw(&mut grey, film.rows, film.columns);
        assert!(film.modality_values().iter().all(|v| v.is_finite()));
    }
});
