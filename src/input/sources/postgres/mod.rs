//! PostgreSQL: event stores of known layouts, or any table with events in it, as the SQLite files are read: each row
//! becomes a record under the table's own column names. Nothing is ever written but one mark (`outlet`).
//!
//! `sources/stores` has the known stores, `fill` the order in which rows are read and followed.

mod cells;
mod connect;
mod fill;
mod gaps;
mod listen;
mod outlet;
mod overview;
mod pages;
mod plan;
mod rows;
mod schema;
mod settings;
mod stop;
mod window;

use std::sync::Arc;

use super::broker::{Broker, Overview, Step, Url};
use super::outlet::Outlet;
use super::pump::pump;
use super::stage::{Context, Stage};
use super::stores::places::Places;
use crate::base::cancel::Cancel;
use crate::model::error::Result;
use crate::model::source::{Origin, ReadAt};
use fill::Fill;
use plan::Plan;
pub use rows::each_row;
use settings::Settings;

/// Of addresses, the usual one first.
pub(super) const SCHEMES: &[&str] = &["postgres", "postgresql"];

pub(super) struct Postgres;

impl Broker for Postgres {
    fn name(&self) -> &'static str {
        "PostgreSQL"
    }

    fn schemes(&self) -> &'static [&'static str] {
        SCHEMES
    }

    fn example(&self) -> &'static str {
        "postgres://user@host/database"
    }

    fn check(&self, url: &Url) -> Result<()> {
        Settings::read(url).map(|_| ())
    }

    fn open(&self, url: &Url, context: &Context) -> Result<Stage> {
        let settings = Settings::read(url)?;
        let mut connection = connect::connect(&settings)?;
        let plan = Plan::make(&mut connection, &settings)?;
        let places = Arc::new(Places::create(context)?);
        let (format, mapping) = (plan.description.clone(), plan.mapping());
        let follow = (context.follow || settings.window.live) && settings.window.until.is_none();
        let address = url.to_string();
        let mut fill = Fill { connection, settings, plan, places: Arc::clone(&places), follow };
        let bytes = pump("postgres", &address, context, move |out| fill.run(out))?;
        let name = url.option("table").or(url.path.first().map(String::as_str)).unwrap_or("postgres").to_owned();
        let stage = Stage::new(address, name, Arc::clone(&bytes) as Arc<dyn ReadAt>);
        let origin = Some(places as Arc<dyn Origin>);
        Ok(Stage { own_records: true, has_payloads: true, mapping, origin, ..stage.through(bytes, format) })
    }

    fn test(&self, url: &Url, cancel: &Cancel) -> Vec<Step> {
        overview::test(url, cancel)
    }

    fn overview(&self, url: &Url, _cancel: &Cancel) -> Result<Overview> {
        overview::overview(url)
    }

    fn outlet(&self, url: &Url) -> Result<Box<dyn Outlet>> {
        Ok(Box::new(outlet::Marks::open(url)?))
    }
}
