//! Sends messages: persistent, mandatory, confirmed. One channel an exchange, since a wrong exchange costs the
//! channel and with it the answers of all that was sent on it.

use std::collections::BTreeMap;

use futures_util::FutureExt as _;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Confirmation, ExchangeKind, PublisherConfirm};

use super::super::connect::{Answer, Failure, Session, patiently, short};
use super::super::wire;
use crate::input::sources::broker::place;
use crate::input::sources::outlet::{Outcome, Outgoing, Target};
use crate::model::error::Error;

/// What goes to one exchange: its place in the batch, routing key, properties, body.
type Sent<'a> = Vec<(usize, &'a str, BasicProperties, &'a [u8])>;

/// One outcome for each of the batch.
pub(super) fn send(session: &Session, batch: &[Outgoing]) -> Vec<Outcome> {
    let mut outcomes: Vec<Option<Outcome>> = batch.iter().map(|_| None).collect();
    let mut by_exchange: BTreeMap<&str, Sent<'_>> = BTreeMap::new();
    for (at, outgoing) in batch.iter().enumerate() {
        match prepare(session, outgoing) {
            Ok((exchange, key, properties)) => {
                let body = outgoing.message.value.as_deref().unwrap_or_default();
                by_exchange.entry(exchange).or_default().push((at, key, properties, body));
            }
            Err(why) => set(&mut outcomes, at, Outcome::Refused(refused(session, why))),
        }
    }
    for (exchange, sent) in by_exchange {
        session.run(to_exchange(session, exchange, sent, batch, &mut outcomes));
    }
    let unknown = || Outcome::Unknown(lost(session, &Failure::TimedOut));
    outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(unknown)).collect()
}

fn set(outcomes: &mut [Option<Outcome>], at: usize, outcome: Outcome) {
    if let Some(slot) = outcomes.get_mut(at) {
        *slot = Some(outcome);
    }
}

/// Exchange, routing key and properties, or why the server would not take it.
fn prepare<'a>(session: &Session, outgoing: &'a Outgoing) -> Result<(&'a str, &'a str, BasicProperties), String> {
    let (exchange, key) = match &outgoing.target {
        Target::Queue { name } => ("", name.as_str()),
        Target::Exchange { name, routing_key } => (name.as_str(), routing_key.as_str()),
        Target::Topic { .. } | Target::File { .. } | Target::Mark { .. } => {
            return Err("RabbitMQ has queues and exchanges only".to_owned());
        }
    };
    if exchange.len() > 255 || key.len() > 255 {
        return Err("the target's name is longer than 255 bytes".to_owned());
    }
    if outgoing.message.value.is_none() {
        return Err("AMQP has no message without a body, which a tombstone is".to_owned());
    }
    let properties = wire::to_publish(&outgoing.message)?;
    let most = session.frame_max() as usize;
    if most > 0 && wire::size(&properties) > most {
        return Err(format!("its headers are larger than the {most} bytes that the server takes"));
    }
    Ok((exchange, key, properties))
}

async fn to_exchange(
    session: &Session,
    exchange: &str,
    sent: Sent<'_>,
    batch: &[Outgoing],
    outcomes: &mut [Option<Outcome>],
) {
    let all: Vec<usize> = sent.iter().map(|(at, ..)| *at).collect();
    // The channel must live until the answers are there.
    let (_channel, confirms) = match publish(session, exchange, sent).await {
        Ok(confirms) => confirms,
        Err(failure) => {
            for at in all {
                set(outcomes, at, failed(session, exchange, &failure));
            }
            return;
        }
    };
    let mut waits = true;
    for (at, confirm) in confirms {
        let answer = match confirm {
            Ok(confirm) if waits => patiently(confirm).await,
            // Where one answer did not come in its time, of the others only those that are there already count:
            // waiting in full for each of five hundred would take more than an hour.
            Ok(confirm) => {
                confirm.now_or_never().map_or(Err(Failure::TimedOut), |answer| answer.map_err(Failure::from))
            }
            Err(failure) => Err(failure),
        };
        waits &= !matches!(answer, Err(Failure::TimedOut));
        let outcome = match answer {
            Ok(confirmation) => confirmed(session, batch.get(at), confirmation),
            Err(failure) if is_of_one(exchange, &failure) => Outcome::Unknown(lost(session, &failure)),
            Err(failure) => failed(session, exchange, &failure),
        };
        set(outcomes, at, outcome);
    }
}

/// Whether the channel was closed over one message, those before which may be in their queues: over a routing key that
/// is not permitted, or an exchange that was there when it was asked for. The answer is the same for all.
fn is_of_one(exchange: &str, failure: &Failure) -> bool {
    match failure.code() {
        Some(403) => failure.to_string().contains("topic"),
        Some(404) => !exchange.is_empty(),
        _ => false,
    }
}

/// Sends all before it waits for the first answer.
async fn publish(
    session: &Session,
    exchange: &str,
    sent: Sent<'_>,
) -> Answer<(Channel, Vec<(usize, Answer<PublisherConfirm>)>)> {
    let channel = patiently(session.connection().create_channel()).await?;
    if !exchange.is_empty() {
        let options = ExchangeDeclareOptions { passive: true, ..ExchangeDeclareOptions::default() };
        let kind = ExchangeKind::Direct;
        patiently(channel.exchange_declare(short(exchange), kind, options, FieldTable::default())).await?;
    }
    patiently(channel.confirm_select(ConfirmSelectOptions::default())).await?;
    let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let mut confirms = Vec::with_capacity(sent.len());
    for (at, key, properties, body) in sent {
        let publish = channel.basic_publish(short(exchange), short(key), options, body, properties);
        let published = patiently(publish).await;
        let is_stuck = matches!(published, Err(Failure::TimedOut));
        confirms.push((at, published));
        if is_stuck {
            // The rest is not sent; nobody waits for each of them.
            break;
        }
    }
    Ok((channel, confirms))
}

fn confirmed(session: &Session, outgoing: Option<&Outgoing>, confirmation: Confirmation) -> Outcome {
    let target = outgoing.map_or_else(String::new, |outgoing| outgoing.target.to_string());
    match confirmation {
        Confirmation::Ack(None) => Outcome::Confirmed(format!("in {target}")),
        // A message that no queue takes is confirmed all the same.
        Confirmation::Ack(Some(returned)) => {
            let why = format!("it came back: {} {}", returned.reply_code, returned.reply_text);
            let what = format!("No queue takes messages for {target}");
            Outcome::Refused(
                Error::new(what, at(session), "Make or bind the queue, or choose another target").because(why),
            )
        }
        // Of several queues one may have refused it, and the others have it.
        Confirmation::Nack(_) if outgoing.is_some_and(|one| matches!(one.target, Target::Exchange { .. })) => {
            let what = format!("RabbitMQ says that not every queue took the message for {target}");
            let next_step = "Look into the queues before it is sent again: one may be full";
            Outcome::Unknown(Error::new(what, at(session), next_step))
        }
        Confirmation::Nack(_) => {
            let what = format!("RabbitMQ did not take the message for {target}");
            Outcome::Refused(Error::new(what, at(session), "See whether the queue is full or the server in trouble"))
        }
        Confirmation::NotRequested => Outcome::Unknown(lost(session, &Failure::TimedOut)),
    }
}

/// ACCESS_REFUSED and NOT_FOUND of an exchange are said before a message goes anywhere, and hold for all of it.
fn failed(session: &Session, exchange: &str, failure: &Failure) -> Outcome {
    match failure.code() {
        Some(404) => refuse(session, format!("There is no exchange {exchange}"), failure),
        Some(403) => refuse(session, format!("{} may not write there", session.settings().user), failure),
        _ => Outcome::Unknown(lost(session, failure)),
    }
}

fn refuse(session: &Session, what: String, failure: &Failure) -> Outcome {
    Outcome::Refused(Error::new(what, at(session), "Choose another target").because(failure))
}

fn refused(session: &Session, why: String) -> Error {
    Error::new("The message cannot be sent to RabbitMQ", at(session), "Edit the message, or choose another target")
        .because(why)
}

fn lost(session: &Session, failure: &Failure) -> Error {
    if session.connection().status().blocked() {
        let next_step = "Free memory or disk on its machine, then look into the target before it is sent again";
        return Error::new("RabbitMQ takes no messages: it is short of memory or disk", at(session), next_step)
            .because(failure);
    }
    Error::new("RabbitMQ did not answer", at(session), "Look into the target before it is sent again").because(failure)
}

fn at(session: &Session) -> crate::model::error::Place {
    place(&session.settings().url)
}
