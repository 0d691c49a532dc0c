//! The largest resident memory of this process, as Linux counts it; elsewhere there is no figure.

use std::fs;

/// Starts counting anew, where the system lets one.
pub fn reset_peak() {
    // Without it the figure is that of the whole life of the process, which is no less true.
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// Largest resident set since [`reset_peak`].
pub fn peak_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_large_buffer_shows() {
        reset_peak();
        let before = peak_bytes().unwrap();
        let buffer = vec![1u8; 64 << 20];
        assert!(buffer.iter().map(|b| u64::from(*b)).sum::<u64>() > 0);
        assert!(peak_bytes().unwrap() >= before.min(64 << 20));
        assert!(peak_bytes().unwrap() > 64 << 20);
    }
}
