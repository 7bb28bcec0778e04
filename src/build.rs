//! Declares the embedded folders and sets link options.
//!
//! Without PIE the program starts faster: the time zone tables alone contain tens of thousands of pointers
//! that the loader would relocate at each start. The cost is that the program's own addresses are not
//! randomized; those of libraries, heap and stacks still are.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "build scripts print their instructions")]

fn main() {
    println!("cargo:rerun-if-changed=src/build.rs");
    // These folders are embedded: an added file changes no source.
    for folder in ["queries", "runbooks", "completions", "examples"] {
        println!("cargo:rerun-if-changed={folder}");
    }
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}
