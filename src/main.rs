//! The program: see the library's front page.

fn main() -> std::process::ExitCode {
    ordctl::commands::main().into()
}
