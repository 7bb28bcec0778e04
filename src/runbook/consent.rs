//! Consent: nothing is changed before somebody who may has said yes.

use crate::base::cli_error::CliError;
use crate::model::prompt::Answer;
use crate::model::{Effect, Plan, Prompt};

/// What the command line says about consent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Consent {
    pub(crate) yes: bool,
    pub(crate) confirm: Option<String>,
}

/// Asks for consent to a plan, as gravely as its gravest step asks for.
pub(crate) fn ask(plan: &Plan, consent: &Consent, prompt: &dyn Prompt) -> Result<(), CliError> {
    let name = &plan.target.environment;
    if let Some(given) = consent.confirm.as_ref().filter(|given| *given != name) {
        return Err(CliError::refused(format!("--confirm names '{given}', but the target is '{name}'"))
            .hint("nothing was changed"));
    }
    match plan.effect() {
        Effect::Look => Ok(()),
        Effect::Change if consent.yes || consent.confirm.is_some() => Ok(()),
        Effect::Change => {
            prompt.show(plan);
            answer(prompt.confirm(&format!("Go on with {name}?")), "--yes")
        }
        Effect::Grave if consent.confirm.is_some() => Ok(()),
        Effect::Grave => {
            prompt.show(plan);
            let question = format!("This is hard to undo. Type the target's name ({name}) to go on");
            answer(prompt.confirm_name(&question, name), &format!("--confirm {name}"))
        }
    }
}

fn answer(answer: Answer, flag: &str) -> Result<(), CliError> {
    match answer {
        Answer::Yes => Ok(()),
        Answer::No => Err(CliError::refused("not confirmed; nothing was changed")),
        Answer::Nobody => {
            Err(CliError::refused("this changes something and there is nobody to ask; nothing was changed")
                .hint(format!("see what it would do with --dry-run, then consent with {flag}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::exit;
    use crate::model::{PlannedStep, Target};

    struct Says(Answer);

    impl Prompt for Says {
        fn show(&self, _: &Plan) {}

        fn confirm(&self, _: &str) -> Answer {
            self.0.clone()
        }

        fn confirm_name(&self, _: &str, _: &str) -> Answer {
            self.0.clone()
        }
    }

    fn plan(effect: Effect) -> Plan {
        let step = PlannedStep {
            id: "a".into(),
            title: "a".into(),
            uses: "t".into(),
            effect,
            calls: vec![],
            left_out: None,
            depends: None,
            found: Vec::new(),
        };
        let target = Target { environment: "production".into(), ..Target::default() };
        Plan { name: "r".into(), title: "r".into(), target, steps: vec![step] }
    }

    #[test]
    fn grave_actions_need_the_targets_name() {
        let yes = Consent { yes: true, confirm: None };
        let named = |name: &str| Consent { yes: true, confirm: Some(name.into()) };
        let nobody = Says(Answer::Nobody);
        assert!(ask(&plan(Effect::Change), &yes, &nobody).is_ok());
        assert!(ask(&plan(Effect::Look), &Consent::default(), &nobody).is_ok());
        assert!(ask(&plan(Effect::Grave), &named("production"), &nobody).is_ok());
        for (effect, consent) in [
            (Effect::Grave, yes),
            (Effect::Grave, named("staging")),
            (Effect::Change, named("staging")),
            (Effect::Change, Consent::default()),
        ] {
            assert_eq!(ask(&plan(effect), &consent, &nobody).unwrap_err().code, exit::REFUSED);
        }
        let fault = ask(&plan(Effect::Change), &Consent::default(), &Says(Answer::No)).unwrap_err();
        assert_eq!(fault.code, exit::REFUSED);
    }
}
