//! Redis Streams: `redis(s)://user:password@host[:port][/database]/stream`.
//!
//! Looking changes nothing: entries are read by their ids (XRANGE) and what is pending is asked for (XPENDING);
//! nothing is claimed, no group is joined. `fields` says how an entry's fields are a message, `pending` which
//! stuck entries count as dead letters, `outlet` how letters are put back.

mod fields;
mod fill;
mod link;
mod outlet;
mod overview;
mod pending;
mod probe;
mod settings;
mod streams;
mod value;

use std::sync::Arc;

use super::broker::{Broker, Overview, Step, Url};
use super::outlet::Outlet;
use super::pump::pump;
use super::stage::{Context, Stage};
use crate::base::cancel::Cancel;
use crate::model::error::Result;
use crate::model::source::ReadAt;
use fill::Fill;
use link::Link;
use pending::Stuck;
use settings::Settings;

pub(super) struct Redis;

const EXAMPLE: &str = "redis://host/stream";

impl Broker for Redis {
    fn name(&self) -> &'static str {
        "Redis Streams"
    }

    fn schemes(&self) -> &'static [&'static str] {
        &["redis", "rediss"]
    }

    fn example(&self) -> &'static str {
        EXAMPLE
    }

    fn check(&self, url: &Url) -> Result<()> {
        Settings::read(url)?.has_names()
    }

    fn open(&self, url: &Url, context: &Context) -> Result<Stage> {
        let settings = Settings::read(url)?;
        let mut link = Link::connect(&settings)?;
        let (names, warnings) = streams::named(&mut link)?;
        let address = url.to_string();
        let (format, bytes) = if let Some(rule) = &settings.window.pending {
            let stuck = Stuck::find(&mut link, &names, rule, &settings.window, &context.cancel)?;
            let format = stuck.describe(rule);
            let work = move |out: &mut _| stuck.write(&mut link, warnings, out);
            (format, pump("redis", &address, context, work)?)
        } else {
            let follow = (context.follow || settings.window.live) && settings.window.to.is_none();
            let mut fill = Fill::start(link, &names, follow)?;
            (fill.describe(), pump("redis", &address, context, move |out| fill.run(warnings, out))?)
        };
        let name = url.path.last().cloned().unwrap_or_default();
        let stage = Stage::new(address, name, Arc::clone(&bytes) as Arc<dyn ReadAt>);
        Ok(Stage { own_records: true, ..stage.through(bytes, format) })
    }

    fn test(&self, url: &Url, cancel: &Cancel) -> Vec<Step> {
        probe::test(url, cancel)
    }

    fn overview(&self, url: &Url, cancel: &Cancel) -> Result<Overview> {
        overview::overview(url, cancel)
    }

    fn outlet(&self, url: &Url) -> Result<Box<dyn Outlet>> {
        Ok(Box::new(outlet::RedisOutlet::open(url)?))
    }
}
