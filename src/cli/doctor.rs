//! `coxa doctor`: what works on this machine, and what to install where something does not.

use super::terminal;
use crate::export::text::Type;
use crate::models::view::Classifier;
use crate::models::{DeviceChoice, Predictor, catalogue, device};
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// One thing looked at.
struct Check {
    what: &'static str,
    verdict: Verdict,
    found: String,
}

enum Verdict {
    Works,
    /// Something is missing that not everybody needs; what to do about it.
    Missing(String),
    /// Measuring cannot work; what to do about it.
    Broken(String),
}

pub fn run() -> anyhow::Result<ExitCode> {
    let mut checks = vec![program(), processor(), gpu()];
    checks.extend(weights());
    checks.extend([fonts(), display(), libraries(), dialogs()]);
    checks.extend(folders());
    for Check { what, verdict, found } in &checks {
        let (mark, advice) = match verdict {
            Verdict::Works => ("ok     ", None),
            Verdict::Missing(advice) => ("missing", Some(advice)),
            Verdict::Broken(advice) => ("BROKEN ", Some(advice)),
        };
        terminal::print(&format!("{mark}  {what:<10} {found}"))?;
        if let Some(advice) = advice {
            terminal::print(&format!("{:9}{:<10} → {advice}", "", ""))?;
        }
    }
    let broken = checks.iter().any(|check| matches!(check.verdict, Verdict::Broken(_)));
    Ok(if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn works(what: &'static str, found: impl Into<String>) -> Check {
    Check { what, verdict: Verdict::Works, found: found.into() }
}

fn missing(what: &'static str, found: impl Into<String>, advice: &str) -> Check {
    Check { what, verdict: Verdict::Missing(advice.to_owned()), found: found.into() }
}

fn program() -> Check {
    let (name, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    works("program", format!("{name} {version}, {} {}", env::consts::OS, env::consts::ARCH))
}

fn processor() -> Check {
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    works("processor", format!("{cores} cores, {}", vector_units()))
}

#[cfg(target_arch = "x86_64")]
fn vector_units() -> &'static str {
    if std::arch::is_x86_feature_detected!("avx512f") {
        "AVX-512"
    } else if std::arch::is_x86_feature_detected!("avx2") {
        "AVX2"
    } else {
        "no AVX2: networks will be slow"
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn vector_units() -> &'static str {
    "vector units not looked at"
}

fn gpu() -> Check {
    match device(DeviceChoice::Cuda) {
        Ok((_, found)) => works("gpu", found),
        Err(error) => missing("gpu", error.to_string(), "not needed: networks run on the processor"),
    }
}

/// Loading checks the SHA-256 of the weights against the card.
fn weights() -> Vec<Check> {
    let broken = |found: String| Check {
        what: "weights",
        verdict: Verdict::Broken("this program was built from a damaged tree: build it again".to_owned()),
        found,
    };
    if catalogue().is_empty() {
        return vec![broken("no network inside this program".to_owned())];
    }
    let sound = |id: &str, version: &str, sha256: &str| {
        let sha: String = sha256.chars().take(12).collect();
        works("weights", format!("{id} {version}, SHA-256 {sha}… as on its card"))
    };
    let classifier = match Classifier::load(DeviceChoice::Cpu) {
        Ok(classifier) => {
            let card = classifier.card();
            sound(&card.id, &card.version, &card.sha256)
        }
        Err(error) => broken(error.to_string()),
    };
    catalogue()
        .iter()
        .map(|card| match Predictor::load(Some(card.id()), DeviceChoice::Cpu) {
            Ok(_) => sound(card.id(), card.version(), card.sha256()),
            Err(error) => broken(error.to_string()),
        })
        .chain([classifier])
        .collect()
}

fn fonts() -> Check {
    match Type::embedded() {
        Ok(_) => works("fonts", "Noto Sans, inside this program"),
        Err(error) => Check {
            what: "fonts",
            verdict: Verdict::Broken("this program was built from a damaged tree: build it again".to_owned()),
            found: error.to_string(),
        },
    }
}

fn is_set(variable: &str) -> bool {
    env::var_os(variable).is_some_and(|value| !value.is_empty())
}

fn display() -> Check {
    if !cfg!(target_os = "linux") {
        return works("display", "the system's own");
    }
    let set: Vec<&str> = ["WAYLAND_DISPLAY", "DISPLAY"].into_iter().filter(|v| is_set(v)).collect();
    if set.is_empty() {
        let advice = "for the window: log in to a desktop, or run under xvfb-run; `coxa measure` needs none";
        return missing("display", "neither WAYLAND_DISPLAY nor DISPLAY is set", advice);
    }
    works("display", format!("{} set", set.join(" and ")))
}

/// What the window loads at run time, and the Debian package that has it.
const LIBRARIES: [(&str, &str); 4] = [
    ("libEGL.so.1", "libegl1"),
    ("libGL.so.1", "libgl1 libgl1-mesa-dri"),
    ("libxkbcommon.so.0", "libxkbcommon0"),
    ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
];

fn libraries() -> Check {
    if !cfg!(target_os = "linux") {
        return works("opengl", "the system's own");
    }
    let lost: Vec<_> = LIBRARIES.into_iter().filter(|(name, _)| library(name).is_none()).collect();
    if lost.is_empty() {
        return works("opengl", "GL, EGL and keyboard libraries found");
    }
    let names: Vec<&str> = lost.iter().map(|(name, _)| *name).collect();
    let packages: Vec<&str> = lost.iter().map(|(_, package)| *package).collect();
    let advice = format!("for the window on Debian or Ubuntu: apt install {}", packages.join(" "));
    missing("opengl", format!("not found: {}", names.join(", ")), &advice)
}

/// Where the loader would find a shared library, by the usual places.
fn library(name: &str) -> Option<PathBuf> {
    let given = env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let machine = format!("{}-linux-gnu", env::consts::ARCH);
    let usual = ["/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib"].map(PathBuf::from);
    let with_machine = usual.iter().map(|folder| folder.join(&machine)).collect::<Vec<_>>();
    env::split_paths(&given)
        .chain(with_machine)
        .chain(usual)
        .map(|folder| folder.join(name))
        .find(|path| path.exists())
}

fn dialogs() -> Check {
    if !cfg!(target_os = "linux") {
        return works("dialogs", "the system's own");
    }
    let on_path = |program: &str| {
        let path = env::var_os("PATH").unwrap_or_default();
        env::split_paths(&path).any(|folder| folder.join(program).exists())
    };
    let portal = ["/usr/libexec/xdg-desktop-portal", "/usr/lib/xdg-desktop-portal"];
    if is_set("DBUS_SESSION_BUS_ADDRESS") && portal.iter().any(|path| Path::new(path).exists()) {
        return works("dialogs", "a desktop portal for file dialogs");
    }
    if on_path("zenity") {
        return works("dialogs", "zenity for file dialogs");
    }
    let advice = "the window asks for paths in a text field; for dialogs: apt install xdg-desktop-portal-gtk";
    missing("dialogs", "no desktop portal", advice)
}

fn folders() -> Vec<Check> {
    let here = env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    vec![writable("here", &here), writable("temporary", &env::temp_dir())]
}

/// Tries it, as permissions alone do not tell (read-only mounts, full disks).
fn writable(what: &'static str, folder: &Path) -> Check {
    let probe = folder.join(OsStr::new(&format!(".coxa-doctor-{}", std::process::id())));
    let tried = fs::write(&probe, b"probe").and_then(|()| fs::remove_file(&probe));
    match tried {
        Ok(()) => works(what, format!("{} can be written", folder.display())),
        Err(error) => missing(
            what,
            format!("{}: {error}", folder.display()),
            "give --out a folder that you may write to",
        ),
    }
}
