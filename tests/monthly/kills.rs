//! Runs that are killed or interrupted, and the runs after them.

use rustix::process::{Pid, Signal, kill_process};

use super::*;

/// A program that creates a marker file, waits until the file or its parent process is gone, and then works.
pub fn hold(mark: &str) -> String {
    stay(mark, "kill -0 $parent 2>/dev/null", "")
}

/// A program that waits until it is killed.
fn wait_for_kill(mark: &str) -> String {
    stay(mark, "true", "")
}

/// A program that keeps writing and ends when its pipe breaks.
fn keep_writing(mark: &str) -> String {
    stay(mark, "true", "echo; ")
}

fn stay(mark: &str, while_true: &str, meanwhile: &str) -> String {
    let program = if mark == "dumping" { DUMP } else { RESTORE };
    let stays = format!(
        "parent=$PPID; echo $$ >\"$HOME/{mark}\"; while [ -e \"$HOME/{mark}\" ] && {while_true}; do {meanwhile}sleep 0.02; done"
    );
    format!("[ \"$1\" = --list ] || {{ {stays}; }}\n{program}")
}

pub async fn ended(mut child: Child) -> bool {
    tokio::task::spawn_blocking(move || child.wait().unwrap().success()).await.unwrap()
}

async fn code(mut child: Child) -> Option<i32> {
    tokio::task::spawn_blocking(move || child.wait().unwrap().code()).await.unwrap()
}

fn is_running(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    // A zombie does not run.
    !stat.is_empty() && !stat.contains(") Z ")
}

async fn assert_resumes(place: &Place) {
    let output = place.run(&["--resume"]);
    assert_eq!(output.code, 0, "{output:?}");
    assert_eq!(place.names(), GOOD);
    assert_eq!(place.scratch().await, "0");
}

/// Killed while the start and the end of every step is journaled.
#[tokio::test]
async fn a_run_killed_at_every_step_boundary_can_be_resumed() {
    let place = Place::new().await;
    execute(
        &place.store,
        "CREATE TABLE stand (step text, op text);
         CREATE FUNCTION stand_still() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             IF EXISTS (SELECT 1 FROM public.stand s WHERE s.step = NEW.step_id AND s.op = TG_OP)
                AND (TG_OP = 'INSERT' OR NEW.finished_at IS NOT NULL) THEN PERFORM pg_sleep(4); END IF;
             RETURN NEW;
         END $$;
         CREATE TRIGGER stand_still BEFORE INSERT OR UPDATE ON ordctl.operation_step FOR EACH ROW EXECUTE FUNCTION stand_still()",
    )
    .await
    .unwrap();
    let mut more: &[&str] = &[];
    for step in ["dump", "verify", "publish", "config", "prune"] {
        for op in ["INSERT", "UPDATE"] {
            let stand = format!("TRUNCATE stand; INSERT INTO stand VALUES ('{step}', '{op}')");
            execute(&place.store, &stand).await.unwrap();
            let mut child = place.start(more);
            let sleeps = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
            eventually(&format!("{step} {op}"), async || value(&place.store, sleeps).await == "1").await;
            child.kill().unwrap();
            child.wait().unwrap();
            execute(&place.store, "TRUNCATE stand").await.unwrap();
            eventually("the session has ended", async || value(&place.store, sleeps).await == "0").await;
            more = &["--resume"];
        }
    }
    assert_resumes(&place).await;
}

#[tokio::test]
async fn a_verified_pending_dump_is_published_by_the_next_run() {
    let place = Place::new().await;
    assert_eq!(place.run(&["--only", "dump", "--only", "verify"]).code, 0);
    let pending = place.file(".dump.part");
    let (_, dry_run) = place.ordctl.json(&["maintain", "monthly", "--dry-run"]);
    let planned = finding(&dry_run, "plan.dump")["details"]["calls"].to_string();
    assert!(planned.contains(&format!("mv {}", pending.display())), "{planned}");
    // The file has grown since it was verified.
    let good = std::fs::read(&pending).unwrap();
    std::fs::write(&pending, [&good[..], b"x"].concat()).unwrap();
    let output = place.run(&["--only", "publish"]);
    assert!(output.code == 4 && output.out.contains("has changed since it was verified"), "{output:?}");
    std::fs::write(&pending, good).unwrap();
    // Names have a resolution of one second.
    let earlier = place.dir().join("shop@test-20260101T010000Z");
    let turned = place.dir().join("shop@test-20260102T010000Z");
    for ending in ["dump.part", "dump.json.part", "globals.sql.part"] {
        std::fs::rename(place.file(&format!(".{ending}")), earlier.with_extension(ending)).unwrap();
        std::fs::copy(earlier.with_extension(ending), turned.with_extension(ending)).unwrap();
    }
    // A bit of the second has changed since it was verified.
    let mut bytes = std::fs::read(turned.with_extension("dump.part")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(turned.with_extension("dump.part"), bytes).unwrap();
    let (code, report) = place.json(&[]);
    assert_eq!(code, 0, "{report}");
    assert!(earlier.with_extension("dump").exists(), "{:?}", place.names());
    assert!(earlier.with_extension("globals.sql").exists(), "{:?}", place.names());
    assert!(!files(&place.dir()).iter().any(|n| n.contains("20260102")), "{:?}", files(&place.dir()));
    assert_eq!(files(&place.dir()).iter().filter(|n| n.ends_with(".dump")).count(), 2);
    assert!(!place.names().iter().any(|n| n.ends_with(".part")), "{:?}", place.names());
}

/// pg_dump ends with ordctl, and the next run deletes the partial file.
#[tokio::test]
async fn the_next_run_cleans_up_after_a_killed_dump() {
    let place = Place::with(PROGRAMS).await;
    place.programs(&keep_writing("dumping"), RESTORE);
    let mut child = place.start(&[]);
    let marker = place.marker("dumping");
    eventually("pg_dump runs", async || std::fs::read_to_string(&marker).is_ok_and(|t| t.ends_with('\n')))
        .await;
    let pid = std::fs::read_to_string(&marker).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(place.names(), ["shop@test-<time>.dump.part"]);
    eventually("pg_dump has ended", async || !is_running(&pid)).await;
    place.programs(DUMP, RESTORE);
    assert_resumes(&place).await;
}

#[tokio::test]
async fn the_next_run_drops_the_scratch_database_of_a_killed_restore() {
    let place = Place::with(PROGRAMS).await;
    place.programs(DUMP, &hold("restoring"));
    let mut child = place.start(&[]);
    let marker = place.marker("restoring");
    eventually("pg_restore runs", async || marker.exists()).await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(place.scratch().await, "1");
    // A similar name and a database in use are not touched.
    let admin = place.cluster.store("postgres", "postgres");
    execute(&admin, "CREATE DATABASE ordctl_scratch_mine").await.unwrap();
    let busy = "ordctl_scratch_0123456789abcdef0123456789abcdef";
    execute(&admin, &format!("CREATE DATABASE {busy}")).await.unwrap();
    let there = place.cluster.store("postgres", busy);
    let at_work = there.postgres().session().await.unwrap();
    place.programs(DUMP, RESTORE);
    eventually("the killed session has ended", async || {
        let others = "SELECT count(*) FROM pg_stat_activity WHERE datname LIKE 'ordctl_scratch_%'";
        value(&place.store, others).await == "1"
    })
    .await;
    let (code, report) = place.json(&["--resume"]);
    assert_eq!(code, 1, "{report}");
    assert!(
        finding(&report, "steps.verify.leftovers")["summary"].as_str().unwrap().contains(busy),
        "{report}"
    );
    assert_eq!(place.names(), GOOD);
    assert_eq!(place.scratch().await, "2");
    drop(at_work);
}

/// Ctrl-C during the dump and during the restore.
#[tokio::test]
async fn an_interrupted_run_cleans_up_before_it_exits() {
    let place = Place::with(PROGRAMS).await;
    for (mark, dump, restore) in [
        ("dumping", wait_for_kill("dumping"), RESTORE.to_owned()),
        ("restoring", DUMP.to_owned(), wait_for_kill("restoring")),
    ] {
        place.programs(&dump, &restore);
        let child = place.start(&[]);
        let marker = place.marker(mark);
        eventually(mark, async || std::fs::read_to_string(&marker).is_ok_and(|t| t.ends_with('\n'))).await;
        let pid = std::fs::read_to_string(&marker).unwrap();
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        assert_eq!(code(child).await, Some(130));
        assert_eq!(place.scratch().await, "0", "{mark}");
        assert!(!place.names().iter().any(|n| n.ends_with(".dump")), "{:?}", place.names());
        eventually("the program has ended", async || !is_running(&pid)).await;
        std::fs::remove_file(&marker).unwrap();
    }
    place.programs(DUMP, RESTORE);
    assert_resumes(&place).await;
}

#[tokio::test]
async fn a_restore_that_times_out_leaves_no_scratch_database() {
    let place = Place::with(PROGRAMS).await;
    place.programs(DUMP, &hold("restoring"));
    let yaml = "name: mine\ntitle: Mine\nsteps:\n  - { id: dump, uses: backup.create }\n  - { id: verify, uses: backup.verify, timeout_seconds: 3 }\n";
    std::fs::write(place.ordctl.home().join("mine.yaml"), yaml).unwrap();
    let (code, report) = place.ordctl.json(&["run", "./mine.yaml", "--yes"]);
    assert_eq!(code, 2, "{report}");
    assert!(
        finding(&report, "steps.verify")["summary"].as_str().unwrap().contains("no answer within"),
        "{report}"
    );
    let cleanup = finding(&report, "cleanup.scratch")["summary"].to_string();
    assert!(cleanup.contains("dropped"), "{cleanup}");
    assert_eq!(place.scratch().await, "0");
}

#[tokio::test]
async fn a_bit_error_between_dump_and_verification_is_rejected() {
    let place = Place::with(PROGRAMS).await;
    place.programs(DUMP, "[ \"$1\" = --list ] && { echo x >\"$HOME/listing\"; while kill -0 $PPID 2>/dev/null; do sleep 0.02; done; }");
    let mut child = place.start(&[]);
    let marker = place.marker("listing");
    eventually("the verification runs", async || marker.exists()).await;
    child.kill().unwrap();
    child.wait().unwrap();
    place.programs(DUMP, RESTORE);
    let path = place.file(".dump.part");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let (code, report) = place.json(&["--resume"]);
    assert_eq!(code, 2, "{report}");
    assert!(
        finding(&report, "steps.verify")["summary"].as_str().unwrap().contains("its checksum is"),
        "{report}"
    );
    assert_eq!(finding(&report, "steps.publish")["summary"], "Publish the dump: not reached");
}
