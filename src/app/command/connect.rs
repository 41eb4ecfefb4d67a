//! Connections to brokers.

use crate::app::settings::Connection;
use crate::input::sources::broker::Url;
use crate::model::secret::Secret;

#[derive(Clone, Debug, PartialEq)]
pub enum ConnectCommand {
    /// The dialog; with an address to begin with where one lacks its password.
    Show(Option<Box<Url>>),
    Hide,
    /// Holds a password for a [`Url::login`]; `keep` also in the system's key store.
    Password {
        login: String,
        password: Secret,
        keep: bool,
    },
    /// Keeps an address under a name, without its password.
    Save(Connection),
    Forget(String),
}
