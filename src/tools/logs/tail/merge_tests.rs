use super::*;
use crate::clients::platform::Line;

fn batch(lines: &[(u32, &str)]) -> Batch {
    let mut batch = Batch::default();
    for (second, text) in lines {
        let time = format!("2026-01-02T03:04:{second:02}");
        batch.push(&Line { stream: Stream::Stdout, time: time.as_bytes(), text: text.as_bytes() });
    }
    batch
}

fn source(name: &str) -> (mpsc::Sender<Batch>, Source) {
    let (to, lines) = mpsc::channel(4);
    (to, Source { label: Label { service: name.into(), container: name.into() }, lines })
}

fn drain(merge: &mut Merge, into: &mut Vec<String>) {
    while let Some(line) = merge.pop() {
        into.push(String::from_utf8_lossy(line.text).into_owned());
    }
}

#[tokio::test]
async fn finished_logs_are_merged_in_exact_order() {
    let (add, sources) = mpsc::channel(4);
    let mut merge = Merge::new(sources, false);
    let (a, a_source) = source("a");
    let (b, b_source) = source("b");
    add.send(a_source).await.unwrap();
    add.send(b_source).await.unwrap();
    drop(add);
    a.send(batch(&[(1, "one"), (4, "four")])).await.unwrap();
    a.send(batch(&[(5, "five")])).await.unwrap();
    drop(a);
    tokio::spawn(async move {
        // Late: the first log is already complete.
        for part in [[(2, "two"), (3, "three")], [(6, "six"), (7, "seven")]] {
            tokio::task::yield_now().await;
            b.send(batch(&part)).await.unwrap();
        }
    });
    let mut merged_lines = Vec::new();
    while merge.ready().await {
        drain(&mut merge, &mut merged_lines);
    }
    assert_eq!(merged_lines, ["one", "two", "three", "four", "five", "six", "seven"]);
}

#[tokio::test(start_paused = true)]
async fn an_idle_log_delays_the_others_only_briefly() {
    let (add, sources) = mpsc::channel(4);
    let mut merge = Merge::new(sources, true);
    let (a, a_source) = source("a");
    let (_idle, idle_source) = source("idle");
    add.send(idle_source).await.unwrap();
    add.send(a_source).await.unwrap();
    a.send(batch(&[(1, "one")])).await.unwrap();
    let begin = Instant::now();
    let mut merged_lines = Vec::new();
    assert!(merge.ready().await);
    drain(&mut merge, &mut merged_lines);
    assert!(begin.elapsed() <= FIRST_LINE_WAIT);
    a.send(batch(&[(2, "two")])).await.unwrap();
    assert!(merge.ready().await);
    drain(&mut merge, &mut merged_lines);
    assert!(begin.elapsed() <= FIRST_LINE_WAIT + IDLE_WAIT, "{:?}", begin.elapsed());
    let (c, c_source) = source("c");
    add.send(c_source).await.unwrap();
    c.send(batch(&[(1, "late")])).await.unwrap();
    assert!(merge.ready().await);
    drain(&mut merge, &mut merged_lines);
    assert_eq!(merged_lines, ["one", "two", "late"]);
    drop((a, c, add));
}
