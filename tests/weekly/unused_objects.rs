//! Unused Docker objects under a separate label, and the arguments of a `maintain weekly` run that cleans
//! only these.

use std::collections::BTreeSet;

use crate::support::Guard;
use crate::support::ordctl::Ordctl;
use crate::support::postgres::{Database, cluster};
use crate::support::systems::shell;

/// Objects with one label, removed when the test ends.
pub struct UnusedObjects {
    pub name: String,
    _guard: Guard,
}

impl UnusedObjects {
    pub fn new(name: &str) -> Self {
        let name = format!("ordctl-weekly-{name}-{}", std::process::id());
        let of = format!("--filter label=ordctl.test={name}");
        let end = format!(
            "docker ps -aq {of} | xargs -r docker rm -f; docker network ls -q {of} | xargs -r docker network rm; \
             docker volume ls -q {of} | xargs -r docker volume rm; \
             for i in 1 2 3; do docker images -aq {of} | sort -u | xargs -r docker rmi -f; done"
        );
        let objects = Self { _guard: Guard::new(":", &end, &[], None), name };
        objects.import(&objects.tag(), "");
        objects
    }

    pub fn tag(&self) -> String {
        format!("{}:1", self.name)
    }

    pub fn label(&self) -> String {
        format!("ordctl.test={}", self.name)
    }

    /// Imports an image of busybox, tagged or not; returns its ID.
    pub fn import(&self, tag: &str, more: &str) -> String {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("bin")).unwrap();
        std::fs::copy("/bin/busybox", root.path().join("bin/busybox")).unwrap();
        // Makes each image distinct.
        std::fs::write(root.path().join("which"), format!("{tag}{more}")).unwrap();
        shell(&format!(
            "tar -C '{}' -c . | docker import -c 'LABEL {} {more}' - {tag}",
            root.path().display(),
            self.label()
        ))
    }

    /// Starts a container; returns its ID.
    pub fn container(&self, name: &str, options: &str, command: &str) -> String {
        self.container_of(&self.tag(), name, options, command)
    }

    pub fn container_of(&self, image: &str, name: &str, options: &str, command: &str) -> String {
        let (all, label) = (&self.name, self.label());
        let id = shell(&format!(
            "docker run -d --name {all}-{name} --label {label} --network none {options} {image} /bin/busybox {command}"
        ));
        if command == "true" {
            shell(&format!("docker wait {id}"));
        }
        id
    }

    pub fn network(&self, name: &str, options: &str) -> String {
        shell(&format!("docker network create --label {} {options} {}-{name}", self.label(), self.name))
    }

    /// A volume with a file in it.
    pub fn volume(&self, name: &str) -> String {
        let volume = format!("{}-{name}", self.name);
        shell(&format!("docker volume create --label {} {volume}", self.label()));
        self.container(
            &format!("fills-{name}"),
            &format!("-v {volume}:/data"),
            "sh -c 'echo precious >/data/file'",
        );
        let id = shell(&format!("docker ps -aq --filter name={}-fills-{name}", self.name));
        shell(&format!("docker wait {id}; docker rm {id}"));
        volume
    }

    /// IDs of all objects with the label.
    pub fn all(&self) -> BTreeSet<String> {
        let of = format!("--filter label={}", self.label());
        let text = shell(&format!(
            "docker ps -aq --no-trunc {of}; docker images -aq --no-trunc {of}; docker network ls -q --no-trunc {of}; docker volume ls -q {of}"
        ));
        text.lines().map(str::to_owned).collect()
    }

    pub fn configured(&self, database: &Database, more: &str) -> Ordctl {
        let url = cluster().url("postgres", &database.name);
        Ordctl::configured(&format!("database: {{ url: \"{url}\" }}\n{more}"))
    }
}

pub const HERE: &str = "docker: { host: \"unix:///var/run/docker.sock\" }\n";

/// The arguments of a run on the objects with the label, of any age.
pub fn weekly(label: &str, more: &[&str]) -> Vec<String> {
    let label = format!("docker_label={label}");
    let all = ["maintain", "weekly", "-p", &label, "-p", "docker_age=0s"];
    all.iter().chain(more).map(|a| (*a).to_owned()).collect()
}
