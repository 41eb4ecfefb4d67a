//! The queues of an account and region, with their redrive policies in both directions; of SNS the topics.

use std::collections::BTreeMap;

use tokio::task::JoinSet;

use super::client::{Answer, Client, Failure, steps};
use super::facts::{Facts, Redrive, attributes, last_part};
use super::settings::Settings;
use super::wire;
use crate::base::cancel::Cancel;
use crate::base::text::plural;
use crate::input::sources::broker::{Overview, PlaceInfo, Step, Url};
use crate::model::error::Result;
use crate::model::message::is_dead_letter_name;

/// Queues that are asked at a time.
const AT_ONCE: usize = 16;

/// Step by step, up to the first that fails.
pub(super) fn test(url: &Url, cancel: &Cancel) -> Vec<Step> {
    match Settings::read(url) {
        Ok(settings) => steps(&settings, cancel, metadata),
        Err(error) => vec![Step { name: "name", result: Err(error) }],
    }
}

fn metadata(client: &Client) -> Result<String> {
    let settings = &client.settings;
    if settings.is_sns() {
        let topics = client.run(topics(client)).map_err(|failure| client.explain("sns:ListTopics", "*", &failure))?;
        return Ok(plural(topics.len() as u64, "topic", "topics"));
    }
    let Ok(name) = settings.queue() else {
        let urls = client.run(urls(client, &Cancel::new()));
        let urls = urls.map_err(|failure| client.explain("sqs:ListQueues", "*", &failure))?;
        return Ok(plural(urls.len() as u64, "queue", "queues"));
    };
    let facts = client.run(Facts::of(client, name));
    let facts = facts.map_err(|failure| client.explain("sqs:GetQueueUrl", name, &failure))?;
    let ready = plural(facts.visible, "message is", "messages are");
    Ok(format!("{name}: about {ready} visible; {}; {}", facts.words(), facts.what_looking_does(client)))
}

pub(super) fn overview(url: &Url, cancel: &Cancel) -> Result<Overview> {
    let settings = Settings::read(url)?;
    let client = Client::connect(&settings)?;
    if settings.is_sns() {
        let topics = client.run(topics(&client)).map_err(|failure| client.explain("sns:ListTopics", "*", &failure))?;
        return Ok(of_topics(&client, topics));
    }
    let urls = match client.run(urls(&client, cancel)) {
        Ok(urls) => urls,
        Err(failure) => return one(&client, &client.explain("sqs:ListQueues", "*", &failure).summary, failure),
    };
    let (all, refused) = client.run(ask_all(&client, urls, cancel));
    let mut notes =
        vec![format!("Queues of {}; numbers are approximate, and messages are those that are visible", client.region)];
    if let Some(failure) = refused {
        notes.push(format!("Some queues do not tell of themselves: {failure}"));
    }
    Ok(Overview { system: format!("AWS SQS, {}", client.region), places: places(&client.settings, all), notes })
}

/// Where queues may not be listed: the one that is named.
fn one(client: &Client, why: &str, failure: Failure) -> Result<Overview> {
    let Ok(name) = client.settings.queue() else { return Err(client.explain("sqs:ListQueues", "*", &failure)) };
    let facts = client.run(Facts::of(client, name));
    let facts = facts.map_err(|failure| client.explain("sqs:GetQueueUrl", name, &failure))?;
    let notes = vec![format!("Other queues are not listed: {why}")];
    Ok(Overview { system: format!("AWS SQS, {}", client.region), places: places(&client.settings, vec![facts]), notes })
}

async fn urls(client: &Client, cancel: &Cancel) -> Answer<Vec<String>> {
    let (mut urls, mut next) = (Vec::new(), None);
    loop {
        let page = client.sqs.list_queues().max_results(1000).set_next_token(next).send().await?;
        urls.extend(page.queue_urls.unwrap_or_default());
        next = page.next_token;
        if next.is_none() || cancel.is_cancelled() {
            return Ok(urls);
        }
    }
}

/// What queues tell of themselves; of those that do not only the name, with the last reason.
async fn ask_all(client: &Client, urls: Vec<String>, cancel: &Cancel) -> (Vec<Facts>, Option<Failure>) {
    let (mut all, mut refused) = (Vec::new(), None);
    for urls in urls.chunks(AT_ONCE) {
        if cancel.is_cancelled() {
            break;
        }
        let mut asked = JoinSet::new();
        for url in urls {
            let (sqs, url) = (client.sqs.clone(), url.clone());
            asked.spawn(async move { attributes(&sqs, &url).await.map_err(|failure| (url, failure)) });
        }
        for answer in asked.join_all().await {
            all.push(answer.unwrap_or_else(|(url, failure)| {
                refused = Some(failure);
                let fifo = wire::is_fifo(&url);
                Facts { fifo, url, redrive: Redrive::Unknown, ..Facts::default() }
            }));
        }
    }
    (all, refused)
}

fn places(settings: &Settings, mut all: Vec<Facts>) -> Vec<PlaceInfo> {
    let mut sources: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for facts in &all {
        if let Redrive::To { arn, .. } = &facts.redrive {
            sources.entry(arn.clone()).or_default().push(last_part(&facts.url).to_owned());
        }
    }
    all.sort_by(|a, b| last_part(&a.url).cmp(last_part(&b.url)));
    let place = |mut facts: Facts| {
        facts.sources.extend(sources.remove(&facts.arn).unwrap_or_default());
        facts.sources.sort_unstable();
        facts.sources.dedup();
        let name = last_part(&facts.url).to_owned();
        PlaceInfo {
            url: settings.url_of(&name),
            messages: (facts.redrive != Redrive::Unknown).then_some(facts.visible),
            keeps: facts.words(),
            dead_letters: !facts.sources.is_empty() || is_dead_letter_name(name.trim_end_matches(".fifo")),
            name,
            ..PlaceInfo::default()
        }
    };
    all.into_iter().map(place).collect()
}

async fn topics(client: &Client) -> Answer<Vec<String>> {
    let (mut arns, mut next) = (Vec::new(), None);
    loop {
        let page = client.sns_once.list_topics().set_next_token(next).send().await?;
        arns.extend(page.topics.unwrap_or_default().into_iter().filter_map(|topic| topic.topic_arn));
        next = page.next_token;
        if next.is_none() {
            return Ok(arns);
        }
    }
}

fn of_topics(client: &Client, arns: Vec<String>) -> Overview {
    let place = |arn: String| {
        let kind = if wire::is_fifo(&arn) { "FIFO topic" } else { "topic" };
        let url = client.settings.url_of(&arn);
        PlaceInfo { name: arn, url, keeps: format!("{kind}, keeps no messages"), ..PlaceInfo::default() }
    };
    let places = arns.into_iter().map(place).collect();
    Overview { system: format!("AWS SNS, {}", client.region), places, notes: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redrive_policies_are_told_in_both_directions() {
        let url = Url::parse("sqs://*?region=eu-west-1").expect("an address");
        let settings = Settings::read(&url).expect("settings");
        let arn = |name: &str| format!("arn:aws:sqs:eu-west-1:1:{name}");
        let facts = |name: &str, redrive| Facts {
            url: format!("https://sqs.eu-west-1.amazonaws.com/1/{name}"),
            arn: arn(name),
            redrive,
            ..Facts::default()
        };
        let to = || Redrive::To { arn: arn("failed"), most: 3 };
        let found = places(&settings, vec![facts("orders", to()), facts("failed", Redrive::None), facts("mail", to())]);
        let told: Vec<(&str, bool, &str)> =
            found.iter().map(|place| (place.name.as_str(), place.dead_letters, place.keeps.as_str())).collect();
        assert_eq!(
            told,
            [
                ("failed", true, "queue, dead letters of mail, orders"),
                ("mail", false, "queue, dead letters to failed after 3 receives"),
                ("orders", false, "queue, dead letters to failed after 3 receives"),
            ]
        );
        assert_eq!(found[0].url, "sqs://failed?region=eu-west-1");
    }
}
