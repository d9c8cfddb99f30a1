//! Memory that the process keeps.

/// Keeps the memory this process frees, for its next values. Call it before training on the CPU.
///
/// Each step takes and frees the same hundreds of megabytes. Left to itself glibc returns large
/// blocks to the system, which zeroes them anew for the next step: up to half of the time of a small
/// network's step. The process stays as large as its largest step. With other allocators nothing
/// happens.
pub fn keep_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[allow(unsafe_code, reason = "settings of the allocator have no safe interface")]
    // SAFETY: `mallopt` may be called at any time, and refuses values it does not know.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 1 << 30);
        libc::mallopt(libc::M_TRIM_THRESHOLD, -1);
    }
}
