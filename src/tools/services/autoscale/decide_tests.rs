use proptest::prelude::*;

use super::*;

const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

fn load(due: f64, workers: u32, busy: Option<f64>, over: f64) -> Load {
    Load { due, oldest: None, workers, busy, over, cpu: Some(10.0), memory: None, min: 1 }
}

/// As many workers as that, of 1 to 8, on a machine with room, long after the last change.
fn seen(running: u32, due: f64, busy: f64) -> Seen {
    Seen {
        service: "worker".into(),
        running,
        min: 1,
        max: 8,
        held: None,
        parked: 0.0,
        now: load(due, running, Some(busy), 60.0),
        period: load(due, running, Some(busy), 600.0),
        waited: 0.0,
        machine: Some(Machine { memory: 16.0 * GIB, used: 4.0 * GIB, load: Some(0.5) }),
        elsewhere: 0,
        container_memory: Some(0.25 * GIB),
        container_share: None,
        last: None,
        unknown: vec![],
    }
}

fn changed(seconds_ago: f64) -> Option<Change> {
    Some(Change { seconds_ago, by: "operate/scale by root on a".into(), from: None, to: None })
}

fn decided(seen: &Seen) -> Decision {
    decide(seen, &Auto::default())
}

/// The decision's number and status; its reasons must hold the words.
fn says(seen: &Seen, to: u32, status: Status, words: &str) {
    let decision = decided(seen);
    assert_eq!((decision.to, decision.status), (to, status), "{words}: {decision:?}");
    let reasons = decision.reasons.join("; ");
    assert!(reasons.contains(words), "{words} is not in: {reasons}");
}

#[test]
fn the_load_says_which_way() {
    for (what, running, due, busy, to) in [
        ("nothing to do", 2, 0.0, 0.5, 2),
        ("busy", 2, 0.0, 0.8, 3),
        ("very busy: two more at once and no more", 4, 0.0, 1.0, 6),
        ("a long queue", 2, 41.0, 0.5, 3),
        ("not yet long", 2, 40.0, 0.5, 2),
        ("up to the maximum", 7, 0.0, 1.0, 8),
        ("idle: one fewer, though more could go", 6, 0.0, 0.05, 5),
        ("idle with a queue that is short", 3, 5.0, 0.1, 2),
        ("idle with a queue that is not", 3, 6.0, 0.1, 3),
        ("the minimum", 1, 0.0, 0.0, 1),
        ("not idle", 3, 0.0, 0.3, 3),
    ] {
        let decision = decided(&seen(running, due, busy));
        assert_eq!(decision.to, to, "{what}: {decision:?}");
        assert!(!decision.reasons.is_empty(), "{what}");
    }
}

#[test]
fn what_one_takes_that_is_not_known_is_tried_with_one() {
    let mut seen = seen(4, 0.0, 1.0);
    assert_eq!(decided(&seen).to, 6);
    seen.container_memory = None;
    assert_eq!(decided(&seen).to, 5);
}

#[test]
fn what_plays_no_part_is_said() {
    let mut seen = Seen { parked: 7.0, elsewhere: 1, machine: None, ..seen(2, 0.0, 0.5) };
    says(&seen, 2, Status::Ok, "7 more wait for their key or their paused task");
    says(&seen, 2, Status::Ok, "1 of 2 run on other nodes");
    (seen.now.cpu, seen.container_memory) = (None, None);
    (seen.now.busy, seen.period.busy) = (Some(0.05), Some(0.05));
    assert_eq!(decided(&seen).way, Way::Down, "as far as it is known what another node does");
}

#[test]
fn processors_and_age_count_as_the_queue_does() {
    let with = |cpu: f64, oldest: f64| {
        let mut seen = seen(3, 1.0, 0.5);
        (seen.now.cpu, seen.now.oldest) = (Some(cpu), Some(oldest));
        decided(&seen).to
    };
    assert_eq!(with(79.0, 59.0), 3);
    assert_eq!(with(80.0, 59.0), 4);
    assert_eq!(with(79.0, 60.0), 4);
    let mut hot = seen(3, 0.0, 0.1);
    (hot.now.cpu, hot.period.cpu) = (Some(30.0), Some(30.0));
    assert_eq!(decided(&hot).to, 3, "few runs, but each at work");
}

#[test]
fn work_that_waits_beside_idle_workers_waits_for_something_else() {
    says(&seen(3, 500.0, 0.05), 3, Status::Warn, "more workers would be as idle");
}

#[test]
fn fewer_only_when_it_has_held_for_long_enough() {
    let mut busy_before = seen(3, 0.0, 0.1);
    busy_before.period.busy = Some(0.4);
    says(&busy_before, 3, Status::Ok, "busy for 40 % of the last 10m");
    let waited = Seen { waited: 60.0, ..seen(3, 0.0, 0.1) };
    says(&waited, 3, Status::Ok, "a run of the last 10m had waited for");
    let mut both = seen(3, 0.0, 0.1);
    both.period.busy = Some(0.29);
    assert_eq!(decided(&both).to, 2);
}

#[test]
fn nothing_opposite_and_nothing_again_within_the_cool_down() {
    for (running, busy, ago, to) in
        [(3, 1.0, 119.0, 3), (3, 1.0, 120.0, 5), (3, 0.0, 599.0, 3), (3, 0.0, 600.0, 2)]
    {
        let seen = Seen { last: changed(ago), ..seen(running, 0.0, busy) };
        assert_eq!(decided(&seen).to, to, "{ago}");
    }
    says(&Seen { last: changed(60.0), ..seen(3, 0.0, 0.0) }, 3, Status::Ok, "9m of cool_down_down are left");
    says(&Seen { last: changed(60.0), ..seen(3, 0.0, 1.0) }, 3, Status::Ok, "operate/scale by root on a");
}

#[test]
fn the_limits_hold_whatever_the_load_says() {
    says(&seen(8, 900.0, 1.0), 8, Status::Warn, "only 8 may run");
    let below = Seen { min: 3, last: changed(1.0), ..seen(1, 0.0, 0.0) };
    says(&below, 3, Status::Ok, "1 run, and 3 must");
    let above = Seen { max: 4, ..seen(6, 900.0, 1.0) };
    says(&above, 5, Status::Ok, "6 run, and 4 may");
    let lately = Seen { last: changed(1.0), ..above };
    assert_eq!(decided(&lately).to, 6);
    let optional = Seen { min: 0, ..seen(0, 0.0, 0.0) };
    assert_eq!(decided(&optional).to, 0, "nothing to do needs nobody");
    let needed = Seen { min: 0, ..seen(0, 1.0, 0.0) };
    assert_eq!(decided(&needed).to, 1);
    let last_one = Seen { min: 0, ..seen(1, 0.0, 0.0) };
    assert_eq!(decided(&last_one).to, 1, "further ones are made after one that is there");
}

#[test]
fn the_machine_must_have_room_for_more() {
    let on = |used: f64, load: f64| Seen {
        machine: Some(Machine { memory: 16.0 * GIB, used: used * GIB, load: Some(load) }),
        container_memory: Some(GIB),
        ..seen(4, 0.0, 1.0)
    };
    // 85 % of 16 GiB are 13.6.
    assert_eq!(decided(&on(11.0, 1.0)).to, 6);
    assert_eq!(decided(&on(12.0, 1.0)).to, 5, "one has room, two have not");
    says(&on(12.7, 1.0), 4, Status::Warn, "more than 85 % of this machine's memory");
    says(&on(4.0, 4.0), 4, Status::Warn, "processes wait for each processor");
    assert_eq!(decided(&Seen { machine: None, ..on(15.0, 9.0) }).to, 6, "another machine's is not known");
}

#[test]
fn those_who_stay_can_do_the_work_of_all() {
    let mut share = seen(2, 0.0, 0.1);
    share.container_share = Some(45.0);
    says(&share, 2, Status::Ok, "need of their memory 90 %");
    let auto = Auto { down_busy: 50.0, up_busy: 60.0, ..Auto::default() };
    let decision = decide(&seen(2, 0.0, 0.45), &auto);
    assert_eq!(decision.to, 2, "one would be busy for 90 %, and two be needed again");
    let auto = Auto { down_cpu: 60.0, ..Auto::default() };
    let mut hot = seen(2, 0.0, 0.1);
    (hot.now.cpu, hot.period.cpu) = (Some(45.0), Some(45.0));
    assert_eq!(decide(&hot, &auto).to, 2);
}

#[test]
fn what_is_not_known_takes_nothing_away() {
    let blind = |what: &str, mut seen: Seen| {
        seen.unknown.push(what.to_owned());
        seen
    };
    says(&blind("what they use", seen(4, 0.0, 0.0)), 4, Status::Warn, "not known: what they use");
    assert_eq!(decided(&blind("x", Seen { max: 3, ..seen(4, 0.0, 0.0) })).to, 4);
    let up = decided(&blind("x", seen(4, 0.0, 1.0)));
    assert_eq!((up.to, up.status), (6, Status::Warn), "but it does not keep work waiting");
    let mut idle = seen(4, 0.0, 0.0);
    (idle.now.busy, idle.period.busy) = (None, None);
    assert_eq!(decided(&idle).to, 4, "not known is not idle");
    let mut cool = seen(4, 0.0, 0.0);
    (cool.now.cpu, cool.period.cpu) = (None, None);
    assert_eq!(decided(&cool).to, 4);
}

#[test]
fn nothing_is_changed_while_the_engine_is_held() {
    for running in [0, 3, 9] {
        let held = Seen { held: Some("ann (restore)".into()), ..seen(running, 900.0, 1.0) };
        says(&held, running, Status::Ok, "held by ann (restore)");
    }
}

prop_compose! {
    fn anything()(
        running in 0_u32..20, min in 0_u32..6, more in 0_u32..12, due in 0.0..2000.0_f64,
        now in proptest::option::of(0.0..=1.0_f64), period in proptest::option::of(0.0..=1.0_f64),
        cpu in proptest::option::of(0.0..400.0_f64), oldest in proptest::option::of(0.0..900.0_f64),
        waited in 0.0..200.0_f64, used in 0.0..16.0_f64, each in proptest::option::of(0.0..2.0_f64),
        share in proptest::option::of(0.0..100.0_f64), ago in proptest::option::of(0.0..2000.0_f64),
        blind in any::<bool>(), held in proptest::bool::weighted(0.1),
    ) -> Seen {
        let load = |busy, over| Load { due, oldest, workers: running, busy, over, cpu, memory: None, min };
        Seen {
            service: "worker".into(),
            running,
            min,
            max: min.max(1) + more,
            held: held.then(|| "ann".to_owned()),
            parked: 0.0,
            elsewhere: 0,
            now: load(now, 60.0),
            period: load(period, 600.0),
            waited,
            machine: Some(Machine { memory: 16.0 * GIB, used: used * GIB, load: Some(1.0) }),
            container_memory: each.map(|gib| gib * GIB),
            container_share: share,
            last: ago.and_then(changed),
            unknown: if blind { vec!["x".to_owned()] } else { vec![] },
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn never_outside_the_limits_nor_further_than_a_step(seen in anything()) {
        let auto = Auto::default();
        let Decision { way, from, to, reasons, .. } = decide(&seen, &auto);
        match way {
            Way::Stay => prop_assert_eq!(from, to),
            Way::Up if from < seen.min => prop_assert_eq!(to, seen.min),
            Way::Up => prop_assert!(to > from && to <= seen.max && to - from <= auto.step_up),
            Way::Down => prop_assert!(to < from && to >= seen.min.max(1) && from - to <= auto.step_down),
        }
        prop_assert!(way == Way::Stay || (seen.held.is_none() && !reasons.is_empty()));
        prop_assert!(way != Way::Down || seen.unknown.is_empty());
    }

    #[test]
    fn never_fewer_for_a_longer_queue(seen in anything(), more in 0.0..2000.0_f64) {
        let mut longer = seen.clone();
        longer.now.due += more;
        longer.period.due += more;
        prop_assert!(decided(&longer).to >= decided(&seen).to);
    }

    /// Looks every so often at a load that does what it likes, and steps as decided.
    #[test]
    fn never_the_opposite_within_the_cool_down(
        loads in proptest::collection::vec((0.0..300.0_f64, 0.0..=1.0_f64, 0.0..=1.0_f64), 1..200),
        pause in 1.0..300.0_f64,
    ) {
        let auto = Auto::default();
        let (mut running, mut clock) = (3, 0.0);
        let mut steps: Vec<(f64, Way)> = vec![];
        for (due, now, period) in loads {
            clock += pause;
            let mut seen = seen(running, due, now);
            seen.period.busy = Some(period);
            seen.last = steps.last().and_then(|(at, _)| changed(clock - at));
            let decision = decide(&seen, &auto);
            if decision.way != Way::Stay {
                steps.push((clock, decision.way));
            }
            running = decision.to;
        }
        for pair in steps.windows(2) {
            let ((before, _), (at, way)) = (pair[0], pair[1]);
            let pause = if way == Way::Up { auto.cool_down_up } else { auto.cool_down_down };
            prop_assert!(at - before >= pause.as_secs_f64() - 1e-6, "{steps:?}");
        }
    }
}
