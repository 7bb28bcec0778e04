use super::*;
use crate::base::discovery::DiscoveryScope;
use crate::base::exit;
use crate::model::{PlannedStep, Target};

struct FixedAnswer(Answer);

impl Prompt for FixedAnswer {
    fn show(&self, _: &Plan) {}

    fn confirm(&self, _: &str) -> Answer {
        self.0.clone()
    }

    fn confirm_name(&self, _: &str, _: &str) -> Answer {
        self.0.clone()
    }
}

fn plan(effect: Effect) -> Plan {
    let step = PlannedStep { effect, ..PlannedStep::change("a", "a", "t", vec![]) };
    let target = Target { environment: "production".into(), ..Target::default() };
    Plan { name: "r".into(), title: "r".into(), target, steps: vec![step], verify: vec![] }
}

#[test]
fn grave_actions_need_the_target_name() {
    let yes = ConsentFlags { yes: true, ..ConsentFlags::default() };
    let named = |name: &str| ConsentFlags { confirm: Some(name.into()), ..yes.clone() };
    let no_terminal = FixedAnswer(Answer::Nobody);
    assert!(ask(&plan(Effect::Change), &yes, &no_terminal).is_ok());
    assert!(ask(&plan(Effect::Look), &ConsentFlags::default(), &no_terminal).is_ok());
    assert!(ask(&plan(Effect::Grave), &named("production"), &no_terminal).is_ok());
    for (effect, flags) in [
        (Effect::Grave, yes.clone()),
        (Effect::Grave, named("staging")),
        (Effect::Change, named("staging")),
        (Effect::Change, ConsentFlags::default()),
    ] {
        assert_eq!(ask(&plan(effect), &flags, &no_terminal).unwrap_err().code, exit::REFUSED);
    }
    let denied = ask(&plan(Effect::Change), &ConsentFlags::default(), &FixedAnswer(Answer::No));
    assert_eq!(denied.unwrap_err().code, exit::REFUSED);
}

/// Nobody wrote down that the discovered system is the one to act on.
#[test]
fn changes_of_a_discovered_system_need_its_name() {
    let yes = ConsentFlags { yes: true, ..ConsentFlags::default() };
    let named = ConsentFlags { confirm: Some("production".into()), ..ConsentFlags::default() };
    let no_terminal = FixedAnswer(Answer::Nobody);
    let discovered = |scope: Option<DiscoveryScope>, uses: &str, effect: Effect| {
        let mut plan = plan(effect);
        plan.target.discovered = scope;
        plan.steps[0].uses = uses.into();
        plan
    };
    for (scope, uses, effect, by_yes) in [
        (Some(DiscoveryScope::System), "migrate", Effect::Change, false),
        (Some(DiscoveryScope::System), "check.query", Effect::Look, true),
        (Some(DiscoveryScope::Docker), "service.restart", Effect::Change, false),
        (Some(DiscoveryScope::Docker), "docker.clean", Effect::Change, false),
        (Some(DiscoveryScope::Docker), "postgres.vacuum", Effect::Change, true),
        (None, "service.restart", Effect::Change, true),
    ] {
        let plan = discovered(scope, uses, effect);
        assert_eq!(ask(&plan, &yes, &no_terminal).is_ok(), by_yes, "{scope:?} {uses}");
        assert!(ask(&plan, &named, &no_terminal).is_ok(), "{scope:?} {uses}");
    }
    let refused =
        ask(&discovered(Some(DiscoveryScope::System), "migrate", Effect::Change), &yes, &no_terminal);
    let refused = refused.unwrap_err();
    assert_eq!(refused.code, exit::REFUSED);
    assert!(refused.hint.unwrap().contains("--confirm production"));
}

#[test]
fn the_audit_details_name_who_and_why() {
    let flags = ConsentFlags { yes: true, reason: Some("upgrade".into()), confirm: None };
    let consented = ask(&plan(Effect::Change), &flags, &FixedAnswer(Answer::Nobody)).unwrap();
    let details = consented.audit();
    assert_eq!(details["reason"], "upgrade");
    assert_eq!(details["os_user"], acting_user());
}

#[test]
fn consent_covers_no_more_than_its_plan() {
    let no_terminal = FixedAnswer(Answer::Nobody);
    let looked = ask(&plan(Effect::Look), &ConsentFlags::default(), &no_terminal).unwrap();
    assert!(looked.covers(Effect::Look) && !looked.covers(Effect::Change));
    assert_eq!(looked.calls(), Some(&[] as &[String]), "a plan that only looks allows no call");

    let mut planned = plan(Effect::Change);
    planned.steps[0].calls = vec!["stop a".into()];
    let yes = ConsentFlags { yes: true, ..ConsentFlags::default() };
    let consented = ask(&planned, &yes, &no_terminal).unwrap();
    assert!(consented.covers(Effect::Change) && !consented.covers(Effect::Grave));
    assert_eq!(consented.calls(), Some(&["stop a".to_owned()] as &[String]));
    let narrowed = consented.for_calls(Some(&["stop a".into(), "stop b".into()]));
    assert_eq!(narrowed.calls(), Some(&["stop a".to_owned()] as &[String]), "narrowing adds no call");
    assert_eq!(consented.for_calls(None).calls().map(<[_]>::len), Some(1));

    planned.steps[0].depends = Some("depends on the result of a".into());
    assert_eq!(ask(&planned, &yes, &no_terminal).unwrap().calls(), None);
    assert!(!Consented::from_configuration("a test").covers(Effect::Grave));
}

#[test]
fn only_root_may_name_who_called_sudo() {
    assert_eq!(with_sudo("root".into(), true, Some("anna".into())), "root (sudo: anna)");
    assert_eq!(with_sudo("eve".into(), false, Some("anna".into())), "eve");
    assert_eq!(with_sudo("root".into(), true, None), "root");
}
