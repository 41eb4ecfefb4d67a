//! RabbitMQ by AMQP 0-9-1: `amqp(s)://user:password@host[:port]/vhost/queue`.
//!
//! AMQP has no way to look at a queue without taking from it; `fetch` says how a look leaves it as it was, `facts`
//! when that is not harmless, `outlet` how letters are put back.

mod browse;
mod connect;
mod facts;
mod fetch;
mod guard;
mod management;
mod outlet;
mod overview;
mod routes;
mod settings;
mod stream;
mod wire;

use super::broker::{Broker, Overview, Step, Url};
use super::outlet::Outlet;
use super::stage::{Context, Stage};
use crate::base::cancel::Cancel;
use crate::model::error::Result;
use settings::Settings;

pub(super) struct RabbitMq;

const EXAMPLE: &str = "amqp://user@host/%2F/queue";

impl Broker for RabbitMq {
    fn name(&self) -> &'static str {
        "RabbitMQ"
    }

    fn schemes(&self) -> &'static [&'static str] {
        &["amqp", "amqps"]
    }

    fn example(&self) -> &'static str {
        EXAMPLE
    }

    fn check(&self, url: &Url) -> Result<()> {
        Settings::read(url)?.queue().map(|_| ())
    }

    fn open(&self, url: &Url, context: &Context) -> Result<Stage> {
        browse::open(url, context)
    }

    fn test(&self, url: &Url, cancel: &Cancel) -> Vec<Step> {
        overview::test(url, cancel)
    }

    fn overview(&self, url: &Url, cancel: &Cancel) -> Result<Overview> {
        overview::overview(url, cancel)
    }

    fn outlet(&self, url: &Url) -> Result<Box<dyn Outlet>> {
        Ok(Box::new(outlet::RabbitOutlet::open(url)?))
    }
}
