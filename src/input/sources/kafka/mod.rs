//! Apache Kafka, by librdkafka. Topics are read by assigned partitions: no group is joined and nothing is
//! committed, so looking changes nothing.

mod client;
pub mod config;
mod fill;
mod murmur2;
mod overview;
mod plan;
mod probe;
mod properties;
mod put;
mod token;
mod window;

use std::sync::Arc;

use super::broker::{Broker, Overview, Step, Url};
use super::outlet::Outlet;
use super::pump::pump;
use super::stage::{Context, Stage};
use crate::base::cancel::Cancel;
use crate::model::error::Result;
use crate::model::source::ReadAt;
use fill::Fill;
use plan::Plan;
use window::Window;

pub(super) struct Kafka;

impl Broker for Kafka {
    fn name(&self) -> &'static str {
        "Kafka"
    }

    fn schemes(&self) -> &'static [&'static str] {
        &["kafka"]
    }

    fn example(&self) -> &'static str {
        "kafka://host:9092/topic"
    }

    fn check(&self, url: &Url) -> Result<()> {
        config::check(url)?;
        Window::of(url).map(|_| ())
    }

    fn open(&self, url: &Url, context: &Context) -> Result<Stage> {
        let window = Window::of(url)?;
        let mut config = config::reader(url)?;
        if !window.committed {
            config.set("isolation.level", "read_uncommitted");
        }
        let connected = client::connect(url, &config, &context.cancel)?;
        let plan = Plan::make(url, &window, &connected)?;
        let follow = (context.follow || window.live) && window.to.is_none();
        let (format, warnings) = (plan.describe(&window, follow), plan.warnings.clone());
        let reader = match config::reader_of_many(&config, plan.parts.len()) {
            Some(config) => Arc::new(client::reader(url, &config)?),
            None => connected.reader,
        };
        let mut fill = Fill::start(reader, url.clone(), window, follow, plan)?;
        let bytes = pump("kafka", &url.to_string(), context, move |out| {
            for warning in warnings {
                out.warn(warning);
            }
            fill.run(out)
        })?;
        let name = url.path.last().cloned().unwrap_or_default();
        let stage = Stage::new(url.to_string(), name, Arc::clone(&bytes) as Arc<dyn ReadAt>);
        Ok(Stage { own_records: true, ..stage.through(bytes, format) })
    }

    fn test(&self, url: &Url, cancel: &Cancel) -> Vec<Step> {
        probe::test(url, cancel)
    }

    fn overview(&self, url: &Url, cancel: &Cancel) -> Result<Overview> {
        overview::overview(url, cancel)
    }

    fn outlet(&self, url: &Url) -> Result<Box<dyn Outlet>> {
        put::outlet(url)
    }
}
