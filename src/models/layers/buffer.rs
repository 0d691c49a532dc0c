//! Plumbing between candle's storage and threaded loops: slices in, a buffer out that many threads fill.

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::Range;

use candle_core::{CpuStorage, Error, Layout, Result, Storage, Tensor};
use rayon::prelude::*;

/// The values of a contiguous `f32` tensor.
pub(super) fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let all = storage.as_slice::<f32>()?;
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&all[start..end]),
        None => Err(Error::Msg("a layer was given a tensor that is not contiguous".to_owned())),
    }
}

/// A buffer that threads fill, each its own ranges, without a first pass that writes zeros.
pub(super) struct Output<'a> {
    start: *mut MaybeUninit<f32>,
    len: usize,
    _buffer: PhantomData<&'a mut [MaybeUninit<f32>]>,
}

// SAFETY: the buffer is only reached by methods whose callers promise that no two threads use the same element.
unsafe impl Sync for Output<'_> {}

impl Output<'_> {
    /// The elements of `range`.
    ///
    /// # Safety
    /// No two live ranges may overlap.
    #[allow(clippy::mut_from_ref)]
    pub(super) unsafe fn range(&self, range: Range<usize>) -> &mut [MaybeUninit<f32>] {
        assert!(range.start <= range.end && range.end <= self.len, "a range inside the buffer");
        // SAFETY: inside the buffer (checked above), and exclusive by the promise of the caller.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(range.start), range.len()) }
    }

    /// Writes `values` `step` elements apart, from `first` on.
    ///
    /// # Safety
    /// No other thread may write these elements at the same time.
    pub(super) unsafe fn write_spaced(
        &self,
        first: usize,
        step: usize,
        values: impl ExactSizeIterator<Item = f32>,
    ) {
        let places = (first..self.len).step_by(step);
        assert!(values.len() <= places.len(), "elements inside the buffer");
        for (place, value) in places.zip(values) {
            // SAFETY: inside the buffer, and nobody else's by the promise of the caller.
            unsafe { self.start.add(place).write(MaybeUninit::new(value)) };
        }
    }
}

/// A vector of `len` values that `fill` writes.
///
/// # Safety
/// `fill` must write every element.
pub(super) unsafe fn filled(len: usize, fill: impl FnOnce(&Output)) -> Vec<f32> {
    let mut values = Vec::with_capacity(len);
    let spare = &mut values.spare_capacity_mut()[..len];
    fill(&Output { start: spare.as_mut_ptr(), len, _buffer: PhantomData });
    // SAFETY: the capacity is `len`, and `fill` has written every element.
    unsafe { values.set_len(len) };
    values
}

/// `total` values in chunks of `len`, each handed to `fill` as zeros by whichever thread is free.
pub(super) fn chunks(total: usize, len: usize, fill: impl Fn(usize, &mut [f32]) + Sync) -> Vec<f32> {
    let fill = |out: &Output| {
        (0..total.div_ceil(len)).into_par_iter().for_each(|chunk| {
            // SAFETY: chunks do not overlap.
            let cells = unsafe { out.range(chunk * len..((chunk + 1) * len).min(total)) };
            cells.fill(MaybeUninit::new(0.0));
            // SAFETY: just written.
            fill(chunk, unsafe { cells.assume_init_mut() });
        });
    };
    // SAFETY: every chunk is zeroed before anything else happens to it.
    unsafe { filled(total, fill) }
}

/// The values of a contiguous `f32` tensor on the CPU, for a backward pass.
pub(super) fn with_values<T>(tensor: &Tensor, f: impl FnOnce(&[f32]) -> T) -> Result<T> {
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        Storage::Cpu(storage) => Ok(f(values(storage, layout)?)),
        _ => Err(Error::Msg("a layer of the CPU was given a tensor of another device".to_owned())),
    }
}
