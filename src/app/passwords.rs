//! Passwords of connections: typed ones are held in memory, kept ones in the system's key store. Nothing
//! else ever holds them; addresses are kept, shown and passed around without.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::base::sync::lock;
use crate::input::codecs::settings::PASSWORD;
use crate::input::sources::broker::Url;
use crate::model::error::{Error, Place, Result};
use crate::model::secret::Secret;

/// Under this name the key store shows them.
const SERVICE: &str = "eventglass";

/// Those typed since the program began, by [`Url::login`]; shared by all who open.
#[derive(Clone, Debug, Default)]
pub struct Passwords(Arc<Mutex<BTreeMap<String, Secret>>>);

impl Passwords {
    /// For as long as the program runs.
    pub fn hold(&self, login: String, password: Secret) {
        lock(&self.0).insert(login, password);
    }

    /// `url` with its password where one is known. May wait for the key store, so not for the window's thread.
    #[must_use]
    pub fn complete(&self, mut url: Url) -> Url {
        if url.password.is_none() {
            let login = url.login();
            url.password = lock(&self.0).get(&login).cloned();
            // Redis has passwords without users; for others nobody is to be asked.
            if url.user.is_some() {
                url.password = url.password.take().or_else(|| url.known_password()).or_else(|| from_key_store(&login));
            }
        }
        // That of a schema registry; the environment has it where nobody typed it.
        if let (None, Some(login)) = (&url.bodies.registry_password, url.bodies.registry_login()) {
            let held = lock(&self.0).get(&login).cloned();
            let known = |held: Option<Secret>| held.or_else(|| std::env::var(PASSWORD).ok().map(Secret::new));
            url.bodies.registry_password = known(held).or_else(|| from_key_store(&login));
        }
        url
    }
}

fn from_key_store(login: &str) -> Option<Secret> {
    keyring::Entry::new(SERVICE, login).ok()?.get_password().ok().map(Secret::new)
}

/// Puts a password into the system's key store. May wait for the person to unlock it.
///
/// # Errors
/// Where there is no key store that answers; the password is then asked for each time.
pub fn keep(login: &str, password: &Secret) -> Result<()> {
    let kept = keyring::Entry::new(SERVICE, login).and_then(|entry| entry.set_password(password.reveal()));
    kept.map_err(|cause| {
        let next_step = "It will be asked for each time, or taken from the environment variable EVENTGLASS_PASSWORD";
        Error::new("The system's key store did not take the password", Place::Nowhere, next_step).because(cause)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_that_was_typed_is_found_for_the_same_login_only() {
        let passwords = Passwords::default();
        let url = |text: &str| Url::parse(text).expect("an address");
        let typed = url("amqp://me:secret@host/v/q");
        passwords.hold(typed.login(), typed.password.clone().expect("one"));
        assert_eq!(passwords.complete(url("amqp://me@host/v/other?newest=5")).password, typed.password);
        let own = passwords.complete(url("amqp://me:another@host/v/q")).password.expect("its own");
        assert_eq!(own.reveal(), "another");
        assert!(passwords.complete(url("amqp://host/v/q")).password.is_none(), "nobody is asked for one");
        let bare = url("redis://:secret@host/orders");
        passwords.hold(bare.login(), bare.password.clone().expect("one"));
        assert_eq!(passwords.complete(url("redis://host/payments")).password, bare.password);
        assert!(!format!("{passwords:?}").contains("secret"));
        let registry = |login: &str| url(&format!("kafka://host/t?registry=http://{login}registry:8081"));
        let typed = registry("me:canary@").bodies;
        passwords.hold(typed.registry_login().expect("a user"), typed.registry_password.expect("one"));
        let found = passwords.complete(registry("me@")).bodies.registry_password;
        assert_eq!(found.map(|secret| secret.reveal().to_owned()).as_deref(), Some("canary"));
    }
}
