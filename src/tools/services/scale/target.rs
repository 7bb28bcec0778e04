//! The number of containers to scale to, within the limits of the service.

use super::{AllowedDirection, Params};
use crate::base::settings::Service;
use crate::tools::ToolError;

/// The target, or why it is refused. `flags`: the flags with which a hint's command acts on the same service.
pub(super) fn target(params: &Params, running: u32, limits: &Service, flags: &str) -> Result<u32, ToolError> {
    let service = &params.service;
    let to = match (params.to, params.by, params.emergency) {
        (Some(to), None, false) => to,
        (None, Some(by), false) => running.saturating_add_signed(by),
        (None, None, true) => limits.max_replicas(),
        _ => return Err(ToolError::Params("set exactly one of to, by and emergency".to_owned())),
    };
    let refuse =
        |message: String, hint: &str| Err(ToolError::Refused { message, hint: Some(hint.to_owned()) });
    let up_only = params.direction == AllowedDirection::Up || params.emergency;
    if up_only && to < running {
        return refuse(
            format!("{service}: {running} running, {to} would be fewer"),
            &format!("ordctl scale down {to}{flags}"),
        );
    }
    if params.direction == AllowedDirection::Down && to > running {
        return refuse(
            format!("{service}: {running} running, {to} would be more"),
            &format!("ordctl scale up {to}{flags}"),
        );
    }
    if to < limits.min() {
        return refuse(
            format!("{service}: {to} is below the minimum of {}", limits.min()),
            &format!("set services.{service}.min: {to} in ordctl.yaml"),
        );
    }
    match limits.max {
        // Scaling down to a number above the maximum is allowed.
        Some(max) if to > max && to > running => refuse(
            format!("{service}: {to} is above the maximum of {max}"),
            &format!("set services.{service}.max: {to} in ordctl.yaml"),
        ),
        _ => Ok(to),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(to: u32, direction: AllowedDirection) -> Params {
        Params { service: "worker".into(), to: Some(to), direction, ..Params::default() }
    }

    fn limits(min: Option<u32>, max: Option<u32>) -> Service {
        Service { min, max, ..Service::default() }
    }

    fn target(params: &Params, running: u32, limits: &Service) -> Result<u32, ToolError> {
        super::target(params, running, limits, " -p service=importer")
    }

    #[test]
    fn a_hint_acts_on_the_same_service() {
        let hint = |to, direction| target(&params(to, direction), 3, &limits(None, None)).unwrap_err().hint();
        let wanted = |text: &str| Some(text.to_owned());
        assert_eq!(hint(2, AllowedDirection::Up), wanted("ordctl scale down 2 -p service=importer"));
        assert_eq!(hint(4, AllowedDirection::Down), wanted("ordctl scale up 4 -p service=importer"));
    }

    #[test]
    fn up_never_goes_down_and_down_never_up() {
        let free = limits(None, None);
        for (to, direction, wanted) in [
            (4, AllowedDirection::Up, Some(4)),
            (3, AllowedDirection::Up, Some(3)),
            (2, AllowedDirection::Up, None),
            (2, AllowedDirection::Down, Some(2)),
            (4, AllowedDirection::Down, None),
            (9, AllowedDirection::Any, Some(9)),
            (1, AllowedDirection::Any, Some(1)),
        ] {
            assert_eq!(target(&params(to, direction), 3, &free).ok(), wanted, "{to} {direction:?}");
        }
    }

    #[test]
    fn limits_apply_to_absolute_and_relative_targets() {
        let none = target(&params(0, AllowedDirection::Any), 3, &limits(None, None));
        assert!(none.unwrap_err().to_string().contains("below the minimum of 1"));
        assert_eq!(target(&params(0, AllowedDirection::Any), 3, &limits(Some(0), None)).ok(), Some(0));
        assert!(target(&params(1, AllowedDirection::Any), 3, &limits(Some(2), None)).is_err());
        assert!(target(&params(7, AllowedDirection::Up), 3, &limits(None, Some(6))).is_err());
        assert_eq!(target(&params(7, AllowedDirection::Any), 8, &limits(None, Some(4))).ok(), Some(7));
        let by = |n| Params { service: "worker".into(), by: Some(n), ..Params::default() };
        assert_eq!(target(&by(2), 3, &limits(None, None)).ok(), Some(5));
        assert_eq!(target(&by(-2), 3, &limits(None, None)).ok(), Some(1));
        assert!(target(&by(-3), 3, &limits(None, None)).is_err());
        let both = Params { by: Some(1), ..params(4, AllowedDirection::Any) };
        assert!(matches!(target(&both, 3, &limits(None, None)), Err(ToolError::Params(_))));
    }

    #[test]
    fn an_emergency_scales_to_the_maximum_and_never_down() {
        let now = Params { service: "worker".into(), emergency: true, ..Params::default() };
        assert_eq!(target(&now, 3, &limits(None, None)).ok(), Some(8));
        assert_eq!(target(&now, 3, &limits(None, Some(5))).ok(), Some(5));
        assert_eq!(target(&now, 8, &limits(None, None)).ok(), Some(8));
        assert!(target(&now, 9, &limits(None, None)).is_err());
    }
}
