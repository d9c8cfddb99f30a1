//! Memory kept by the process.

/// Keeps the memory that this process frees for its next values. Call it before training on the CPU.
///
/// Each training step allocates and frees the same hundreds of megabytes. By default glibc returns large
/// blocks to the system, which zeroes them again for the next step: up to half of the time of a small
/// network's step. The process stays as large as its largest step. Other allocators are not affected.
pub fn keep_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[allow(unsafe_code, reason = "settings of the allocator have no safe interface")]
    // SAFETY: `mallopt` may be called at any time, and refuses values it does not know.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 1 << 30);
        libc::mallopt(libc::M_TRIM_THRESHOLD, -1);
    }
}
