//! The pictures of a run, made before it begins. Each is a function of the seed, its kind and its number.

use super::super::TrainError;
use super::config::ShelfConfig;
use crate::job::{Cancelled, Job};
use crate::models::View;
use crate::models::view::Content;
use crate::simulate::adult::{self, AdultFilm, AdultOptions, Elsewhere, Kind, Person, read_all};
use crate::simulate::infant::{Phantom, PhantomOptions};
use crate::simulate::other::OtherPicture;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Held pictures are numbered from here.
const HELD: u64 = 1 << 40;

/// A picture and what it shows.
#[derive(Debug, Clone)]
pub struct Picture {
    pub content: Content,
    pub rows: usize,
    pub columns: usize,
    /// Row-major; eight bits are what a classifier needs, and a shelf holds thousands.
    pub grey: Vec<u8>,
}

/// A kind of simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kinds {
    Infants,
    Pelves,
    Hips,
    Slices,
    Implants,
    Elsewhere,
    Drawings,
}

impl Kinds {
    const ALL: [Self; 7] = [
        Self::Infants,
        Self::Pelves,
        Self::Hips,
        Self::Slices,
        Self::Implants,
        Self::Elsewhere,
        Self::Drawings,
    ];

    fn count(self, config: &ShelfConfig) -> usize {
        match self {
            Self::Infants => config.infants,
            Self::Pelves => config.pelves,
            Self::Hips => config.hips,
            Self::Slices => config.slices,
            Self::Implants => config.implants,
            Self::Elsewhere => config.elsewhere,
            Self::Drawings => config.drawings,
        }
    }

    fn content(self) -> Content {
        match self {
            Self::Infants => Content::Readable(View::InfantPelvis),
            Self::Pelves => Content::Readable(View::AdultPelvis),
            Self::Hips => Content::Readable(View::AdultHip),
            Self::Slices => Content::Readable(View::CoronalMr),
            Self::Implants => Content::Implant,
            Self::Elsewhere | Self::Drawings => Content::Other,
        }
    }

    /// Number `number` of a run of `seed`. `None` where the bones of this draw cannot be laid out.
    fn picture(self, seed: u64, number: u64, people: &[Person], size: usize) -> Option<Picture> {
        let place = Self::ALL.iter().position(|kind| *kind == self).unwrap_or_default() as u64;
        let seed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(number ^ (place << 48));
        let person = || people.get(number as usize % people.len().max(1));
        let of = |rows, columns, grey: &[f32]| Picture {
            content: self.content(),
            rows,
            columns,
            grey: grey.iter().map(|v| (v.clamp(0.0, 1.0) * 255.0).round() as u8).collect(),
        };
        let film = |options: AdultOptions| {
            let film = AdultFilm::generate(person()?, seed, &AdultOptions { size, ..options })?;
            Some(of(film.rows, film.columns, &film.grey))
        };
        let plain = AdultOptions::default;
        let hip = || AdultOptions { view: adult::View::Hip, frogged: 0.4, ..plain() };
        match self {
            Self::Infants => {
                let cropped = number.is_multiple_of(2);
                let film =
                    Phantom::generate(seed, &PhantomOptions { size, cropped, ..PhantomOptions::default() });
                Some(of(film.rows, film.columns, &film.grey))
            }
            Self::Pelves => film(AdultOptions { frogged: 0.1, ..plain() }),
            Self::Hips => film(hip()),
            Self::Slices => film(AdultOptions { kind: Kind::Mr, ..plain() }),
            Self::Implants => {
                let shown = if number.is_multiple_of(3) { hip() } else { plain() };
                film(AdultOptions { implants: 1.0, ..shown })
            }
            Self::Elsewhere => {
                let film = Elsewhere::generate(person()?, seed, size)?;
                Some(of(film.rows, film.columns, &film.grey))
            }
            Self::Drawings => {
                let picture = OtherPicture::generate(seed, size);
                Some(of(picture.rows, picture.columns, &picture.grey))
            }
        }
    }
}

/// Pictures by kind.
pub struct Shelf {
    kinds: Vec<Vec<Picture>>,
}

impl Shelf {
    /// Share of a batch that each kind has, in the order of the kinds.
    const SHARES: [f64; 7] = [0.2, 0.15, 0.11, 0.08, 0.09, 0.1, 0.27];

    /// The pictures to learn from, and the held ones, of other bodies.
    ///
    /// # Errors
    /// People who cannot be read, cancellation.
    pub fn make(config: &ShelfConfig, seed: u64, job: &Job) -> Result<(Self, Self), TrainError> {
        let data = || std::env::var_os("COXA_DATA").map(|data| PathBuf::from(data).join("vsd"));
        let folder = config.anatomy.clone().or_else(data).ok_or_else(|| {
            TrainError::Config("neither data.anatomy nor COXA_DATA names a folder of bones".to_owned())
        })?;
        let people = read_all(&folder).map_err(|e| TrainError::Config(e.to_string()))?;
        let bodies: BTreeSet<String> = people.iter().map(|person| person.body.clone()).collect();
        let out: Vec<&String> = bodies.iter().step_by(config.folds).collect();
        let (held, learnt): (Vec<Person>, Vec<Person>) =
            people.into_iter().partition(|person| out.contains(&&person.body));
        if learnt.is_empty() {
            return Err(TrainError::Config("there are fewer bodies than folds".to_owned()));
        }
        let less = |count: usize| count.div_ceil(config.held);
        let fewer = ShelfConfig {
            infants: less(config.infants),
            pelves: less(config.pelves),
            hips: less(config.hips),
            slices: less(config.slices),
            implants: less(config.implants),
            elsewhere: less(config.elsewhere),
            drawings: less(config.drawings),
            ..config.clone()
        };
        Ok((Self::of(&learnt, config, seed, 0, job)?, Self::of(&held, &fewer, seed, HELD, job)?))
    }

    /// The pictures of `people` numbered from `first`; without people only those that need none.
    pub(super) fn of(
        people: &[Person],
        config: &ShelfConfig,
        seed: u64,
        first: u64,
        job: &Job,
    ) -> Result<Self, Cancelled> {
        let all: usize = Kinds::ALL.iter().map(|kind| kind.count(config)).sum();
        let made = AtomicUsize::new(0);
        let kinds = Kinds::ALL.into_iter().map(|kind| {
            let numbers = (0..kind.count(config) as u64).into_par_iter();
            let pictures = numbers.map(|number| {
                job.check()?;
                let picture = kind.picture(seed, first + number, people, config.size);
                let made = made.fetch_add(1, Ordering::Relaxed) + 1;
                job.report("making pictures", made as f32 / all as f32);
                Ok(picture)
            });
            Ok(pictures.collect::<Result<Vec<_>, Cancelled>>()?.into_iter().flatten().collect())
        });
        Ok(Self { kinds: kinds.collect::<Result<_, Cancelled>>()? })
    }

    /// The picture that two numbers within 0 and 1 choose: the kind by its share of a batch, then one of the kind.
    pub fn choose(&self, kind: f64, number: f64) -> Option<&Picture> {
        let there = || self.kinds.iter().zip(Self::SHARES).filter(|(pictures, _)| !pictures.is_empty());
        let mut left = kind * there().map(|(_, share)| share).sum::<f64>();
        let (pictures, _) = there().find(|(_, share)| {
            left -= share;
            left < 0.0
        })?;
        pictures.get((number * pictures.len() as f64) as usize)
    }

    pub fn pictures(&self) -> impl Iterator<Item = &Picture> {
        self.kinds.iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::view::ViewConfig;

    #[test]
    fn a_shelf_without_people_has_infants_and_drawings_and_is_made_again_alike() {
        let config = ShelfConfig { size: 64, infants: 3, drawings: 5, ..ViewConfig::default().data };
        let make = |first| Shelf::of(&[], &config, 7, first, &Job::silent()).unwrap();
        let (a, b, held) = (make(0), make(0), make(HELD));
        assert_eq!(a.pictures().count(), 8);
        assert!(a.pictures().zip(b.pictures()).all(|(a, b)| a.grey == b.grey && a.content == b.content));
        assert!(a.pictures().zip(held.pictures()).all(|(a, b)| a.grey != b.grey));
        let chosen: Vec<Content> =
            [0.0, 0.4, 0.9].iter().filter_map(|kind| Some(a.choose(*kind, 0.5)?.content)).collect();
        assert_eq!(
            chosen,
            [Content::Readable(View::InfantPelvis), Content::Readable(View::InfantPelvis), Content::Other]
        );
    }
}
