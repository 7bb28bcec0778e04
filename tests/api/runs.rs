//! `/runs`

use serde_json::{Value, json};

use super::{Api, id};

#[tokio::test]
async fn runs_are_listed_masked_and_summarized() {
    let api = Api::with(&[]).await;
    let good = api.task(json!({})).await;
    // Tasks may not call loopback unless the configuration allows it.
    let step = json!({"uses": "http.request", "with": {"url": "http://127.0.0.1:1/"}});
    let bad = api.task(json!({"max_retries": 0, "payload": {"pipeline": [step]}})).await;
    assert_eq!(api.get(&format!("/runs/task/{}/latest", id(&good))).await, (200, Value::Null));
    for task in [&good, &bad] {
        api.post(&format!("/tasks/{}/run_now", id(task)), Value::Null).await;
    }
    api.tables.until("SELECT count(*) FROM task_run WHERE final", "2").await;
    let (_, failed) = api.get("/runs?success=false").await;
    assert_eq!((&failed["total"], &failed["items"][0]["error"]), (&json!(1), &json!("error")));
    let (_, open) = api.get("/runs?success=false&include_errors=true").await;
    assert!(open["items"][0]["error"].as_str().unwrap().contains("step 'request'"), "{open}");
    assert_eq!(api.get(&format!("/runs?task_id={}", id(&good))).await.1["total"], 1);
    assert_eq!(api.get("/runs?end_time=2020-01-01T00:00:00Z").await.1["total"], 0);
    let run = open["items"][0]["id"].as_str().unwrap();
    assert_eq!(api.get(&format!("/runs/{run}")).await.1["task_id"], bad["id"]);
    assert_eq!(api.get(&format!("/runs/task/{}/latest", id(&good))).await.1["success"], true);
    let (_, stats) = api.get(&format!("/runs/task/{}/stats", id(&bad))).await;
    assert_eq!(
        (&stats["days"], &stats["total"], &stats["failed"], &stats["success_rate"]),
        (&json!(30), &json!(1), &json!(1), &json!(0.0))
    );
    let (_, summary) = api.get("/runs/stats/summary?days=1").await;
    assert_eq!(
        (&summary["total"], &summary["successful"], &summary["success_rate"]),
        (&json!(2), &json!(1), &json!(50.0))
    );
    assert_eq!(api.get("/runs/stats/summary?days=366").await.0, 422);
    for query in ["task_id=", "success=", "start_time=", "days="] {
        let path = if query == "days=" { "/runs/stats/summary" } else { "/runs" };
        let (status, answer) = api.get(&format!("{path}?{query}")).await;
        let key = query.trim_end_matches('=');
        assert_eq!((status, &answer["detail"][0]["loc"]), (422, &json!(["query", key])), "{query}");
    }
    assert_eq!(api.get("/runs?success=maybe").await.1["detail"][0]["type"], "bool_parsing");
    for (year, kind) in
        [("0000", "string_pattern_mismatch"), ("-0001", "datetime_parsing"), ("+262142", "datetime_parsing")]
    {
        let query = format!("start_time={}-01-01T00:00:00Z", year.replace('+', "%2B"));
        assert_eq!(api.get(&format!("/runs?{query}")).await.1["detail"][0]["type"], kind, "{year}");
        let cursor = format!("{}-01-01T00:00:00Z~{}", year.replace('+', "%2B"), super::NOBODY);
        assert_eq!(api.get(&format!("/tasks?cursor={cursor}")).await.0, 422, "{year}");
    }
    assert_eq!(api.get("/runs?start_time=now").await.1["detail"][0]["type"], "datetime_parsing");
}
