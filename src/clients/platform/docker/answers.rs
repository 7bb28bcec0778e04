//! An engine of a test's own words, in the test's own time.

use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use crate::base::settings::Settings;
use crate::clients::platform::docker::Docker;

/// What an engine says of its version.
pub(crate) const VERSION: &str = r#"{"ApiVersion": "1.43"}"#;

/// What is answered to a request's first line, and after how long; none: never anything.
type Says = dyn Fn(&str) -> Option<(Duration, String)> + Send + Sync;

pub(crate) struct Engine {
    folder: TempDir,
}

impl Engine {
    pub(crate) fn new(says: impl Fn(&str) -> Option<(Duration, String)> + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("socket")).unwrap();
        let says: Arc<Says> = Arc::new(says);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, says.clone()));
            }
        });
        Self { folder }
    }

    pub(crate) fn docker(&self) -> Docker {
        let mut settings = Settings::default();
        settings.docker.host = Some(format!("unix://{}", self.folder.path().join("socket").display()));
        Docker::new(&settings).unwrap()
    }
}

async fn answer(mut stream: UnixStream, says: Arc<Says>) {
    let mut buffer = vec![0; 64 * 1024];
    let n = stream.read(&mut buffer).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&buffer[..n]).into_owned();
    let Some((after, body)) = says(text.lines().next().unwrap_or_default()) else {
        return std::future::pending().await;
    };
    tokio::time::sleep(after).await;
    let length = body.len();
    let head = format!("Content-Type: application/json\r\nConnection: close\r\nContent-Length: {length}");
    drop(stream.write_all(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}").as_bytes()).await);
}
