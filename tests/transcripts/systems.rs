//! The systems that commands are recorded on.

use super::Recorder;
use crate::support::ordctl::Ordctl;

#[test]
fn without_configuration() {
    let ordctl = Ordctl::new();
    let mut recorder = Recorder::new("unconfigured", &ordctl);
    for line in ["health morning", "config show"] {
        recorder.run(line);
    }
    recorder.compare();
    recorder.type_hints();
}
