//! That nothing comes, without waiting for it.

use std::future::Future;
use std::time::Duration;

/// Nothing has come in an hour of the runtime that client and server share. Its clock jumps whenever
/// all of them are idle, so that the hour takes no time. What is asked must have arrived before.
pub(crate) async fn never_comes<T>(coming: impl Future<Output = T>) {
    tokio::time::pause();
    let came = tokio::time::timeout(Duration::from_hours(1), coming).await;
    tokio::time::resume();
    assert!(came.is_err(), "something came");
}
