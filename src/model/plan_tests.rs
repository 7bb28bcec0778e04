use super::*;

fn plan(steps: Vec<PlannedStep>) -> Plan {
    Plan { name: "r".into(), title: "r".into(), target: Target::default(), steps, verify: Vec::new() }
}

fn change(id: &str) -> PlannedStep {
    PlannedStep::change(id, format!("Do {id}"), "t", vec!["an exact statement".into()])
}

#[test]
fn a_line_says_what_a_step_does_and_never_shows_a_statement() {
    let mut step = change("a");
    assert_eq!(step.line(), "Do a");
    step.text = "Delete 3 runs".into();
    assert_eq!(step.line(), "Delete 3 runs");
    step.effect = Effect::Grave;
    assert_eq!(step.line(), "Delete 3 runs (hard to undo)");
    step.depends = Some("depends on the result of b".into());
    assert_eq!(step.line(), "Do a (may be hard to undo): depends on the result of b");
    step.left_out = Some("skipped by --skip".into());
    assert_eq!(step.line(), "Do a: skipped by --skip");
    step.blocked = Some("Docker is unreachable".into());
    assert_eq!(step.line(), "Do a: cannot run: Docker is unreachable");
    let idle = PlannedStep { calls: vec![], ..change("b") };
    assert_eq!(idle.line(), "Do b: nothing to do");
    let mut look = PlannedStep::new("c", "Look", "t");
    assert_eq!(look.line(), "Look: only reads");
    look.found = vec!["Containers: 3 running".into()];
    assert_eq!(look.line(), "Look: 3 running");
}

#[test]
fn the_summary_counts_steps_and_names_deletions_in_three_lines() {
    let runs = PlannedStep { deletes: Some("37,720 runs".into()), ..change("a") };
    let images = PlannedStep { deletes: Some("2 images".into()), ..change("b") };
    let skipped =
        PlannedStep { left_out: Some("skipped".into()), deletes: Some("all".into()), ..change("c") };
    let idle = PlannedStep { calls: vec![], ..change("d") };
    let blocked = PlannedStep { blocked: Some("no".into()), ..change("e") };
    let mut all = plan(vec![runs, images, skipped, idle, blocked]);
    assert_eq!(
        all.summary(),
        [
            "2 of 5 steps change something, 1 cannot run, 1 skipped, 1 with nothing to do",
            "deletes: 37,720 runs, 2 images"
        ]
    );
    all.verify = vec!["Invalid indexes".into()];
    assert_eq!(all.summary().last().unwrap(), "checked afterwards: Invalid indexes");
    all.steps[1].effect = Effect::Grave;
    assert_eq!(all.summary().len(), 3);
    assert_eq!(all.summary()[1], "hard to undo: Do b");
    all.steps[1].depends = Some("depends on the result of a".into());
    assert_eq!(all.summary()[1], "may be hard to undo: Do b");
    assert_eq!(plan(vec![change("a")]).summary(), ["1 change"]);
    assert_eq!(plan(vec![]).summary(), ["no step changes anything"]);
}

/// The question of the prompt stands right below it.
#[test]
fn the_summary_of_a_long_plan_fits_a_terminal_of_80_columns() {
    let step = |n: usize| PlannedStep {
        effect: Effect::Grave,
        deletes: Some(format!("{n},000 rows of a table with a long name")),
        ..change(&format!("the step number {n} with a long title"))
    };
    let mut long = plan((1..=40).map(step).collect());
    long.verify = (1..=9).map(|n| format!("Check number {n} with a long title")).collect();
    for line in long.summary() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}
