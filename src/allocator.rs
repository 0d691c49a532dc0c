//! The allocator of the program, which keeps the pages that are freed.
//!
//! A network allocates and frees the same large buffers image after image. Given back to the system in between, each
//! of their pages would have to be cleared and mapped anew.

use libmimalloc_sys as sys;

/// The allocator: `#[global_allocator] static ALLOCATOR: Allocator = Allocator;`
pub use mimalloc::MiMalloc as Allocator;

/// `mi_option_purge_delay`: milliseconds until freed pages go back to the system, −1 for never. The bindings leave
/// it out, but name what follows it in the headers of mimalloc 2 and 3.
const PURGE_DELAY: sys::mi_option_t = sys::mi_option_use_numa_nodes - 1;

/// Has freed pages kept for the next network. Called once, first in `main`.
pub fn keep_freed_pages() {
    // SAFETY: an option that exists; mimalloc reads its options atomically.
    unsafe { sys::mi_option_set(PURGE_DELAY, -1) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_is_the_delay_of_purges() {
        // SAFETY: an option that exists.
        let delay = || unsafe { sys::mi_option_get(PURGE_DELAY) };
        // The defaults of mimalloc 2 and 3.
        assert!([10, 1000].contains(&delay()), "{}", delay());
        keep_freed_pages();
        assert_eq!(delay(), -1);
    }
}
