//! KurrentDB, formerly EventStoreDB, by its official client: `kurrentdb://user@host:2113/STREAM`, without a stream
//! `$all`; `esdb://` means the same.
//!
//! Looking changes nothing: streams are read and subscribed to, and what persistent subscriptions have parked is read
//! from the streams where the server keeps it. `link` carries the connection and its failures, `plan` what is read,
//! `fill` reads it, `live` follows; `outlet` has parked messages replayed by the server.

mod event;
mod fill;
mod link;
mod live;
mod outlet;
mod overview;
mod plan;
mod settings;

use std::sync::Arc;

use super::broker::{Broker, Overview, Step, Url, url};
use super::outlet::Outlet;
use super::pump::pump;
use super::stage::{Context, Stage};
use crate::base::cancel::Cancel;
use crate::model::error::Result;
use crate::model::source::ReadAt;
use fill::Fill;
use link::Link;
use plan::Plan;
use settings::Settings;

pub(super) struct KurrentDb;

impl Broker for KurrentDb {
    fn name(&self) -> &'static str {
        "KurrentDB"
    }

    fn schemes(&self) -> &'static [&'static str] {
        url::KURRENT
    }

    fn example(&self) -> &'static str {
        "kurrentdb://user@host/stream"
    }

    fn check(&self, url: &Url) -> Result<()> {
        Settings::read(url).map(|_| ())
    }

    fn open(&self, url: &Url, context: &Context) -> Result<Stage> {
        let settings = Settings::read(url)?;
        let link = Link::connect(&settings)?;
        let plan = Plan::make(&link, context.follow, &context.cancel)?;
        let address = url.to_string();
        let name = settings.stream.clone();
        let format = plan.describe(&settings.window);
        let fill = Fill::new(link, plan);
        let bytes = pump("kurrentdb", &address, context, move |out| fill.run(out))?;
        let stage = Stage::new(address, name, Arc::clone(&bytes) as Arc<dyn ReadAt>);
        Ok(Stage { own_records: true, ..stage.through(bytes, format) })
    }

    fn test(&self, url: &Url, cancel: &Cancel) -> Vec<Step> {
        overview::test(url, cancel)
    }

    fn overview(&self, url: &Url, cancel: &Cancel) -> Result<Overview> {
        overview::overview(url, cancel)
    }

    fn outlet(&self, url: &Url) -> Result<Box<dyn Outlet>> {
        Ok(Box::new(outlet::Replay::open(url)?))
    }
}
