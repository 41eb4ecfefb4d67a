//! A mapping as a form: each role with its fields as text, why each was chosen, and back again.
//!
//! The draft is text on purpose: a person is free to type something half done; only a draft that
//! parses is previewed.

use crate::model::ids::SourceIx;
use crate::model::mapping::{EntityField, Evidence, Mapping, Template, TimeField, TimeUnit};

/// Roles that are lists of templates, in the order of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Type,
    Id,
    Version,
    Service,
    Correlation,
    Causation,
    Key,
    Headers,
    Data,
}

impl Role {
    pub const ALL: [Self; 9] = [
        Self::Type,
        Self::Id,
        Self::Version,
        Self::Service,
        Self::Correlation,
        Self::Causation,
        Self::Key,
        Self::Headers,
        Self::Data,
    ];

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Type => "Type",
            Self::Id => "Event id",
            Self::Version => "Version",
            Self::Service => "Service",
            Self::Correlation => "Correlation",
            Self::Causation => "Causation",
            Self::Key => "Key",
            Self::Headers => "Headers",
            Self::Data => "Payload",
        }
    }

    /// What several fields of the role mean.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::Correlation | Self::Causation => "all of these count",
            Self::Headers => "an object of headers",
            _ => "the first that is there counts",
        }
    }

    fn templates(self, mapping: &Mapping) -> Vec<String> {
        let list = match self {
            Self::Type => &mapping.type_name,
            Self::Id => &mapping.id,
            Self::Version => &mapping.version,
            Self::Service => &mapping.service,
            Self::Correlation => &mapping.correlation,
            Self::Causation => &mapping.causation,
            Self::Key => &mapping.key,
            Self::Headers => return mapping.headers.iter().map(|t| t.0.clone()).collect(),
            Self::Data => &mapping.data,
        };
        list.iter().map(|t| t.0.clone()).collect()
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntityDraft {
    pub kind: String,
    pub id: String,
    pub stream: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimeDraft {
    pub field: String,
    pub unit: TimeUnit,
    /// Minutes east of UTC, as typed.
    pub zone: String,
}

/// The form's contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub source: SourceIx,
    pub envelope: String,
    /// One field a line, per role in the order of [`Role::ALL`].
    pub roles: Vec<Vec<String>>,
    pub times: Vec<TimeDraft>,
    pub entities: Vec<EntityDraft>,
    pub evidence: Vec<Evidence>,
}

/// A field of the form that cannot be used, with what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftError {
    pub place: String,
    pub message: String,
}

impl Draft {
    #[must_use]
    pub fn of(source: SourceIx, mapping: &Mapping) -> Self {
        Self {
            source,
            envelope: mapping.envelope.clone(),
            roles: Role::ALL.iter().map(|role| role.templates(mapping)).collect(),
            times: mapping
                .time
                .iter()
                .map(|t| TimeDraft {
                    field: t.field.0.clone(),
                    unit: t.unit,
                    zone: if t.zone_minutes == 0 { String::new() } else { t.zone_minutes.to_string() },
                })
                .collect(),
            entities: mapping
                .entities
                .iter()
                .map(|e| EntityDraft { kind: e.kind.0.clone(), id: e.id.0.clone(), stream: e.stream })
                .collect(),
            evidence: mapping.evidence.clone(),
        }
    }

    /// The mapping that the form describes; empty lines are left out.
    ///
    /// # Errors
    /// Every field that cannot be used.
    pub fn mapping(&self) -> Result<Mapping, Vec<DraftError>> {
        let mut errors = Vec::new();
        let mut list = |role: Role| -> Vec<Template> {
            let lines = Role::ALL.iter().position(|r| *r == role).and_then(|i| self.roles.get(i));
            let mut out = Vec::new();
            for line in lines.into_iter().flatten().map(|l| l.trim()).filter(|l| !l.is_empty()) {
                match check_template(line) {
                    Ok(()) => out.push(Template::from(line)),
                    Err(message) => errors.push(DraftError { place: role.label().to_owned(), message }),
                }
            }
            out
        };
        let mut mapping = Mapping {
            envelope: "custom".to_owned(),
            type_name: list(Role::Type),
            id: list(Role::Id),
            version: list(Role::Version),
            service: list(Role::Service),
            correlation: list(Role::Correlation),
            causation: list(Role::Causation),
            key: list(Role::Key),
            headers: list(Role::Headers).into_iter().next(),
            data: list(Role::Data),
            ..Mapping::default()
        };
        for time in self.times.iter().filter(|t| !t.field.trim().is_empty()) {
            match time_field(time) {
                Ok(field) => mapping.time.push(field),
                Err(message) => errors.push(DraftError { place: "Time".to_owned(), message }),
            }
        }
        for entity in self.entities.iter().filter(|e| !(e.kind.trim().is_empty() && e.id.trim().is_empty())) {
            match entity_field(entity) {
                Ok(field) => mapping.entities.push(field),
                Err(message) => errors.push(DraftError { place: "Entity".to_owned(), message }),
            }
        }
        if mapping == (Mapping { envelope: "custom".to_owned(), ..Mapping::default() }) && errors.is_empty() {
            errors.push(DraftError {
                place: "Mapping".to_owned(),
                message: "nothing is mapped; name at least the type's field".to_owned(),
            });
        }
        if errors.is_empty() { Ok(mapping) } else { Err(errors) }
    }

    /// Something in the form differs from the mapping in use.
    #[must_use]
    pub fn differs_from(&self, mapping: &Mapping) -> bool {
        let of = Self::of(self.source, mapping);
        (&self.roles, &self.times, &self.entities) != (&of.roles, &of.times, &of.entities)
    }
}

/// `seen in 998 of 1,000 · its name ends in Id`.
#[must_use]
pub fn evidence_line(evidence: &Evidence) -> String {
    use crate::base::text::count;
    let why = if evidence.why.is_empty() { evidence.role.as_str() } else { evidence.why.as_str() };
    if evidence.of == 0 {
        return why.to_owned();
    }
    format!("{} of {} · {why}", count(u64::from(evidence.seen)), count(u64::from(evidence.of)))
}

fn time_field(draft: &TimeDraft) -> Result<TimeField, String> {
    let field = draft.field.trim();
    check_template(field)?;
    let zone = draft.zone.trim();
    let zone_minutes = if zone.is_empty() {
        0
    } else {
        zone.parse::<i32>()
            .ok()
            .filter(|m| m.abs() <= 14 * 60)
            .ok_or_else(|| format!("`{zone}` is not minutes east of UTC, −840 to 840"))?
    };
    Ok(TimeField { field: Template::from(field), unit: draft.unit, zone_minutes })
}

fn entity_field(draft: &EntityDraft) -> Result<EntityField, String> {
    let (kind, id) = (draft.kind.trim(), draft.id.trim());
    if kind.is_empty() {
        return Err(format!("the kind of `{id}` is missing: a word such as `order`"));
    }
    if id.is_empty() {
        return Err(format!("the field that holds the id of `{kind}` is missing"));
    }
    check_braces(kind)?;
    check_template(id)?;
    Ok(EntityField { kind: Template::from(kind), id: Template::from(id), stream: draft.stream })
}

/// A pointer, or text with pointers in braces.
fn check_template(text: &str) -> Result<(), String> {
    check_braces(text)?;
    if text.starts_with('/') || text.contains('{') {
        return Ok(());
    }
    Err(format!("`{text}` is not a field: write `/{text}`, or `{{/{text}}}` inside text"))
}

/// `{}` as a whole segment is not a pair of braces: it goes into a string that holds JSON.
fn check_braces(text: &str) -> Result<(), String> {
    let mut open = false;
    for c in text.replace("{}", "").chars() {
        match (c, open) {
            ('{', false) => open = true,
            ('}', true) => open = false,
            ('{', true) | ('}', false) => return Err(format!("braces do not match in `{text}`")),
            _ => {}
        }
    }
    if open { Err(format!("`{text}` has an opening brace without its closing one")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping() -> Mapping {
        Mapping {
            envelope: "plain".to_owned(),
            type_name: vec!["/eventType".into()],
            id: vec!["/eventId".into()],
            time: vec![TimeField { field: "/timestamp".into(), unit: TimeUnit::Text, zone_minutes: 120 }],
            entities: vec![EntityField { kind: "order".into(), id: "/data/orderId".into(), stream: true }],
            headers: Some("/headers".into()),
            data: vec!["/data".into()],
            ..Mapping::default()
        }
    }

    #[test]
    fn a_form_gives_back_its_mapping() {
        let draft = Draft::of(SourceIx(0), &mapping());
        assert!(!draft.differs_from(&mapping()));
        let back = draft.mapping().expect("all fields are good");
        assert_eq!(back, Mapping { envelope: "custom".to_owned(), ..mapping() });
    }

    #[test]
    fn bad_fields_are_named_with_what_to_write() {
        let check = |change: fn(&mut Draft), place: &str, part: &str| {
            let mut draft = Draft::of(SourceIx(0), &mapping());
            change(&mut draft);
            assert!(draft.differs_from(&mapping()));
            let errors = draft.mapping().expect_err("a bad field");
            assert_eq!(errors.len(), 1, "{errors:?}");
            assert_eq!(errors[0].place, place);
            assert!(errors[0].message.contains(part), "{}", errors[0].message);
        };
        check(|d| d.roles[0] = vec!["eventType".to_owned()], "Type", "write `/eventType`");
        check(|d| d.roles[1] = vec!["{/a}#{/b".to_owned()], "Event id", "closing");
        check(|d| d.times[0].zone = "Berlin".to_owned(), "Time", "minutes east");
        check(|d| d.entities[0].kind.clear(), "Entity", "kind of `/data/orderId`");
        check(|d| d.entities[0].id.clear(), "Entity", "id of `order`");
        let mut nested = Draft::of(SourceIx(0), &mapping());
        nested.roles[0] = vec!["{/body/{}/type}".to_owned()];
        assert!(nested.mapping().is_ok());
        let empty = Draft::of(SourceIx(0), &Mapping::default());
        assert_eq!(empty.mapping().expect_err("nothing mapped")[0].place, "Mapping");
    }
}
