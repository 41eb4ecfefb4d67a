//! SQS's own way of emptying a dead-letter queue: a task that runs in SQS and is asked for by its queue.
//!
//! Source: `StartMessageMoveTask`, `ListMessageMoveTasks` and `CancelMessageMoveTask` of the API reference, and "dead-
//! letter queue redrive" of the developer guide.

use aws_sdk_sqs::types::ListMessageMoveTasksResultEntry;

use super::client::{Client, Failure};
use super::facts::{Facts, attributes, last_part, sources};
use super::settings::Settings;
use super::wire;
use crate::base::text::{count, plural};
use crate::input::sources::broker::{Url, place};
use crate::input::sources::mover::{FASTEST, MoveStatus, MoveTask, Mover, Moves, StartError};
use crate::model::error::{Error, Result};

/// As many tasks as SQS remembers of a queue.
const REMEMBERED: i32 = 10;

const BY_A_PLAN: &str = "Put the letters back by a plan: eventglass requeue … --plan";

pub(super) struct SqsMover {
    client: Client,
    queue: String,
}

impl SqsMover {
    /// # Errors
    /// The step of the connection that failed.
    pub(super) fn open(url: &Url) -> Result<Self> {
        let settings = Settings::read(url)?;
        let queue = settings.queue()?.to_owned();
        Ok(Self { client: Client::connect(&settings)?, queue })
    }

    /// What the queue tells of itself.
    fn facts(&self) -> Result<Facts> {
        let client = &self.client;
        let url = client.run(client.queue_url(&self.queue));
        let url = url.map_err(|failure| client.explain("sqs:GetQueueUrl", &self.queue, &failure))?;
        let facts = client.run(attributes(&client.sqs, &url));
        facts.map_err(|failure| client.explain("sqs:GetQueueAttributes", &self.queue, &failure))
    }

    fn tasks(&self, facts: &Facts) -> std::result::Result<Vec<MoveTask>, Failure> {
        let asked = self.client.sqs.list_message_move_tasks().source_arn(&facts.arn).max_results(REMEMBERED);
        let listed = self.client.run(asked.send()).map_err(Failure::from)?;
        let mut tasks: Vec<MoveTask> = listed.results().iter().map(task).collect();
        tasks.sort_by_key(|task| std::cmp::Reverse(task.started_ms));
        Ok(tasks)
    }

    fn look_with(&self, facts: &Facts) -> Result<Moves> {
        // Whoever may not list them cannot know whether it is a dead-letter queue: SQS decides then.
        let sources = self.client.run(sources(&self.client, &facts.url)).ok();
        let refused = sources
            .as_ref()
            .is_some_and(Vec::is_empty)
            .then(|| format!("{} is no dead-letter queue of an SQS queue: no redrive policy names it", self.queue));
        let tasks = match self.tasks(facts) {
            Ok(tasks) => tasks,
            Err(failure) if refused.is_some() && failure.is_refusal => Vec::new(),
            Err(failure) => return Err(self.explain("sqs:ListMessageMoveTasks", &failure)),
        };
        let sources = sources.unwrap_or_default();
        let limits = limits(&self.queue, facts, &sources);
        let (messages, held) = (facts.visible + facts.delayed, facts.in_flight);
        Ok(Moves { queue: self.queue.clone(), messages, held, sources, refused, limits, tasks })
    }

    fn explain(&self, action: &str, failure: &Failure) -> Error {
        let at = || place(&self.client.settings.url);
        if failure.is_unknown_action() {
            let whom = self.client.settings.aws.endpoint.as_deref().unwrap_or("The server");
            return Error::new(format!("{whom} has no move tasks"), at(), BY_A_PLAN).because(failure);
        }
        if failure.is_denied() && action == "sqs:StartMessageMoveTask" {
            let what = format!("{action} on {} is not allowed", self.queue);
            let next_step = "Ask for sqs:StartMessageMoveTask, sqs:ReceiveMessage, sqs:DeleteMessage and \
                             sqs:GetQueueAttributes on it, and for sqs:SendMessage on the queues that messages go to";
            return Error::new(what, at(), next_step).because(failure);
        }
        self.client.explain(action, &self.queue, failure)
    }

    /// The ARN of the queue that messages go to.
    fn destination(&self, facts: &Facts, to: &str) -> Result<String> {
        let wrong = |what: String, next_step: &str| Err(Error::new(what, place(&self.client.settings.url), next_step));
        let name = last_part(to);
        if wire::is_fifo(name) != facts.fifo {
            let kinds =
                if facts.fifo { ["a FIFO queue", "FIFO queue"] } else { ["no FIFO queue", "queue that is none"] };
            let what = format!("{} is {}: its letters can only be moved to a {}", self.queue, kinds[0], kinds[1]);
            return wrong(what, "Name another queue");
        }
        let arn = if to.starts_with("arn:") {
            to.to_owned()
        } else {
            // A task moves within one account and region.
            format!("{}{name}", facts.arn.trim_end_matches(last_part(&facts.arn)))
        };
        if arn == facts.arn {
            return wrong(format!("{name} is the queue that letters would be moved from"), "Name another queue");
        }
        Ok(arn)
    }

    fn runs_already(&self, task: &MoveTask) -> Error {
        let what = format!("A task that moves {} is {} already", self.queue, task.status.words());
        let next_step = "Wait for its end, or cancel it; a queue has one task at a time";
        Error::new(what, place(&self.client.settings.url), next_step).because(format!("{} moved", task.progress()))
    }
}

impl Mover for SqsMover {
    fn look(&self) -> Result<Moves> {
        self.look_with(&self.facts()?)
    }

    fn start(&self, to: Option<&str>, rate: Option<u32>) -> std::result::Result<String, StartError> {
        let facts = self.facts()?;
        let moves = self.look_with(&facts)?;
        if let Some(why) = moves.refused {
            let next_step = "Only dead letters of SQS queues are moved, not those of SNS or Lambda. Put the letters \
                             back by a plan: eventglass requeue … --plan";
            let error = Error::new("SQS moves nothing from there", place(&self.client.settings.url), next_step);
            return Err(error.because(why).into());
        }
        if let Some(task) = moves.running() {
            return Err(self.runs_already(task).into());
        }
        let destination = to.map(|to| self.destination(&facts, to)).transpose()?;
        let rate = rate.map(|rate| i32::try_from(rate).unwrap_or(i32::MAX));
        let asked = self.client.sqs_once.start_message_move_task().source_arn(&facts.arn);
        let asked = asked.set_destination_arn(destination).set_max_number_of_messages_per_second(rate);
        let failure = match self.client.run(asked.send()).map_err(Failure::from) {
            Ok(started) => return Ok(started.task_handle.unwrap_or_default()),
            Err(failure) => failure,
        };
        if failure.is_refusal
            && let Some(task) = self.tasks(&facts).ok().and_then(|tasks| tasks.into_iter().find(|t| t.status.is_open()))
        {
            return Err(self.runs_already(&task).into());
        }
        if failure.may_be_done() {
            let next_step = "Look at its tasks before you start another one";
            let error =
                Error::new("Whether the task was started cannot be told", place(&self.client.settings.url), next_step);
            return Err(StartError { error: error.because(failure), refused: false });
        }
        Err(self.explain("sqs:StartMessageMoveTask", &failure).into())
    }

    fn cancel(&self, handle: &str) -> Result<u64> {
        let asked = self.client.sqs.cancel_message_move_task().task_handle(handle);
        let cancelled = self.client.run(asked.send()).map_err(Failure::from);
        let cancelled = cancelled.map_err(|failure| {
            if failure.is(&["ResourceNotFound"]) {
                let what = format!("No task that moves {} has this handle any more", self.queue);
                return Error::new(what, place(&self.client.settings.url), "It has ended: look at its tasks")
                    .because(&failure);
            }
            self.explain("sqs:CancelMessageMoveTask", &failure)
        })?;
        Ok(cancelled.approximate_number_of_messages_moved.unsigned_abs())
    }
}

fn task(entry: &ListMessageMoveTasksResultEntry) -> MoveTask {
    let status = match entry.status().unwrap_or_default() {
        "RUNNING" => MoveStatus::Running,
        "CANCELLING" => MoveStatus::Cancelling,
        "COMPLETED" => MoveStatus::Completed,
        "CANCELLED" => MoveStatus::Cancelled,
        "FAILED" => MoveStatus::Failed,
        _ => MoveStatus::Unknown,
    };
    let said = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    MoveTask {
        handle: said(entry.task_handle()),
        status,
        to: said(entry.destination_arn().map(last_part)),
        rate: entry.max_number_of_messages_per_second().map(i32::unsigned_abs),
        moved: entry.approximate_number_of_messages_moved().unsigned_abs(),
        to_move: entry.approximate_number_of_messages_to_move().map(i64::unsigned_abs),
        failure: said(entry.failure_reason()),
        started_ms: entry.started_timestamp(),
    }
}

/// What is to be known before a task is started.
fn limits(queue: &str, facts: &Facts, sources: &[String]) -> Vec<String> {
    let now = plural(facts.visible + facts.delayed, "message", "messages");
    let back = match sources {
        [] => "the queue that it came from".to_owned(),
        [one] => format!("the queue that it came from, {one}"),
        many => format!("the queue that it came from, one of {}", many.join(", ")),
    };
    let mut limits = vec![
        format!("All that lies in {queue} is moved, about {now} now, oldest first: nothing less and nothing chosen"),
        "Nothing is edited, there are no first steps, and what fails again is not noticed".to_owned(),
        format!("Each message goes back to {back}, or all go to one queue of the same account, region and kind"),
        "Messages get new ids and new times, and are kept as if they were new: eventglass cannot look for them again"
            .to_owned(),
        format!("At most {} a second; without a rate of your own SQS chooses one", count(u64::from(FASTEST))),
        "One task per queue at a time, 100 per account, 36 hours each; cancelling brings nothing back".to_owned(),
        "Only dead letters of SQS queues are moved, not those of SNS or Lambda".to_owned(),
    ];
    if facts.fifo {
        limits.push(
            "FIFO: messages that are sent meanwhile come between those that are moved, and the deduplication ids that \
             their producers gave were lost when they became dead letters"
                .to_owned(),
        );
    }
    limits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_in_our_words() {
        let entry = ListMessageMoveTasksResultEntry::builder()
            .status("FAILED")
            .destination_arn("arn:aws:sqs:eu-west-1:1:orders")
            .approximate_number_of_messages_moved(40)
            .approximate_number_of_messages_to_move(100)
            .failure_reason("CouldNotDetermineMessageSource")
            .started_timestamp(7)
            .build();
        let told = task(&entry);
        assert_eq!((told.status, told.to.as_deref(), told.handle.clone()), (MoveStatus::Failed, Some("orders"), None));
        assert_eq!((told.progress().as_str(), told.started_ms), ("about 40 of 100", 7));
        assert_eq!(told.failure.as_deref(), Some("CouldNotDetermineMessageSource"));
        let done =
            ListMessageMoveTasksResultEntry::builder().status("COMPLETED").approximate_number_of_messages_moved(6);
        let done = task(&done.approximate_number_of_messages_to_move(0).build());
        assert_eq!((done.status, done.progress().as_str()), (MoveStatus::Completed, "about 6"));
    }

    #[test]
    fn limits_name_queue_number_and_kind() {
        let facts = Facts { visible: 1_204, ..Facts::default() };
        let told = limits("orders-dlq", &facts, &["orders".to_owned(), "mail".to_owned()]).join("\n");
        for part in ["All that lies in orders-dlq", "about 1,204 messages", "one of orders, mail", "500 a second"] {
            assert!(told.contains(part), "{part}: {told}");
        }
        assert!(!told.contains("FIFO"));
        assert!(limits("q", &Facts { fifo: true, ..facts }, &[]).join("\n").contains("deduplication ids"));
    }
}
