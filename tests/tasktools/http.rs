//! `http.request`: allowed targets, and results of responses.

use super::{refused, run, status, summary};
use crate::support::ordctl::Ordctl;
use crate::support::web::Web;

fn allowing(what: &str) -> Ordctl {
    Ordctl::configured(&format!("http_request: {{ {what} }}\n"))
}

#[test]
fn private_hosts_are_refused_unless_allowed() {
    let web = Web::start();
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0x7f.1"] {
        let step = format!("uses: http.request, with: {{ url: 'http://{host}:{}/x' }}", web.port);
        let output = refused(&Ordctl::new(), &[&step]);
        assert_eq!(output.code, 4, "{host}: {output:?}");
        assert!(output.err.contains("is not public: its address is loopback"), "{host}: {output:?}");
        assert!(output.err.contains("http_request.allow"), "{host}: {output:?}");
    }
    assert_eq!(web.asked(), Vec::<String>::new());
    let step = format!("uses: http.request, with: {{ url: 'http://127.0.0.1:{}/x' }}", web.port);
    for ordctl in [allowing(&format!("allow: ['127.0.0.1:{}']", web.port)), allowing("allow_private: true")] {
        let (code, report) = run(&ordctl, &[&step]);
        assert_eq!(code, 0, "{report}");
    }
    assert_eq!(web.asked(), ["/x", "/x"]);
    let output = refused(&allowing("allow: ['127.0.0.1:1', 'example.com']"), &[&step]);
    assert!(output.err.contains("is not in http_request.allow"), "{output:?}");
    assert_eq!(web.asked().len(), 2);
}

#[test]
fn a_redirect_is_checked_like_the_first_address() {
    let (open, closed) = (Web::start(), Web::start());
    let step = |to: &str| {
        format!("uses: http.request, with: {{ url: 'http://127.0.0.1:{}/redirect/302/{to}' }}", open.port)
    };
    let only = format!("allow: ['127.0.0.1:{}', '*.0.0.1']", open.port);
    for to in [format!("http://127.0.0.1:{}/secret", closed.port), "file:///etc/passwd".to_owned()] {
        let (_, report) = run(&allowing(&only), &[&step(&to)]);
        assert_eq!(status(&report, "request"), "unknown");
        assert!(summary(&report, "request").contains("redirect not followed: "), "{report}");
    }
    assert_eq!(closed.asked(), Vec::<String>::new());
    // A redirect to the same host is followed up to three times.
    let (code, report) = run(&allowing(&only), &[&step("/health")]);
    assert_eq!(code, 0, "{report}");
    let round = format!("/redirect/302/{}", "/redirect/302/".repeat(3));
    let (_, report) = run(&allowing(&only), &[&step(&format!("{round}/health"))]);
    assert!(summary(&report, "request").contains("more than 3 redirects"), "{report}");
}

#[test]
fn another_host_gets_no_credentials() {
    let (first, second) = (Web::start(), Web::start());
    let ordctl = allowing("allow_private: true");
    let with = format!(
        "url: 'http://127.0.0.1:{}/redirect/307/http://127.0.0.1:{}/echo', headers: {{ authorization: open-sesame }}",
        first.port, second.port
    );
    let steps = [
        format!("id: ask, uses: http.request, save_as: answer, with: {{ {with} }}"),
        "id: heard, uses: transform, with: { expr: 'keys(headers)', data: '${steps.answer.body}' }"
            .to_owned(),
        format!("id: send, uses: http.request, with: {{ method: POST, body: x, {with} }}"),
    ];
    let (_, report) = run(&ordctl, &steps.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(status(&report, "ask"), "ok");
    assert!(!summary(&report, "heard").contains("authorization"), "{report}");
    assert!(
        summary(&report, "send").contains("the request body is sent only to the host of the step"),
        "{report}"
    );
    assert_eq!(second.asked(), ["/echo"]);
}

#[test]
fn an_answer_is_bounded_in_size_and_time() {
    let web = Web::start();
    let url = format!("http://127.0.0.1:{}", web.port);
    let ordctl = allowing("allow_private: true, max_body: 32KiB");
    let (code, report) = run(&ordctl, &[&format!("uses: http.request, with: {{ url: '{url}/large' }}")]);
    assert_ne!(code, 0);
    assert!(summary(&report, "request").contains("exceeds http_request.max_body (32.0 KiB)"), "{report}");
    let step = format!("uses: http.request, timeout_seconds: 0.3, with: {{ url: '{url}/silent' }}");
    let (_, report) = run(&ordctl, &[&step]);
    // Either the request or the step notices first.
    assert!(summary(&report, "request").ends_with("within 300 ms"), "{report}");
}

#[test]
fn only_temporary_failures_are_retried() {
    let web = Web::start();
    let ordctl = allowing("allow_private: true");
    for (code, times) in [(404, 1), (503, 3), (429, 3)] {
        let step = format!(
            "uses: http.request, max_retries: 2, with: {{ url: 'http://127.0.0.1:{}/status/{code}' }}",
            web.port
        );
        let (_, report) = run(&ordctl, &[&step]);
        assert!(summary(&report, "request").contains(&format!("HTTP status {code}: as asked")), "{report}");
        let path = format!("/status/{code}");
        assert_eq!(web.asked().iter().filter(|p| **p == path).count(), times, "{code}");
    }
    let step = format!(
        "uses: http.request, with: {{ expect: [404], url: 'http://127.0.0.1:{}/status/404' }}",
        web.port
    );
    assert_eq!(run(&ordctl, &[&step]).0, 0);
}
