//! What lies under examples/ works as it lies there.

mod jobs;
mod stack;

use std::path::{Path, PathBuf};

/// A file or folder of examples/.
fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}
