//! A Docker engine for unit tests: answers each request line from a closure, after a delay.

use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use crate::base::secret::SecretUrl;
use crate::base::settings::Settings;
use crate::clients::platform::docker::Docker;

/// The answer to `/version`.
pub(crate) const VERSION: &str = r#"{"ApiVersion": "1.43"}"#;

/// The answer to a request line, and its delay; none never answers.
type Respond = dyn Fn(&str) -> Option<(Duration, String)> + Send + Sync;

pub(crate) struct FakeEngine {
    dir: TempDir,
}

impl FakeEngine {
    pub(crate) fn new(respond: impl Fn(&str) -> Option<(Duration, String)> + Send + Sync + 'static) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(dir.path().join("socket")).unwrap();
        let respond: Arc<Respond> = Arc::new(respond);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, respond.clone()));
            }
        });
        Self { dir }
    }

    pub(crate) fn docker(&self) -> Docker {
        let mut settings = Settings::default();
        settings.docker.host =
            Some(SecretUrl::new(format!("unix://{}", self.dir.path().join("socket").display())));
        Docker::new(&settings).unwrap()
    }
}

async fn serve(mut stream: UnixStream, respond: Arc<Respond>) {
    let mut buffer = vec![0; 64 * 1024];
    let n = stream.read(&mut buffer).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&buffer[..n]).into_owned();
    let Some((delay, body)) = respond(text.lines().next().unwrap_or_default()) else {
        return std::future::pending().await;
    };
    tokio::time::sleep(delay).await;
    let length = body.len();
    let head = format!("Content-Type: application/json\r\nConnection: close\r\nContent-Length: {length}");
    drop(stream.write_all(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}").as_bytes()).await);
}
