//! The size of a container's log. It is only measured: the engine owns the file.

use std::path::Path;

use crate::clients::platform::docker::Docker;
use crate::clients::platform::{InstanceDetails, LogSource};

impl Docker {
    /// Bytes of a container's log with its rotated files; none where the files cannot be read here.
    pub(super) fn log_bytes(&self, container: &InstanceDetails) -> Option<u64> {
        let path = Path::new(&container.log.path);
        let (directory, name) = (path.parent()?, path.file_name()?.to_str()?);
        if !self.can_read(path) {
            return None;
        }
        let belongs =
            |file: &str| file.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let mut bytes = None;
        for entry in std::fs::read_dir(directory).ok()?.flatten() {
            if entry.file_name().to_str().is_some_and(belongs) {
                // A file that is being rotated away counts next time.
                bytes = Some(bytes.unwrap_or(0) + entry.metadata().map_or(0, |m| m.len()));
            }
        }
        bytes
    }
}

/// Whether rotation limits a log; none where the driver keeps no file, or is unknown.
pub(super) fn is_bounded(log: &LogSource) -> Option<bool> {
    let set = |option: &str| log.options.get(option).is_some_and(|v| !v.is_empty() && v != "-1");
    match log.driver.as_str() {
        "json-file" => Some(set("max-size")),
        // Rotates by default: five files of 20 MB.
        "local" => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_max_size_bounds_a_json_file() {
        let bounded = |driver: &str, options: &[(&str, &str)]| {
            is_bounded(&LogSource {
                driver: driver.to_owned(),
                options: options.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
                ..LogSource::default()
            })
        };
        assert_eq!(bounded("json-file", &[("max-size", "10m"), ("max-file", "3")]), Some(true));
        assert_eq!(bounded("json-file", &[]), Some(false));
        assert_eq!(bounded("json-file", &[("max-size", "-1")]), Some(false));
        assert_eq!(bounded("json-file", &[("max-file", "3")]), Some(false), "max-file alone has no effect");
        assert_eq!((bounded("local", &[]), bounded("journald", &[])), (Some(true), None));
    }
}
