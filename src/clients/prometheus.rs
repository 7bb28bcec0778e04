//! Prometheus: instant queries.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::http::{Get, Http};
use super::{ClientError, ErrorCode};
use crate::base::secret::SecretUrl;
use crate::base::settings::Endpoint;

/// The system's name in findings and errors.
pub(crate) const SYSTEM: &str = "prometheus";

pub(crate) struct Prometheus {
    base: SecretUrl,
    token_file: Option<PathBuf>,
    http: Http,
}

/// One series' value at one instant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    /// Its labels, without the metric's name; a scalar has none.
    pub(crate) labels: BTreeMap<String, String>,
    /// Its value, which may be no number or infinite.
    pub(crate) value: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    #[serde(default)]
    data: Option<Data>,
    #[serde(default)]
    error_type: Option<String>,
    #[serde(default)]
    error: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    result_type: String,
    result: Value,
}

#[derive(Deserialize)]
struct Series {
    metric: BTreeMap<String, String>,
    #[serde(default)]
    value: Option<(f64, String)>,
}

impl Prometheus {
    /// Reads the settings; connects to nothing.
    pub(crate) fn new(settings: &Endpoint, http: Http) -> Result<Self, ClientError> {
        let Some(url) = &settings.url else {
            return Err(ClientError::NotConfigured {
                system: SYSTEM,
                setting: "prometheus.url",
                variable: Some("PROMETHEUS_URL"),
            });
        };
        Ok(Self { base: url.clone(), token_file: settings.token_file.clone(), http })
    }

    /// Its base URL without secrets and without a closing slash, for commands to type.
    pub(crate) fn target(&self) -> String {
        self.base.to_string().trim_end_matches('/').to_owned()
    }

    /// The series that an expression gives now; none when nothing matches.
    pub(crate) async fn query(&self, expression: &str, limit: Duration) -> Result<Vec<Sample>, ClientError> {
        let url = SecretUrl::new(format!("{}/api/v1/query", self.base.expose().trim_end_matches('/')));
        let get = Get {
            token_file: self.token_file.as_deref(),
            query: &[("query", expression)],
            ..Get::new(SYSTEM, &url, limit)
        };
        let envelope: Envelope = self.http.json(get, explain).await?;
        match envelope.data {
            Some(data) => samples(data),
            None => Err(ClientError::failed(SYSTEM, envelope.error.unwrap_or_else(|| "no data".into()))),
        }
    }
}

fn explain(body: &[u8]) -> Option<ClientError> {
    let envelope: Envelope = serde_json::from_slice(body).ok()?;
    let code = envelope.error_type.map(ErrorCode::Name);
    Some(ClientError::Failed { system: SYSTEM, code, message: envelope.error? })
}

fn samples(data: Data) -> Result<Vec<Sample>, ClientError> {
    let broken = |e: serde_json::Error| ClientError::failed(SYSTEM, format!("invalid response: {e}"));
    let number = |text: &str| text.parse::<f64>().unwrap_or(f64::NAN);
    match data.result_type.as_str() {
        "scalar" => {
            let (_, value): (f64, String) = serde_json::from_value(data.result).map_err(broken)?;
            Ok(vec![Sample { labels: BTreeMap::new(), value: number(&value) }])
        }
        "vector" => {
            let all: Vec<Series> = serde_json::from_value(data.result).map_err(broken)?;
            // A series without a plain value is a native histogram: nothing to compare.
            let plain = all.into_iter().filter_map(|mut s| {
                s.metric.remove("__name__");
                s.value.map(|(_, v)| Sample { labels: s.metric, value: number(&v) })
            });
            Ok(plain.collect())
        }
        other => Err(ClientError::failed(
            SYSTEM,
            format!("the query returns a {other}; an instant vector or a scalar is required"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(json: &str) -> Result<Vec<Sample>, ClientError> {
        samples(serde_json::from_str::<Envelope>(json).unwrap().data.unwrap())
    }

    #[test]
    fn vectors_and_scalars_are_read_and_a_matrix_is_refused() {
        let vector = r#"{"status":"success","data":{"resultType":"vector","result":[
            {"metric":{"__name__":"up","job":"api"},"value":[1.5,"1"]},
            {"metric":{"job":"db"},"value":[1.5,"NaN"]},
            {"metric":{"job":"h"},"histogram":[1.5,{}]}]}}"#;
        let read = parsed(vector).unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].labels, BTreeMap::from([("job".into(), "api".into())]));
        assert_eq!(read[0].value, 1.0);
        assert!(read[1].value.is_nan());
        let scalar = r#"{"data":{"resultType":"scalar","result":[1.5,"+Inf"]}}"#;
        assert_eq!(parsed(scalar).unwrap()[0].value, f64::INFINITY);
        let matrix = r#"{"data":{"resultType":"matrix","result":[]}}"#;
        assert!(parsed(matrix).unwrap_err().to_string().contains("matrix"));
    }

    #[test]
    fn errors_of_prometheus_are_passed_on() {
        let body = br#"{"status":"error","errorType":"bad_data","error":"parse error: x"}"#;
        assert_eq!(explain(body).unwrap().to_string(), "Prometheus: parse error: x");
        assert!(explain(b"<html>").is_none());
    }
}
