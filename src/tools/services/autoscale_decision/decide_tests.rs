use proptest::prelude::*;

use super::*;

const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

fn load(due: f64, workers: u32, utilization: Option<f64>, period: f64) -> Load {
    Load { due, oldest: None, workers, utilization, period, cpu: Some(10.0), memory: None, min: 1 }
}

/// This many of 1 to 8 workers on a machine with free memory, without a recent change.
fn observed(running: u32, due: f64, utilization: f64) -> Observation {
    Observation {
        service: "worker".into(),
        running,
        min: 1,
        max: 8,
        hold: None,
        parked: 0.0,
        now: load(due, running, Some(utilization), 60.0),
        period: load(due, running, Some(utilization), 600.0),
        longest_wait: 0.0,
        machine: Some(Machine { memory: 16.0 * GIB, used: 4.0 * GIB, load: Some(0.5) }),
        elsewhere: 0,
        container_memory: Some(0.25 * GIB),
        memory_percent: None,
        last_change: None,
        unknown: vec![],
    }
}

fn changed(seconds_ago: f64) -> Option<ScaleChange> {
    Some(ScaleChange { seconds_ago, by: "operate/scale by root on a".into(), from: None, to: None })
}

fn decision(observation: &Observation) -> Decision {
    decide(observation, &Auto::default())
}

/// Checks number and status of the decision, and that its reasons contain `words`.
fn assert_decision(observation: &Observation, to: u32, status: Status, words: &str) {
    let decision = decision(observation);
    assert_eq!((decision.to, decision.status), (to, status), "{words}: {decision:?}");
    let reasons = decision.reasons.join("; ");
    assert!(reasons.contains(words), "{words:?} not in: {reasons}");
}

#[test]
fn direction_follows_the_load() {
    for (what, running, due, utilization, to) in [
        ("nothing to do", 2, 0.0, 0.5, 2),
        ("utilization", 2, 0.0, 0.8, 3),
        ("very utilization: two more at once and no more", 4, 0.0, 1.0, 6),
        ("a long queue", 2, 41.0, 0.5, 3),
        ("not yet long", 2, 40.0, 0.5, 2),
        ("up to the maximum", 7, 0.0, 1.0, 8),
        ("idle: one fewer, though more could go", 6, 0.0, 0.05, 5),
        ("idle with a queue that is short", 3, 5.0, 0.1, 2),
        ("idle with a queue that is not", 3, 6.0, 0.1, 3),
        ("the minimum", 1, 0.0, 0.0, 1),
        ("not idle", 3, 0.0, 0.3, 3),
    ] {
        let decision = decision(&observed(running, due, utilization));
        assert_eq!(decision.to, to, "{what}: {decision:?}");
        assert!(!decision.reasons.is_empty(), "{what}");
    }
}

#[test]
fn one_container_is_added_when_its_memory_is_unknown() {
    let mut observation = observed(4, 0.0, 1.0);
    assert_eq!(decision(&observation).to, 6);
    observation.container_memory = None;
    assert_eq!(decision(&observation).to, 5);
}

#[test]
fn ignored_values_are_named() {
    let mut observation = Observation { parked: 7.0, elsewhere: 1, machine: None, ..observed(2, 0.0, 0.5) };
    assert_decision(&observation, 2, Status::Ok, "7 more wait for a concurrency key or a paused task");
    assert_decision(&observation, 2, Status::Ok, "1 of 2 containers run on other nodes");
    (observation.now.cpu, observation.container_memory) = (None, None);
    (observation.now.utilization, observation.period.utilization) = (Some(0.05), Some(0.05));
    assert_eq!(decision(&observation).direction, Direction::Down, "unknown usage on another node is ignored");
}

#[test]
fn cpu_and_age_count_like_the_queue() {
    let with = |cpu: f64, oldest: f64| {
        let mut observation = observed(3, 1.0, 0.5);
        (observation.now.cpu, observation.now.oldest) = (Some(cpu), Some(oldest));
        decision(&observation).to
    };
    assert_eq!(with(79.0, 59.0), 3);
    assert_eq!(with(80.0, 59.0), 4);
    assert_eq!(with(79.0, 60.0), 4);
    let mut hot = observed(3, 0.0, 0.1);
    (hot.now.cpu, hot.period.cpu) = (Some(30.0), Some(30.0));
    assert_eq!(decision(&hot).to, 3, "low utilization, but high CPU usage");
}

#[test]
fn waiting_work_with_idle_workers_adds_none() {
    assert_decision(&observed(3, 500.0, 0.05), 3, Status::Warn, "more workers would stay idle");
}

#[test]
fn scales_down_only_after_a_long_idle_period() {
    let mut busy_before = observed(3, 0.0, 0.1);
    busy_before.period.utilization = Some(0.4);
    assert_decision(&busy_before, 3, Status::Ok, "utilization was 40 % over the last 10m");
    let waited = Observation { longest_wait: 60.0, ..observed(3, 0.0, 0.1) };
    assert_decision(&waited, 3, Status::Ok, "a run in the last 10m waited ");
    let mut both = observed(3, 0.0, 0.1);
    both.period.utilization = Some(0.29);
    assert_eq!(decision(&both).to, 2);
}

#[test]
fn no_change_within_the_cool_down() {
    for (running, utilization, ago, to) in
        [(3, 1.0, 119.0, 3), (3, 1.0, 120.0, 5), (3, 0.0, 599.0, 3), (3, 0.0, 600.0, 2)]
    {
        let observation = Observation { last_change: changed(ago), ..observed(running, 0.0, utilization) };
        assert_eq!(decision(&observation).to, to, "{ago}");
    }
    assert_decision(
        &Observation { last_change: changed(60.0), ..observed(3, 0.0, 0.0) },
        3,
        Status::Ok,
        "9m of cool_down_down left",
    );
    assert_decision(
        &Observation { last_change: changed(60.0), ..observed(3, 0.0, 1.0) },
        3,
        Status::Ok,
        "operate/scale by root on a",
    );
}

#[test]
fn minimum_and_maximum_hold_at_any_load() {
    assert_decision(&observed(8, 900.0, 1.0), 8, Status::Warn, "the maximum is 8");
    let below = Observation { min: 3, last_change: changed(1.0), ..observed(1, 0.0, 0.0) };
    assert_decision(&below, 3, Status::Ok, "1 running, minimum 3");
    let above = Observation { max: 4, ..observed(6, 900.0, 1.0) };
    assert_decision(&above, 5, Status::Ok, "6 running, maximum 4");
    let recent = Observation { last_change: changed(1.0), ..above };
    assert_eq!(decision(&recent).to, 6);
    let optional = Observation { min: 0, ..observed(0, 0.0, 0.0) };
    assert_eq!(decision(&optional).to, 0, "no work needs no worker");
    let needed = Observation { min: 0, ..observed(0, 1.0, 0.0) };
    assert_eq!(decision(&needed).to, 1);
    let last_one = Observation { min: 0, ..observed(1, 0.0, 0.0) };
    assert_eq!(decision(&last_one).to, 1, "new containers are copies of an existing one");
}

#[test]
fn the_machine_must_have_free_memory() {
    let on = |used: f64, load: f64| Observation {
        machine: Some(Machine { memory: 16.0 * GIB, used: used * GIB, load: Some(load) }),
        container_memory: Some(GIB),
        ..observed(4, 0.0, 1.0)
    };
    // 85 % of 16 GiB are 13.6.
    assert_eq!(decision(&on(11.0, 1.0)).to, 6);
    assert_eq!(decision(&on(12.0, 1.0)).to, 5, "one fits, two do not");
    assert_decision(&on(12.7, 1.0), 4, Status::Warn, "another would exceed 85 % of this machine's memory");
    assert_decision(&on(4.0, 4.0), 4, Status::Warn, "per processor (load_max");
    assert_eq!(
        decision(&Observation { machine: None, ..on(15.0, 9.0) }).to,
        6,
        "memory of another machine is unknown"
    );
}

#[test]
fn the_remaining_containers_can_take_over_the_work() {
    let mut share = observed(2, 0.0, 0.1);
    share.memory_percent = Some(45.0);
    assert_decision(&share, 2, Status::Ok, "memory usage of 90 %");
    let auto = Auto { down_busy: 50.0, up_busy: 60.0, ..Auto::default() };
    let decision = decide(&observed(2, 0.0, 0.45), &auto);
    assert_eq!(decision.to, 2, "one would have a utilization of 90 % and need a second one");
    let auto = Auto { down_cpu: 60.0, ..Auto::default() };
    let mut hot = observed(2, 0.0, 0.1);
    (hot.now.cpu, hot.period.cpu) = (Some(45.0), Some(45.0));
    assert_eq!(decide(&hot, &auto).to, 2);
}

#[test]
fn unknown_values_prevent_scaling_down() {
    let blind = |what: &str, mut observation: Observation| {
        observation.unknown.push(what.to_owned());
        observation
    };
    assert_decision(
        &blind("container usage", observed(4, 0.0, 0.0)),
        4,
        Status::Warn,
        "unknown: container usage",
    );
    assert_eq!(decision(&blind("x", Observation { max: 3, ..observed(4, 0.0, 0.0) })).to, 4);
    let up = decision(&blind("x", observed(4, 0.0, 1.0)));
    assert_eq!((up.to, up.status), (6, Status::Warn), "but scaling up goes on");
    let mut idle = observed(4, 0.0, 0.0);
    (idle.now.utilization, idle.period.utilization) = (None, None);
    assert_eq!(decision(&idle).to, 4, "unknown is not idle");
    let mut cool = observed(4, 0.0, 0.0);
    (cool.now.cpu, cool.period.cpu) = (None, None);
    assert_eq!(decision(&cool).to, 4);
}

#[test]
fn nothing_changes_while_the_engine_is_on_hold() {
    for running in [0, 3, 9] {
        let on_hold =
            Observation { hold: Some("on hold by ann: restore".into()), ..observed(running, 900.0, 1.0) };
        assert_decision(&on_hold, running, Status::Ok, "the engine is on hold by ann: restore");
    }
}

prop_compose! {
    fn anything()(
        running in 0_u32..20, min in 0_u32..6, more in 0_u32..12, due in 0.0..2000.0_f64,
        now in proptest::option::of(0.0..=1.0_f64), period in proptest::option::of(0.0..=1.0_f64),
        cpu in proptest::option::of(0.0..400.0_f64), oldest in proptest::option::of(0.0..900.0_f64),
        longest_wait in 0.0..200.0_f64, used in 0.0..16.0_f64, each in proptest::option::of(0.0..2.0_f64),
        share in proptest::option::of(0.0..100.0_f64), ago in proptest::option::of(0.0..2000.0_f64),
        blind in any::<bool>(), on_hold in proptest::bool::weighted(0.1),
    ) -> Observation {
        let load = |utilization, period| Load { due, oldest, workers: running, utilization, period, cpu, memory: None, min };
        Observation {
            service: "worker".into(),
            running,
            min,
            max: min.max(1) + more,
            hold: on_hold.then(|| "on hold by ann".to_owned()),
            parked: 0.0,
            elsewhere: 0,
            now: load(now, 60.0),
            period: load(period, 600.0),
            longest_wait,
            machine: Some(Machine { memory: 16.0 * GIB, used: used * GIB, load: Some(1.0) }),
            container_memory: each.map(|gib| gib * GIB),
            memory_percent: share,
            last_change: ago.and_then(changed),
            unknown: if blind { vec!["x".to_owned()] } else { vec![] },
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn stays_within_limits_and_step_sizes(observation in anything()) {
        let auto = Auto::default();
        let Decision { direction, from, to, reasons, .. } = decide(&observation, &auto);
        match direction {
            Direction::Stay => prop_assert_eq!(from, to),
            Direction::Up if from < observation.min => prop_assert_eq!(to, observation.min),
            Direction::Up => prop_assert!(to > from && to <= observation.max && to - from <= auto.step_up),
            Direction::Down => prop_assert!(to < from && to >= observation.min.max(1) && from - to <= auto.step_down),
        }
        prop_assert!(direction == Direction::Stay || (observation.hold.is_none() && !reasons.is_empty()));
        prop_assert!(direction != Direction::Down || observation.unknown.is_empty());
    }

    #[test]
    fn a_longer_queue_never_means_fewer(observation in anything(), more in 0.0..2000.0_f64) {
        let mut longer = observation.clone();
        longer.now.due += more;
        longer.period.due += more;
        prop_assert!(decision(&longer).to >= decision(&observation).to);
    }

    /// Follows the decisions for a random load.
    #[test]
    fn no_opposite_change_within_the_cool_down(
        loads in proptest::collection::vec((0.0..300.0_f64, 0.0..=1.0_f64, 0.0..=1.0_f64), 1..200),
        pause in 1.0..300.0_f64,
    ) {
        let auto = Auto::default();
        let (mut running, mut clock) = (3, 0.0);
        let mut steps: Vec<(f64, Direction)> = vec![];
        for (due, now, period) in loads {
            clock += pause;
            let mut observation = observed(running, due, now);
            observation.period.utilization = Some(period);
            observation.last_change = steps.last().and_then(|(at, _)| changed(clock - at));
            let decision = decide(&observation, &auto);
            if decision.direction != Direction::Stay {
                steps.push((clock, decision.direction));
            }
            running = decision.to;
        }
        for pair in steps.windows(2) {
            let ((before, _), (at, direction)) = (pair[0], pair[1]);
            let pause = if direction == Direction::Up { auto.cool_down_up } else { auto.cool_down_down };
            prop_assert!(at - before >= pause.as_secs_f64() - 1e-6, "{steps:?}");
        }
    }
}
