//! `coxa decode`: one frame of a file as an array or a picture, for tests and scripts.

use super::terminal;
use crate::imaging::{self, Presentation, Radiograph};
use anyhow::{Context, bail, ensure};
use image::{ImageBuffer, Luma};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A film: DICOM, PNG, JPEG or TIFF
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Frame of a multi-frame file, from 1
    #[arg(long, value_name = "N", default_value_t = 1)]
    frame: u32,
    /// How far along the display chain (PS3.3 C.11)
    #[arg(long, value_enum, default_value = "display")]
    stage: Stage,
    /// Window or table of the file, by name or by number from 1; the first without
    #[arg(long, value_name = "NAME")]
    window: Option<String>,
    /// As on a screen: shutter and overlays drawn, pixels made square (stage display)
    #[arg(long)]
    drawn: bool,
    /// Where to: .npy for numbers, .png for a picture
    #[arg(long, value_name = "X.npy|X.png")]
    out: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Stage {
    /// Values as they are in the file, masked and with their sign: int32
    Stored,
    /// After the modality transform: float64
    Modality,
    /// Greys of a screen: uint8
    Display,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let (film, presentation) = imaging::open_pixels(&args.file, args.frame)?;
    for warning in &film.warnings {
        terminal::complain(&format!("{}: {warning}", args.file.display()));
    }
    let picture = match args.out.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref()
    {
        Some("npy") => false,
        Some("png") => true,
        _ => bail!("{}: the name must end in .npy or .png", args.out.display()),
    };
    let (rows, columns) = (film.rows, film.columns);
    let written = match (args.stage, picture) {
        (Stage::Stored, false) => npy(&args.out, "<i4", rows, columns, &film.stored, |v| v.to_le_bytes()),
        (Stage::Modality, false) => {
            npy(&args.out, "<f8", rows, columns, &film.stored, |&v| film.modality.apply(v).to_le_bytes())
        }
        (Stage::Display, _) => {
            let (rows, columns, grey) = display(&film, &presentation, &args)?;
            if picture {
                fs::write(&args.out, png8(rows, columns, grey)?)
            } else {
                npy(&args.out, "|u1", rows, columns, &grey, |v| [*v])
            }
        }
        (Stage::Stored, true) => {
            fs::write(&args.out, png16(&film).with_context(|| args.out.display().to_string())?)
        }
        (Stage::Modality, true) => bail!("modality values are no greys: write them to an .npy"),
    };
    written.with_context(|| format!("{}: cannot be written", args.out.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn display(
    film: &Radiograph,
    presentation: &Presentation,
    args: &Args,
) -> anyhow::Result<(usize, usize, Vec<u8>)> {
    let chosen = match &args.window {
        Some(name) => Some(presentation.voi(name).with_context(|| {
            let names = presentation.voi_names.join(", ");
            format!("{}: no window {name:?}; there are: {names}", args.file.display())
        })?),
        None => None,
    };
    let mut grey = match film.voi.get(chosen.unwrap_or(0)) {
        Some(voi) => film.present(voi, false),
        None => film.render(film.default_window(), false),
    };
    if !args.drawn {
        return Ok((film.rows, film.columns, grey));
    }
    presentation.draw(&mut grey, film.rows, film.columns);
    Ok(film.squared(grey))
}

/// Writes NumPy's format 1.0, C order; `bytes` of a value.
fn npy<T, const N: usize>(
    path: &Path,
    kind: &str,
    rows: usize,
    columns: usize,
    values: &[T],
    bytes: impl Fn(&T) -> [u8; N],
) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(&npy_header(kind, rows, columns))?;
    // By parts that stay in the cache: a film as a whole would be held twice.
    let mut part = Vec::new();
    for values in values.chunks(1 << 15) {
        part.clear();
        part.extend(values.iter().flat_map(&bytes));
        file.write_all(&part)?;
    }
    Ok(())
}

/// Magic, version, length and header fill a multiple of 64 bytes, the last of them a line feed.
fn npy_header(kind: &str, rows: usize, columns: usize) -> Vec<u8> {
    let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    let length = (10 + header.len() + 1).next_multiple_of(64) - 10;
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((length as u16).to_le_bytes());
    bytes.extend(format!("{header:width$}\n", width = length - 1).bytes());
    bytes
}

fn png8(rows: usize, columns: usize, grey: Vec<u8>) -> anyhow::Result<Vec<u8>> {
    let image: ImageBuffer<Luma<u8>, _> =
        ImageBuffer::from_raw(columns as u32, rows as u32, grey).context("the picture has no size")?;
    encoded(image::DynamicImage::from(image))
}

/// 16 bits whatever the depth, so that a value is the value of the file.
fn png16(film: &Radiograph) -> anyhow::Result<Vec<u8>> {
    let values: Result<Vec<u16>, _> = film.stored.iter().map(|&v| u16::try_from(v)).collect();
    ensure!(values.is_ok(), "values below 0 or above 65535 do not fit a PNG: write an .npy");
    let image: ImageBuffer<Luma<u16>, _> =
        ImageBuffer::from_raw(film.columns as u32, film.rows as u32, values?)
            .context("the picture has no size")?;
    encoded(image::DynamicImage::from(image))
}

fn encoded(image: image::DynamicImage) -> anyhow::Result<Vec<u8>> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png)?;
    Ok(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use super::npy_header;

    #[test]
    fn an_array_starts_on_a_boundary() {
        let bytes = npy_header("|u1", 2, 3);
        assert_eq!(bytes.len() % 64, 0);
        let header = String::from_utf8_lossy(&bytes[10..]).into_owned();
        assert!(header.starts_with("{'descr': '|u1'") && header.ends_with(" \n"), "{header}");
        assert_eq!(usize::from(bytes[8]) + 256 * usize::from(bytes[9]), header.len());
    }
}
