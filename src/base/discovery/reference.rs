//! A secret by reference: the file and the name in it. The value is read when a client connects and stays there.

use std::path::Path;

use serde::{Deserialize, Deserializer, Serialize};

use super::compose::Project;
use super::dotenv;
use super::file::{self, Chooser};
use crate::base::secret::Secret;

/// `FILE#NAME`: a variable of an environment file, or a service of a compose file, whose environment holds the password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct SecretReference(String);

impl SecretReference {
    /// Reads the password. A URL gives the one that it contains.
    pub(crate) fn read(&self) -> Result<Secret, String> {
        let (path, name) = self.0.rsplit_once('#').unwrap_or((&self.0, ""));
        let is_compose = ["yaml", "yml"].iter().any(|end| path.ends_with(&format!(".{end}")));
        let path = Path::new(path);
        let shown = path.display();
        let value = if is_compose {
            let project = Project::open(path)?;
            let service = project.service(name).ok_or_else(|| format!("{shown} has no service {name}"))?;
            service.password().ok_or_else(|| format!("{shown}: the service {name} has no password"))?
        } else {
            let text =
                file::read(path, Chooser::Operator)?.ok_or_else(|| format!("{shown} does not exist"))?;
            let value = dotenv::parse(&text).swap_remove(name);
            value.ok_or_else(|| format!("{shown} has no variable {name}"))?
        };
        match value.split_once("://") {
            None => Ok(Secret::new(value)),
            Some(_) => {
                password_of(&value).ok_or_else(|| format!("{shown}: the URL in {name} has no password"))
            }
        }
    }
}

/// The password in a URL.
fn password_of(url: &str) -> Option<Secret> {
    let (_, rest) = url.split_once("://")?;
    let (login, _) = rest.rsplit_once('@')?;
    let (_, password) = login.split_once(':')?;
    Some(Secret::new(percent_encoding::percent_decode_str(password).decode_utf8_lossy().into_owned()))
}

impl<'de> Deserialize<'de> for SecretReference {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        match text.rsplit_once('#') {
            Some((file, name)) if !file.is_empty() && !name.is_empty() => Ok(Self(text)),
            _ => Err(serde::de::Error::custom("must be FILE#NAME, such as .env#DATABASE_PASSWORD")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_read_from_a_variable_a_url_and_a_service() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        write(".env", "PLAIN=p w\nURL=postgresql://u:a%40b@h/d\nNONE=postgresql://u@h/d\n");
        let compose = "services:\n  db:\n    image: postgres\n    environment: { POSTGRES_PASSWORD: '${PLAIN}' }\n  web: {}\n";
        write("compose.yaml", compose);
        let read = |reference: &str| {
            let reference = format!("{}/{reference}", dir.path().display());
            let reference: SecretReference = serde_json::from_value(serde_json::json!(reference)).unwrap();
            reference.read().map(|secret| secret.expose().to_owned())
        };
        assert_eq!(read(".env#PLAIN").as_deref(), Ok("p w"));
        assert_eq!(read(".env#URL").as_deref(), Ok("a@b"));
        assert_eq!(read("compose.yaml#db").as_deref(), Ok("p w"));
        for (wrong, words) in [
            (".env#NONE", "has no password"),
            (".env#OTHER", "has no variable OTHER"),
            ("other.env#X", "does not exist"),
            ("compose.yaml#web", "the service web has no password"),
            ("compose.yaml#nothing", "has no service nothing"),
        ] {
            let error = read(wrong).unwrap_err();
            assert!(error.contains(words) && !error.contains("p w"), "{wrong}: {error}");
        }
        for wrong in ["x", "#x", "x#"] {
            assert!(serde_json::from_value::<SecretReference>(serde_json::json!(wrong)).is_err(), "{wrong}");
        }
    }
}
