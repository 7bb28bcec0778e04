//! The files under examples/ work unchanged.

mod jobs;
mod stack;

use std::path::{Path, PathBuf};

/// A file or folder of examples/.
fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}
