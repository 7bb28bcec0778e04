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
async fn logs_that_end_are_merged_exactly_however_they_come() {
    let (join, joining) = mpsc::channel(4);
    let mut merge = Merge::new(joining, false);
    let (a, a_source) = source("a");
    let (b, b_source) = source("b");
    join.send(a_source).await.unwrap();
    join.send(b_source).await.unwrap();
    drop(join);
    a.send(batch(&[(1, "one"), (4, "four")])).await.unwrap();
    a.send(batch(&[(5, "five")])).await.unwrap();
    drop(a);
    tokio::spawn(async move {
        // Late, and in its own time: the first log has long said everything.
        for part in [[(2, "two"), (3, "three")], [(6, "six"), (7, "seven")]] {
            tokio::task::yield_now().await;
            b.send(batch(&part)).await.unwrap();
        }
    });
    let mut got = Vec::new();
    while merge.ready().await {
        drain(&mut merge, &mut got);
    }
    assert_eq!(got, ["one", "two", "three", "four", "five", "six", "seven"]);
}

#[tokio::test(start_paused = true)]
async fn a_silent_log_holds_up_the_others_for_a_moment_only() {
    let (join, joining) = mpsc::channel(4);
    let mut merge = Merge::new(joining, true);
    let (a, a_source) = source("a");
    let (_silent, silent_source) = source("silent");
    join.send(silent_source).await.unwrap();
    join.send(a_source).await.unwrap();
    a.send(batch(&[(1, "one")])).await.unwrap();
    let begin = Instant::now();
    let mut got = Vec::new();
    assert!(merge.ready().await);
    drain(&mut merge, &mut got);
    assert!(begin.elapsed() <= FIRST_PATIENCE);
    a.send(batch(&[(2, "two")])).await.unwrap();
    assert!(merge.ready().await);
    drain(&mut merge, &mut got);
    assert!(begin.elapsed() <= FIRST_PATIENCE + PATIENCE, "{:?}", begin.elapsed());
    let (c, c_source) = source("c");
    join.send(c_source).await.unwrap();
    c.send(batch(&[(1, "late")])).await.unwrap();
    assert!(merge.ready().await);
    drain(&mut merge, &mut got);
    assert_eq!(got, ["one", "two", "late"]);
    drop((a, c, join));
}
