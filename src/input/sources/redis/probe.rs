//! A connection tried step by step: the first that fails says what to do.

use super::link::{Fault, Link};
use super::settings::Settings;
use super::streams;
use crate::base::cancel::Cancel;
use crate::base::text::plural;
use crate::input::sources::broker::steps::Steps;
use crate::input::sources::broker::{Step, Url};
use crate::model::error::Result;

pub(super) fn test(url: &Url, cancel: &Cancel) -> Vec<Step> {
    let settings = match Settings::read(url) {
        Ok(settings) => settings,
        Err(error) => return vec![Step { name: "name", result: Err(error) }],
    };
    let mut steps = Steps::default();
    if steps.reach(url, &[settings.address()], "Redis", cancel).is_none() {
        return steps.done();
    }
    let encryption = if settings.tls { "The certificate is good" } else { "None: the address says redis://" };
    match Link::step_by_step(&settings) {
        Ok(mut link) => {
            let who = match (&link.settings.user, &link.settings.password) {
                (Some(user), _) => format!("as {user}"),
                (None, Some(_)) => "with a password, as the user default".to_owned(),
                (None, None) => "none".to_owned(),
            };
            steps.told("encryption", Ok(encryption.to_owned()));
            steps.told("login", Ok(format!("{who}, database {}", settings.database)));
            steps.told("metadata", metadata(&mut link));
        }
        Err(Fault { step, error }) => {
            if matches!(step, "login" | "metadata") {
                steps.told("encryption", Ok(encryption.to_owned()));
            }
            steps.told(step, Err(error));
        }
    }
    steps.done()
}

fn metadata(link: &mut Link) -> Result<String> {
    let version = if link.version.is_empty() { "Redis".to_owned() } else { format!("Redis {}", link.version) };
    let kind = if link.is_cluster() { ", a cluster" } else { "" };
    if link.settings.names.is_empty() {
        return Ok(format!("{version}{kind}"));
    }
    let (names, _) = streams::named(link)?;
    let mut entries = 0;
    for name in &names {
        entries += streams::facts(link, name)?.map_or(0, |facts| facts.length);
    }
    let streams = match names.as_slice() {
        [one] => one.clone(),
        several => plural(several.len() as u64, "stream", "streams"),
    };
    Ok(format!("{version}{kind}; {streams}: {}", plural(entries, "entry", "entries")))
}
