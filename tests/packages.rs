//! The packages of `make dist`, made from the program under test: the archive, the Debian package and the image. They
//! are installed in containers, and two runs give equal files.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::support::engine::{Tables, http};
use crate::support::ordctl::Ordctl;
use crate::support::postgres::cluster;
use crate::support::systems::{free_port, shell};
use crate::support::{Guard, eventually, left_out, run};

fn root() -> &'static str {
    env!("CARGO_MANIFEST_DIR")
}

/// The program without its debugging information, as a release has it.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let make = || {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ordctl");
        run(Command::new("strip").arg("-o").arg(&path).arg(env!("CARGO_BIN_EXE_ordctl")));
        (dir, path)
    };
    &PROGRAM.get_or_init(make).1
}

fn package(arguments: &[&str]) {
    let mut command = Command::new(format!("{}/.ci/package", root()));
    command.env("SOURCE_DATE_EPOCH", "1700000000").env("DEB_COMPRESSION", "-Zgzip -z1");
    run(command.arg(arguments[0]).arg(program()).args(&arguments[1..]));
}

#[test]
fn files_are_installed_below_the_prefix() {
    let dir = tempfile::tempdir().unwrap();
    package(&["install", dir.path().to_str().unwrap(), "/opt"]);
    for file in [
        "bin/ordctl",
        "share/man/man1/ordctl-health-morning.1",
        "share/bash-completion/completions/ordctl",
        "share/fish/vendor_completions.d/ordctl.fish",
        "share/zsh/site-functions/_ordctl",
    ] {
        assert!(dir.path().join("opt").join(file).exists(), "{file}");
    }
}

/// `PREFIX=usr` would join the name of `DESTDIR`, and two empty paths are the root of this machine.
#[test]
fn a_wrong_place_or_time_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let staged = dir.path().join("root");
    let refused = |arguments: &[&str], epoch: &str| {
        let mut command = Command::new(format!("{}/.ci/package", root()));
        command.env("SOURCE_DATE_EPOCH", epoch).arg(arguments[0]).arg("/bin/true").args(&arguments[1..]);
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(64), "{arguments:?}: {text}");
        text
    };
    let root = staged.to_str().unwrap();
    for prefix in ["usr", "", "/", "//", "/../usr", "/usr/.."] {
        let text = refused(&["install", root, prefix], "1");
        assert!(text.contains("error: PREFIX ") && text.contains(prefix), "{prefix}: {text}");
    }
    assert!(refused(&["install", "", ""], "1").contains("error: PREFIX is not an absolute path"));
    for epoch in ["abc", "-1", "1.5", "1 2"] {
        let text = refused(&["deb", root], epoch);
        assert!(text.contains(&format!("SOURCE_DATE_EPOCH is not a number of seconds: '{epoch}'")), "{text}");
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "something was written");
}

#[test]
fn packages_are_reproducible() {
    let dir = tempfile::tempdir().unwrap();
    for kind in ["archive", "deb", "image"] {
        let [first, second] = [1, 2].map(|n| {
            let file = dir.path().join(format!("{kind}{n}"));
            package(&[kind, file.to_str().unwrap()]);
            std::fs::read(file).unwrap()
        });
        assert!(first == second, "two packages of kind {kind} differ");
    }
    let listing = shell(&format!("tar -tzf '{}/archive1'", dir.path().display()));
    for file in ["/bin/ordctl\n", "/LICENSE-MIT\n", "/examples/systemd/ordctl-serve.service\n"] {
        assert!(listing.contains(file), "{file}: {listing}");
    }
}

/// A container with the tools of this machine, in which a package can be installed.
struct Container {
    name: String,
    _guard: Guard,
}

impl Container {
    /// Its root has a shell, a user database and the package database with the libraries that are mounted.
    fn new(files: &Path) -> Self {
        let name = format!("ordctl-package-{}", std::process::id());
        let dir = tempfile::tempdir().unwrap();
        shell(&format!(
            "cd '{}' && mkdir -p bin sbin tmp root etc usr/bin var/lib/dpkg/info var/lib/dpkg/updates var/lib/dpkg/triggers \
             && chmod 1777 tmp && cp $(command -v busybox) bin/busybox && ln -s busybox bin/sh \
             && printf 'root:x:0:0::/root:/bin/sh\\npostgres:x:5433:5433::/tmp:/bin/sh\\n' > etc/passwd \
             && printf 'root:x:0:\\npostgres:x:5433:\\n' > etc/group && : > etc/shadow && : > etc/gshadow \
             && dpkg-query -s libc6 libgcc-s1 | grep -v '^\\(Depends\\|Recommends\\|Suggests\\|Breaks\\|Conffiles\\| \\)' > var/lib/dpkg/status \
             && for package in libc6 libgcc-s1; do : > var/lib/dpkg/info/$package:$(dpkg --print-architecture).list; done \
             && tar -c . | docker import - {name}",
            dir.path().display()
        ));
        let guard = Guard::new(":", &format!("docker rm -f {name}; docker rmi {name}"), &[], None);
        let libraries = "/usr/lib/$(uname -m)-linux-gnu";
        let mounts = format!(
            "-v {libraries}:{libraries}:ro -v {libraries}:/lib/$(uname -m)-linux-gnu:ro -v /lib64:/lib64:ro \
             -v /usr/lib/postgresql:/usr/lib/postgresql:ro -v /usr/share/postgresql:/usr/share/postgresql:ro \
             -v /usr/share/zoneinfo:/usr/share/zoneinfo:ro -v /usr/bin:/host/bin:ro -v /usr/sbin:/host/sbin:ro \
             -v '{}':/files:ro",
            files.display()
        );
        shell(&format!(
            "docker run -d --init --name {name} --network none {mounts} \
             -e PATH=/usr/bin:/bin:/host/bin:/host/sbin -e HOME=/root {name} /bin/busybox sleep 1000"
        ));
        Self { name, _guard: guard }
    }

    /// Runs a script and returns its output and exit code.
    fn sh(&self, script: &str) -> (i32, String) {
        let mut command = Command::new("docker");
        let output = command.args(["exec", &self.name, "/bin/busybox", "sh", "-c", script]).output().unwrap();
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (output.status.code().unwrap_or(-1), text)
    }
}

/// A fresh machine: install the package and follow the README.
#[test]
fn debian_package_installs_and_runs_the_quick_start() {
    if left_out("debian_package_installs_and_runs_the_quick_start", &["docker"]) {
        return;
    }
    let files = tempfile::tempdir().unwrap();
    package(&["deb", files.path().join("ordctl.deb").to_str().unwrap()]);
    let container = Container::new(files.path());
    let ok = |script: &str| {
        let (code, text) = container.sh(script);
        assert_eq!(code, 0, "{script}: {text}");
        text
    };
    // The shell would take its own dpkg.
    ok("/host/bin/dpkg --install /files/ordctl.deb");
    assert!(ok("ordctl --version").starts_with("ordctl 0."));
    assert!(ok("grep ^ordctl: /etc/passwd").contains("/var/lib/ordctl"));
    let units = ok("cat /usr/lib/systemd/system/ordctl*.service | grep ExecStart");
    assert!(units.lines().count() == 2 && units.lines().all(|l| l.contains("=/usr/bin/ordctl ")), "{units}");
    ok(
        "ls /usr/share/man/man1/ordctl.1.gz /usr/share/bash-completion/completions/ordctl /usr/share/doc/ordctl/copyright",
    );
    // No system is configured yet.
    let (code, text) = container.sh("ordctl doctor");
    assert_eq!(code, 3, "{text}");
    ok("ordctl init && ordctl config show");
    let demo = ok("ordctl demo");
    assert!(demo.contains("Morning health check"), "{demo}");
    ok("/host/bin/dpkg --purge ordctl && [ ! -e /usr/bin/ordctl ]");
}

#[tokio::test]
async fn image_from_scratch_starts_serve() {
    if left_out("image_from_scratch_starts_serve", &["docker"]) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    package(&["image", dir.path().join("image.tar").to_str().unwrap()]);
    let tables = Tables::new().await;
    let loaded = shell(&format!("docker load -i '{}/image.tar'", dir.path().display()));
    let image = loaded.trim().rsplit("Loaded image: ").next().unwrap().to_owned();
    assert!(image.starts_with("ordctl:0."), "{loaded}");
    let name = format!("ordctl-image-{}", std::process::id());
    let _guard = Guard::new(":", &format!("docker rm -f {name}; docker rmi {image}"), &[], None);
    let (port, database) = (free_port(), &tables.db.name);
    let url = format!("postgresql://postgres@127.0.0.1:{}/{database}", cluster().port);
    shell(&format!(
        "docker run -d --name {name} --network host -e DATABASE_URL={url} {image} serve --listen 127.0.0.1:{port}"
    ));
    let client = http();
    eventually("the engine is ready", async || {
        let answer = client.get(format!("http://127.0.0.1:{port}/health/ready")).send().await;
        answer.is_ok_and(|answer| answer.status() == 200)
    })
    .await;
    assert_eq!(
        shell(&format!("docker exec {name} /usr/bin/ordctl queue status >/dev/null; echo $?")).trim(),
        "0"
    );
    shell(&format!("docker stop {name}"));
    assert_eq!(shell(&format!("docker inspect -f '{{{{.State.ExitCode}}}}' {name}")).trim(), "0");
}

/// Compiles the build script and runs it as Cargo does.
#[test]
fn version_names_the_commit_and_its_date() {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path().display();
    shell(&format!("rustc --edition 2024 -o '{at}/build' '{}/src/build.rs'", root()));
    let repository = dir.path().join("r");
    shell(&format!(
        "mkdir -p '{at}/r/inner' && cd '{at}/r' && git init -q . && git -c user.name=x -c user.email=x@x commit -q --allow-empty \
         --date 2024-02-29T12:00:00Z -m x"
    ));
    let version = |place: &Path, variables: &[(&str, &str)]| {
        let mut command = Command::new(dir.path().join("build"));
        command.current_dir(place).env_clear().env("PATH", std::env::var("PATH").unwrap());
        command.env("PROFILE", "release").env("CARGO_PKG_VERSION", "1.2.3");
        let text = run(command.envs(variables.iter().copied()));
        let line = text.lines().find_map(|l| l.strip_prefix("cargo:rustc-env=ORDCTL_VERSION="));
        line.unwrap().to_owned()
    };
    let commit = shell(&format!("git -C '{at}/r' rev-parse --short=12 HEAD"));
    let today =
        shell(&format!("TZ=UTC0 git -C '{at}/r' show --no-patch --date=format-local:%F --format=%cd HEAD"));
    let (commit, today) = (commit.trim(), today.trim());
    assert_eq!(version(&repository, &[]), format!("1.2.3 ({commit} {today})"));
    let leap = [("SOURCE_DATE_EPOCH", "1709251199")];
    assert_eq!(version(&repository, &leap), format!("1.2.3 ({commit} 2024-02-29)"));
    // An unpacked archive, also inside of another repository.
    assert_eq!(version(&repository.join("inner"), &[]), "1.2.3");
    let given = [("ORDCTL_COMMIT", "0123456789abcdef"), ("SOURCE_DATE_EPOCH", "0")];
    assert_eq!(version(dir.path(), &given), "1.2.3 (0123456789ab 1970-01-01)");
    assert_eq!(version(dir.path(), &[("PATH", "/nowhere")]), "1.2.3");
    assert_eq!(version(&repository, &[("PROFILE", "debug")]), "1.2.3 (debug build)");
    assert_eq!(Ordctl::new().run(&["--version"]).out, "ordctl 0.1.0 (debug build)\n");
}
