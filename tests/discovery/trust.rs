//! The operator's passwords stay away from servers that the operator did not name, and files of other users are not used.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::{value, write};
use crate::support::ordctl::Ordctl;

const SSL_REQUEST: u32 = 80_877_103;
/// A user that exists nowhere.
const SOMEBODY: u32 = 65_533;

/// A PostgreSQL server that asks every client for its password in clear text.
struct AskingServer {
    address: SocketAddr,
    /// Each client, in order, with its answer; None for one that hung up.
    clients: Receiver<(SocketAddr, Option<String>)>,
}

impl AskingServer {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, clients) = channel();
        // The thread ends with the process.
        std::thread::spawn(move || {
            while let Ok((stream, client)) = listener.accept() {
                drop(sender.send((client, ask(stream).ok())));
            }
        });
        Self { address, clients }
    }

    /// The answers of the clients of a command, which fails because no password is right.
    fn answers_to(&self, ordctl: &Ordctl) -> Vec<Option<String>> {
        let output = ordctl.run(&["queue", "status"]);
        assert_ne!(output.code, 0, "{output:?}");
        // The server talks to one client after the other, so a last one has the others before it.
        let last = TcpStream::connect(self.address).unwrap().local_addr().unwrap();
        let next = || self.clients.recv_timeout(Duration::from_secs(60)).unwrap();
        let clients = std::iter::from_fn(|| Some(next()).filter(|(client, _)| *client != last));
        clients.map(|(_, answer)| answer).collect()
    }
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes.try_into().unwrap())
}

/// (PostgreSQL documentation, "Message Formats".)
fn ask(mut stream: TcpStream) -> std::io::Result<String> {
    let mut startup = [0; 8];
    stream.read_exact(&mut startup)?;
    if number(&startup[4..]) == SSL_REQUEST {
        stream.write_all(b"N")?;
        stream.read_exact(&mut startup)?;
    }
    let (length, code) = (number(&startup[..4]), number(&startup[4..]));
    assert_eq!(code >> 16, 3, "a startup message");
    stream.read_exact(&mut vec![0; length as usize - 8])?;
    // AuthenticationCleartextPassword
    stream.write_all(&[b'R', 0, 0, 0, 8, 0, 0, 0, 3])?;
    let mut head = [0; 5];
    stream.read_exact(&mut head)?;
    assert_eq!(head[0], b'p', "a password message");
    let mut password = vec![0; head[4] as usize - 4];
    stream.read_exact(&mut password)?;
    Ok(String::from_utf8_lossy(&password).trim_end_matches('\0').to_owned())
}

fn compose_file(port: u16, environment: &str) -> String {
    format!(
        "services: {{ db: {{ image: postgres, environment: {{ {environment} }}, ports: ['{port}:5432'] }} }}\n"
    )
}

/// Every place from which libpq would take a password, each with the name in the warning.
fn with_password(place: &str) -> Ordctl {
    let ordctl = Ordctl::discovering();
    write(&ordctl, "hidden", "hidden-6");
    let passfile = ordctl.home().join(if place == "~/.pgpass" { ".pgpass" } else { "pp" });
    std::fs::write(&passfile, "*:*:*:*:hidden-6\n").unwrap();
    std::fs::set_permissions(&passfile, PermissionsExt::from_mode(0o600)).unwrap();
    match place {
        "PGPASSWORD" => ordctl.with(place, "hidden-6"),
        "PGPASSFILE" => ordctl.with(place, "pp"),
        "ORDCTL_DATABASE_PASSWORD_FILE" => ordctl.with(place, "hidden"),
        _ => ordctl,
    }
}

#[test]
fn the_operators_password_is_not_sent_to_a_discovered_address() {
    let server = AskingServer::start();
    for place in ["PGPASSWORD", "PGPASSFILE", "ORDCTL_DATABASE_PASSWORD_FILE", "~/.pgpass"] {
        let ordctl = with_password(place);
        let url = format!("postgresql://u@127.0.0.1:{}/d", server.address.port());
        for (file, text) in [
            ("compose.yaml", compose_file(server.address.port(), "")),
            (".env", format!("DATABASE_URL={url}\n")),
        ] {
            write(&ordctl, file, &text);
            let answers = server.answers_to(&ordctl);
            assert!(
                !answers.is_empty() && answers.iter().all(Option::is_none),
                "{place} {file}: {answers:?}"
            );
            let output = ordctl.run(&["config", "show"]);
            let warning = format!("warning: not used for the database discovered in {file}");
            let is_warned = output.err.contains(&warning) && output.err.contains(place);
            assert_eq!(is_warned, place != "~/.pgpass", "{output:?}");
            std::fs::remove_file(ordctl.home().join(file)).unwrap();
        }
        // The operator names the address, or accepts the discovered one.
        let given = with_password(place).with("DATABASE_URL", url);
        assert!(server.answers_to(&given).contains(&Some("hidden-6".into())), "{place}");
        write(&ordctl, "compose.yaml", &compose_file(server.address.port(), ""));
        assert_eq!(ordctl.run(&["init"]).code, 0);
        assert!(server.answers_to(&ordctl).contains(&Some("hidden-6".into())), "{place} after init");
    }
}

#[test]
fn the_password_of_the_compose_file_is_sent_to_its_address() {
    let server = AskingServer::start();
    let ordctl = with_password("PGPASSWORD");
    write(&ordctl, "compose.yaml", &compose_file(server.address.port(), "POSTGRES_PASSWORD: own"));
    assert!(server.answers_to(&ordctl).contains(&Some("own".into())));
    assert!(!ordctl.run(&["config", "show"]).err.contains("PGPASSWORD"));
}

/// As compose does it: the variables are here, and the project is where its first file is.
#[test]
fn a_compose_file_elsewhere_is_read_as_compose_reads_it() {
    let server = AskingServer::start();
    let ordctl = Ordctl::discovering();
    std::fs::create_dir(ordctl.home().join("deploy")).unwrap();
    write(&ordctl, ".env", "COMPOSE_FILE=deploy/compose.yaml\nPW=above\n");
    write(&ordctl, "deploy/compose.yaml", &compose_file(server.address.port(), "POSTGRES_PASSWORD: '${PW}'"));
    assert_eq!(value(&ordctl, "docker.project").0, "deploy");
    assert_eq!(value(&ordctl, "database.password_from").0, "deploy/compose.yaml#db");
    assert!(server.answers_to(&ordctl).contains(&Some("above".into())));
    assert_eq!(ordctl.run(&["init"]).code, 0);
    assert!(server.answers_to(&ordctl).contains(&Some("above".into())), "after init");
    // Another working directory finds the same.
    let elsewhere = Ordctl::new().with("ORDCTL_CONFIG", ordctl.home().join("ordctl.yaml").to_str().unwrap());
    assert!(server.answers_to(&elsewhere).contains(&Some("above".into())), "from elsewhere");
}

/// Another user could lead ordctl to a server of their own.
#[test]
fn files_that_another_user_could_have_written_are_not_used() {
    let server = AskingServer::start();
    let ordctl = Ordctl::discovering();
    write(&ordctl, "compose.yaml", &compose_file(server.address.port(), "POSTGRES_PASSWORD: own"));
    let mode = |path: &Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    let (home, file) = (ordctl.home(), ordctl.home().join("compose.yaml"));
    let is_refused = |words: &str| {
        let output = ordctl.run(&["config", "show"]);
        assert!(output.err.contains(words), "{words}: {output:?}");
        assert_eq!(value(&ordctl, "database.url").0, "null", "{words}");
    };
    for wrong in [0o775, 0o777, 0o1777] {
        mode(home, wrong);
        let who = if wrong == 0o775 { "its group" } else { "every user" };
        is_refused(&format!("{}: {who} can write to it (mode {wrong:04o})", home.display()));
    }
    mode(home, 0o755);
    for wrong in [0o664, 0o666] {
        mode(&file, wrong);
        is_refused("warning: compose.yaml is ignored: ");
    }
    mode(&file, 0o644);
    assert_ne!(value(&ordctl, "database.url").0, "null");
    // Also the variables of a service.
    write(&ordctl, "db.env", "POSTGRES_PASSWORD=own\n");
    write(
        &ordctl,
        "compose.yaml",
        &compose_file(server.address.port(), "").replace("postgres,", "postgres, env_file: db.env,"),
    );
    assert_eq!(value(&ordctl, "database.password_from").0, "compose.yaml#db");
    mode(&home.join("db.env"), 0o666);
    assert_eq!(value(&ordctl, "database.password_from").0, "null");
    let output = ordctl.run(&["config", "show"]);
    assert!(output.err.contains("warning: db.env is ignored: every user can write to it"), "{output:?}");
    // A trusted file in an untrusted directory could be replaced.
    std::fs::create_dir(home.join("open")).unwrap();
    mode(&home.join("open"), 0o777);
    std::fs::rename(&file, home.join("open/compose.yaml")).unwrap();
    write(&ordctl, ".env", "COMPOSE_FILE=open/compose.yaml\n");
    is_refused("open is not trusted: every user can write to it");
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let ordctl = Ordctl::discovering().with("PGPASSWORD", "hidden-7");
    write(&ordctl, "compose.yaml", &compose_file(server.address.port(), ""));
    let file = ordctl.home().join("compose.yaml");
    for (owned, shown) in [(ordctl.home(), "nothing is discovered in "), (&file, "compose.yaml is ignored: ")]
    {
        mode(ordctl.home(), 0o755);
        chown(owned, Some(SOMEBODY), None).unwrap();
        assert_eq!(server.answers_to(&ordctl), [], "{shown}");
        let output = ordctl.run(&["config", "show"]);
        let words = format!("it belongs to another user (uid {SOMEBODY})");
        assert!(output.err.contains(shown) && output.err.contains(&words), "{output:?}");
        chown(owned, Some(0), None).unwrap();
    }
}

/// The operator chose the file, so it may belong to the application's user.
#[test]
fn a_configured_reference_names_why_its_file_is_not_read() {
    let yaml = "database: { url: 'postgresql://u@127.0.0.1:1/d', password_from: .env#PW }\n";
    let ordctl = Ordctl::configured(yaml);
    write(&ordctl, ".env", "PW=hidden-8\n");
    let file = ordctl.home().join(".env");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o666)).unwrap();
    let output = ordctl.run(&["queue", "status"]);
    let words = "database.password_from: .env is ignored: every user can write to it (mode 0666)";
    assert!(output.err.contains(words) && !output.err.contains("discovered"), "{output:?}");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
    if rustix::process::geteuid().is_root() {
        chown(&file, Some(SOMEBODY), Some(SOMEBODY)).unwrap();
    }
    let output = ordctl.run(&["queue", "status"]);
    assert!(output.err.contains("Connection refused"), "{output:?}");
}
