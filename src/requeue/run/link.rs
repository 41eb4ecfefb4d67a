//! The connection of a run: made when it is needed, given up after every call that failed, made anew with
//! growing pauses.

use std::time::Duration;

use super::control::Control;
use super::guarantee_words;
use crate::input::sources::outlet::Outlet;
use crate::model::error::{Error, Place, Result};

/// Makes a connection that may write.
pub type Connect<'a> = &'a mut dyn FnMut() -> Result<Box<dyn Outlet>>;

pub(super) struct Link<'a> {
    connect: Connect<'a>,
    control: &'a Control,
    outlet: Option<Box<dyn Outlet>>,
    /// A first connection that fails is an error of the address, not a broker that restarts.
    was_connected: bool,
}

/// Pauses between attempts: a minute in all, as long as a broker needs to come back.
const PAUSES_MS: [u64; 8] = [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000];

impl<'a> Link<'a> {
    pub(super) fn new(connect: Connect<'a>, control: &'a Control) -> Self {
        Self { connect, control, outlet: None, was_connected: false }
    }

    pub(super) fn outlet(&mut self) -> Result<&mut dyn Outlet> {
        if self.outlet.is_none() {
            let outlet = self.connect_again()?;
            let words = guarantee_words(outlet.guarantee());
            self.control.tell(|progress| words.clone_into(&mut progress.guarantee));
            self.was_connected = true;
            self.outlet = Some(outlet);
        }
        match &mut self.outlet {
            Some(outlet) => Ok(outlet.as_mut()),
            None => Err(Error::new("There is no connection", Place::Nowhere, "Try again")),
        }
    }

    fn connect_again(&mut self) -> Result<Box<dyn Outlet>> {
        self.control.doing("connecting");
        let mut tried = (self.connect)();
        if !self.was_connected {
            return tried;
        }
        for pause in PAUSES_MS {
            if tried.is_ok() || !self.control.wait(Duration::from_millis(pause)) {
                break;
            }
            tried = (self.connect)();
        }
        tried
    }

    /// After a call that failed nothing is known of the connection.
    pub(super) fn drop_outlet(&mut self) {
        self.outlet = None;
    }

    /// A call that may be repeated: it is, once, over a new connection.
    pub(super) fn call<T>(&mut self, mut call: impl FnMut(&mut dyn Outlet) -> Result<T>) -> Result<T> {
        let first = self.outlet().and_then(&mut call);
        if first.is_ok() {
            return first;
        }
        self.drop_outlet();
        let again = self.outlet().and_then(&mut call);
        if again.is_err() {
            self.drop_outlet();
        }
        again
    }
}
