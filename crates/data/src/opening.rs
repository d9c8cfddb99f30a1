//! The opening of data, by one process or by several that share the work.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::message::Message;
use crate::read::Cache;
use crate::{DataError, OpenProgress, Sharing, parallel};

/// The processes that open data, and the cache that the sources of this process use.
#[derive(Clone, Copy)]
pub(crate) struct Opening<'a> {
    pub(crate) sharing: Sharing<'a>,
    pub(crate) cache: &'a Arc<Cache>,
    pub(crate) progress: &'a (dyn Fn(OpenProgress) + Sync),
}

impl Opening<'_> {
    /// Returns the results of `check` for the indices of `count` recordings. Each process checks its share, on several
    /// threads.
    pub(crate) fn of_recordings<T: Message + Send>(
        &self,
        count: usize,
        threads: usize,
        check: impl Fn(usize) -> Result<T, DataError> + Sync,
    ) -> Result<Vec<T>, DataError> {
        let share = self.sharing.share.of(0..count);
        let (done, total) = (AtomicUsize::new(0), share.len());
        let own = parallel::map(threads, total, |index| {
            let found = check(share.start + index)?;
            (self.progress)(OpenProgress::Recordings {
                done: done.fetch_add(1, Ordering::Relaxed) + 1,
                total,
            });
            Ok(found)
        });
        self.sharing.exchange_all(own, count)
    }
}
