//! How much disk a container's log takes up. It is only measured: what the engine writes to is nobody
//! else's to shorten.

use std::path::Path;

use crate::clients::platform::docker::{Container, Docker};

impl Docker {
    /// Bytes of a container's log with its rotated files; none where they cannot be seen from here.
    pub(crate) fn log_bytes(&self, container: &Container) -> Option<u64> {
        let path = Path::new(&container.log_path);
        let (directory, name) = (path.parent()?, path.file_name()?.to_str()?);
        if !self.sees(path) {
            return None;
        }
        let own =
            |file: &str| file.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let mut bytes = None;
        for entry in std::fs::read_dir(directory).ok()?.flatten() {
            if entry.file_name().to_str().is_some_and(own) {
                // A file that is rotated away just now is counted next time.
                bytes = Some(bytes.unwrap_or(0) + entry.metadata().map_or(0, |m| m.len()));
            }
        }
        bytes
    }
}

impl Container {
    /// Whether its log is bounded: None where the driver keeps no file here, or is not known.
    pub(crate) fn log_is_bounded(&self) -> Option<bool> {
        let set = |option: &str| self.log_options.get(option).is_some_and(|v| !v.is_empty() && v != "-1");
        match self.log_driver.as_str() {
            "json-file" => Some(set("max-size")),
            // It rotates by itself: five files of 20 MB unless told otherwise.
            "local" => Some(true),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_size_bounds_a_json_file() {
        let with = |driver: &str, options: &[(&str, &str)]| Container {
            log_driver: driver.to_owned(),
            log_options: options.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            ..Container::default()
        };
        let bounded = |driver: &str, options: &[(&str, &str)]| with(driver, options).log_is_bounded();
        assert_eq!(bounded("json-file", &[("max-size", "10m"), ("max-file", "3")]), Some(true));
        assert_eq!(bounded("json-file", &[]), Some(false));
        assert_eq!(bounded("json-file", &[("max-size", "-1")]), Some(false));
        assert_eq!(bounded("json-file", &[("max-file", "3")]), Some(false), "it has no effect alone");
        assert_eq!((bounded("local", &[]), bounded("journald", &[])), (Some(true), None));
    }
}
