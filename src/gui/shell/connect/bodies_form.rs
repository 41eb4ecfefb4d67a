//! How bodies of messages are read, as fields.

use crate::input::codecs::CODECS;
use crate::input::codecs::settings::{RAW, Settings};
use crate::model::secret::Secret;

/// What a person fills in; what is empty is left to be recognised.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BodiesForm {
    /// The option `value=`.
    pub value: String,
    pub registry: String,
    pub user: String,
    pub password: String,
    /// Files, with commas between them.
    pub schema: String,
    pub message: String,
}

/// The values of `value=` with words for them.
pub fn choices() -> impl Iterator<Item = (&'static str, &'static str)> {
    let codecs = CODECS.iter().map(|codec| (codec.option(), codec.name()));
    [("", "Recognised")].into_iter().chain(codecs).chain([(RAW, "Left as they are")])
}

impl BodiesForm {
    /// The fields that make `settings`; options of single topics have none.
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        let text = |name: &str| settings.of(name, "").unwrap_or_default().to_owned();
        let (mut registry, mut user) = (text("registry"), String::new());
        if let Some((scheme, rest)) = registry.split_once("://")
            && let Some((login, host)) = rest.split_once('@')
        {
            (user, registry) = (login.to_owned(), format!("{scheme}://{host}"));
        }
        let password = settings.registry_password.as_ref().map(|secret| secret.reveal().to_owned()).unwrap_or_default();
        Self { value: text("value"), registry, user, password, schema: text("schema"), message: text("message") }
    }

    pub fn add_to(&self, settings: &mut Settings) {
        let registry = match (self.registry.trim().split_once("://"), self.user.trim()) {
            (Some((scheme, host)), user) if !user.is_empty() => format!("{scheme}://{user}@{host}"),
            _ => self.registry.trim().to_owned(),
        };
        let fields = [
            ("registry", registry.as_str()),
            ("value", &self.value),
            ("schema", self.schema.trim()),
            ("message", self.message.trim()),
        ];
        for (name, value) in fields {
            if !value.is_empty() {
                settings.add(name, value);
            }
        }
        if !self.password.is_empty() && !registry.is_empty() {
            settings.registry_password = Some(Secret::new(self.password.as_str()));
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a message's name means something.
    #[must_use]
    pub fn wants_message(&self) -> bool {
        let schema = self.schema.to_ascii_lowercase();
        self.value == "protobuf" || [".proto", ".desc", ".pb", ".binpb"].iter().any(|ending| schema.ends_with(ending))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_make_options_and_are_found_in_them() {
        let form = BodiesForm {
            value: "protobuf".to_owned(),
            registry: "http://host:8081/apis".to_owned(),
            user: "me".to_owned(),
            password: "secret".to_owned(),
            schema: "a.proto".to_owned(),
            message: "shop.Paid".to_owned(),
        };
        let mut settings = Settings::default();
        form.add_to(&mut settings);
        assert_eq!(settings.of("registry", ""), Some("http://me@host:8081/apis"));
        assert!(settings.check().is_ok() && form.wants_message() && !form.is_empty());
        assert_eq!(BodiesForm::of(&settings), form);
        let mut nothing = Settings::default();
        BodiesForm::default().add_to(&mut nothing);
        assert_eq!(nothing, Settings::default());
    }
}
