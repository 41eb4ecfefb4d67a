//! AWS SQS by the official SDK: `sqs://queue`, and SNS as a target: `sns://topic's ARN`.
//!
//! SQS has no way to look at a message without receiving it. `pool` says how messages are held and given back, `facts`
//! when looking is not harmless, `outlet` how letters are put back, `mover` how SQS moves a whole queue by itself.
//!
//! Source: the API reference of SQS (2012-11-05) and its developer guide.

mod browse;
mod client;
mod facts;
mod http;
mod mover;
mod outlet;
mod overview;
mod pool;
mod settings;
mod wire;

use super::broker::{Broker, Overview, Step, Url};
use super::mover::Mover;
use super::outlet::Outlet;
use super::stage::{Context, Stage};
use crate::base::cancel::Cancel;
use crate::model::error::Result;
use settings::Settings;

pub(super) struct Sqs;

const EXAMPLE: &str = "sqs://queue?region=eu-central-1";

impl Broker for Sqs {
    fn name(&self) -> &'static str {
        "AWS SQS"
    }

    fn schemes(&self) -> &'static [&'static str] {
        &["sqs", "sns"]
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
        Ok(Box::new(outlet::SqsOutlet::open(url)?))
    }

    fn mover(&self, url: &Url) -> Result<Box<dyn Mover>> {
        Ok(Box::new(mover::SqsMover::open(url)?))
    }
}
