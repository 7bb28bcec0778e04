//! Says what the program is made of besides its sources, and how it is linked.
//!
//! The link options make the program start sooner: a command that an operator types, and that
//! cron and probes start all day, should cost little more than a process. Its time zone tables
//! alone hold tens of thousands of pointers, which the loader would otherwise relocate at each
//! start. The price is that the program's own addresses are not randomised; those of its
//! libraries, heap and stacks still are.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "so a build script speaks")]

fn main() {
    println!("cargo:rerun-if-changed=src/build.rs");
    // Embedded whole: a file that is added there changes no source.
    for folder in ["queries", "runbooks", "completions", "examples"] {
        println!("cargo:rerun-if-changed={folder}");
    }
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}
