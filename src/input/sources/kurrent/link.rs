//! A connection by the official client: each wait can be cancelled, each failure is told with what to do.
//!
//! The client unwraps what servers send in some places, so everything that it does for us is done where a panic is
//! caught and becomes an error of the connection. Errors of its connection end the client: it is made anew.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::time::{Duration, Instant};

use kurrentdb::{
    Client, Credentials, ReadAllOptions, ReadEvent, ReadStream, ReadStreamOptions, ResolvedEvent, StreamPosition,
    SubscriptionFilter,
};
use tokio::runtime::Runtime;

use super::settings::{ALL, Settings};
use crate::base::cancel::Cancel;
use crate::input::sources::broker::{place, steps};
use crate::model::error::{Error, Result};
use crate::model::message::LogPosition;

/// Longest wait for an answer's beginning.
const PATIENCE: Duration = Duration::from_secs(15);

/// How soon a person who cancels gets an answer.
const TICK: Duration = Duration::from_millis(50);

/// How often another node is asked because this one is not the leader.
const MOST_LEADERS: u32 = 3;

/// See the module's documentation.
pub(super) struct Link {
    pub settings: Settings,
    runtime: Runtime,
    client: Client,
    /// `26.0.1`, empty where the server does not say.
    pub version: String,
}

/// What a question ends with, when not with an answer.
#[derive(Debug)]
pub(super) enum Failure {
    Client(kurrentdb::Error),
    /// The client did not get along with what it was sent.
    Broken(String),
    /// No answer in time.
    Silent,
    /// Nobody wants to know any more.
    Stopped,
    /// A subscription that the server ended.
    Ended,
    /// Of our own: the spool's.
    Ours(Error),
}

pub(super) type Answer<T> = std::result::Result<T, Failure>;

/// Who takes what is read.
pub(super) trait Reader {
    /// Says whether to go on.
    ///
    /// # Errors
    /// When what was read cannot be kept.
    fn event(&mut self, read: ResolvedEvent) -> Result<bool>;

    /// Called while nothing comes. Says whether to go on waiting.
    fn tick(&mut self) -> bool;
}

/// What is read.
#[derive(Clone, Debug)]
pub(super) struct Question {
    /// [`ALL`] for all.
    pub stream: String,
    pub from: Start,
    pub backwards: bool,
    pub most: Option<u64>,
    pub filter: Option<SubscriptionFilter>,
    pub resolve: bool,
}

/// The first event that is read, in the direction of reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    First,
    End,
    Revision(u64),
    Position(LogPosition),
}

impl Start {
    /// The one further on, of two positions.
    pub(super) fn later(self, other: Self) -> Self {
        match (self, other) {
            (Self::Position(a), Self::Position(b)) => Self::Position(a.max(b)),
            (one, _) => one,
        }
    }

    pub(super) fn revision(self) -> StreamPosition<u64> {
        match self {
            Self::First | Self::Position(_) => StreamPosition::Start,
            Self::End => StreamPosition::End,
            Self::Revision(revision) => StreamPosition::Position(revision),
        }
    }

    pub(super) fn position(self) -> StreamPosition<kurrentdb::Position> {
        match self {
            Self::First | Self::Revision(_) => StreamPosition::Start,
            Self::End => StreamPosition::End,
            Self::Position(LogPosition { commit, prepare }) => {
                StreamPosition::Position(kurrentdb::Position { commit, prepare })
            }
        }
    }
}

impl Question {
    async fn begin(&self, client: &Client, login: Option<Credentials>) -> kurrentdb::Result<ReadStream> {
        let most = self.most.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
        if self.stream == ALL {
            let mut options = ReadAllOptions::default().position(self.from.position()).max_count(most);
            options = if self.backwards { options.backwards() } else { options.forwards() };
            if let Some(filter) = &self.filter {
                options = options.filter(filter.clone());
            }
            if self.resolve {
                options = options.resolve_link_tos();
            }
            if let Some(login) = login {
                options = options.authenticated(login);
            }
            return client.read_all(&options).await;
        }
        let mut options = ReadStreamOptions::default().position(self.from.revision()).max_count(most);
        options = if self.backwards { options.backwards() } else { options.forwards() };
        if self.resolve {
            options = options.resolve_link_tos();
        }
        if let Some(login) = login {
            options = options.authenticated(login);
        }
        client.read_stream(self.stream.as_str(), &options).await
    }
}

impl Link {
    /// # Errors
    /// The step that failed and what to do.
    pub(super) fn connect(settings: &Settings) -> Result<Self> {
        if !settings.url.scheme.ends_with("+discover") {
            // Its client tells a port that nobody listens at from other troubles by its own words alone.
            steps::answers(&settings.url, &settings.hosts(), "KurrentDB", &Cancel::new())?;
        }
        let at = || place(&settings.url);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("eventglass kurrentdb")
            .enable_all()
            .build()
            .map_err(|cause| Error::new("Cannot start a thread", at(), "Close other programs").because(cause))?;
        let connected = client(&runtime, settings);
        let client = connected.map_err(|failure| explain(settings, "connect to KurrentDB", &failure))?;
        let mut link = Self { settings: settings.clone(), runtime, client, version: String::new() };
        link.version = link.ask_version().map_err(|failure| link.explain("connect to KurrentDB", &failure))?;
        Ok(link)
    }

    fn ask_version(&self) -> Answer<String> {
        let info = self.ask(|client, _| async move { client.server_info().await })?;
        let version = info.version();
        // Servers before 21.6 do not say theirs.
        Ok(if version.major() == 0 { String::new() } else { version.to_string() })
    }

    /// Makes the client anew: errors of its connection are its end.
    pub(super) fn reconnect(&mut self) -> Answer<()> {
        self.client = client(&self.runtime, &self.settings)?;
        self.ask_version().map(|_| ())
    }

    /// An answer to one question, of the leader where it has to be.
    pub(super) fn ask<T, F>(&self, question: impl Fn(Client, Option<Credentials>) -> F) -> Answer<T>
    where
        F: Future<Output = kurrentdb::Result<T>>,
    {
        let mut nobody = Nobody;
        let mut asked = 0;
        loop {
            let work = question(self.client.clone(), self.settings.credentials());
            match caught(|| self.runtime.block_on(wait(work, Some(PATIENCE), &mut nobody))) {
                Err(failure) if failure.names_the_leader() && asked < MOST_LEADERS => asked += 1,
                answer => return answer,
            }
        }
    }

    /// Reads until the end, or until the reader has enough.
    pub(super) fn read(&self, question: &Question, reader: &mut dyn Reader) -> Answer<()> {
        let (mut asked, mut came) = (0, false);
        loop {
            let answer = caught(|| {
                self.runtime.block_on(async {
                    let begun = question.begin(&self.client, self.settings.credentials());
                    let mut stream = wait(begun, Some(PATIENCE), &mut *reader).await?;
                    while let Some(read) = wait(stream.next_read_event(), None, &mut *reader).await? {
                        if let ReadEvent::Event(read) = read {
                            came = true;
                            if !reader.event(read).map_err(Failure::Ours)? {
                                break;
                            }
                        }
                    }
                    Ok(())
                })
            });
            match answer {
                Err(failure) if failure.names_the_leader() && !came && asked < MOST_LEADERS => asked += 1,
                answer => return answer,
            }
        }
    }

    /// The first event of an answer.
    pub(super) fn first(&self, question: &Question, cancel: &Cancel) -> Answer<Option<ResolvedEvent>> {
        struct First<'a>(Option<ResolvedEvent>, &'a Cancel);
        impl Reader for First<'_> {
            fn event(&mut self, read: ResolvedEvent) -> Result<bool> {
                self.0 = Some(read);
                Ok(false)
            }

            fn tick(&mut self) -> bool {
                !self.1.is_cancelled()
            }
        }
        let mut first = First(None, cancel);
        self.read(&Question { most: Some(1), ..question.clone() }, &mut first)?;
        Ok(first.0)
    }

    /// For subscriptions: the client, the login, and what runs both.
    pub(super) fn parts(&self) -> (&Client, Option<Credentials>, &Runtime) {
        (&self.client, self.settings.credentials(), &self.runtime)
    }

    pub(super) fn explain(&self, doing: &str, failure: &Failure) -> Error {
        explain(&self.settings, doing, failure)
    }
}

struct Nobody;

impl Reader for Nobody {
    fn event(&mut self, _: ResolvedEvent) -> Result<bool> {
        Ok(false)
    }

    fn tick(&mut self) -> bool {
        true
    }
}

fn client(runtime: &Runtime, settings: &Settings) -> Answer<Client> {
    // Its threads are those of the runtime that it is made in; without one it panics.
    let _inside = runtime.enter();
    caught(|| Client::new(settings.client()).map_err(|cause| Failure::Broken(format!("{cause:#}"))))
}

/// A panic of the client is a failure like others.
pub(super) fn caught<T>(work: impl FnOnce() -> Answer<T>) -> Answer<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|cause| Err(Failure::of_panic(cause.as_ref())))
}

/// Waits for `work`, which is never given up and begun again in between.
pub(super) async fn wait<T>(
    work: impl Future<Output = kurrentdb::Result<T>>,
    patience: Option<Duration>,
    reader: &mut dyn Reader,
) -> Answer<T> {
    let mut work = pin!(work);
    let started = Instant::now();
    loop {
        match tokio::time::timeout(TICK, work.as_mut()).await {
            Ok(answer) => return answer.map_err(Failure::Client),
            Err(_) if !reader.tick() => return Err(Failure::Stopped),
            Err(_) if patience.is_some_and(|most| started.elapsed() > most) => return Err(Failure::Silent),
            Err(_) => {}
        }
    }
}

impl Failure {
    fn of_panic(cause: &(dyn Any + Send)) -> Self {
        if cause.is::<super::live::Ended>() {
            return Self::Ended;
        }
        let text = cause.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| cause.downcast_ref::<&str>().copied());
        Self::Broken(text.unwrap_or("it does not say why").to_owned())
    }

    /// A node that is not the leader names the one that is, and the client goes there with the next question.
    fn names_the_leader(&self) -> bool {
        matches!(self, Self::Client(kurrentdb::Error::NotLeaderException(_)))
    }

    /// Asking again, over a new connection, may help.
    pub(super) fn may_pass(&self) -> bool {
        use kurrentdb::Error as Of;
        match self {
            Self::Client(error) => matches!(
                error,
                Of::ServerError(_)
                    | Of::NotLeaderException(_)
                    | Of::ConnectionClosed
                    | Of::GrpcConnectionError(_)
                    | Of::DeadlineExceeded
                    | Of::Grpc { .. }
            ),
            Self::Silent | Self::Ended => true,
            Self::Broken(_) | Self::Stopped | Self::Ours(_) => false,
        }
    }

    /// There is no such stream, or nothing in it any more.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Client(kurrentdb::Error::ResourceNotFound))
    }

    pub(super) fn is_deleted(&self) -> bool {
        matches!(self, Self::Client(kurrentdb::Error::ResourceDeleted))
    }

    pub(super) fn is_denied(&self) -> bool {
        matches!(self, Self::Client(kurrentdb::Error::AccessDenied))
    }

    /// In the client's or the server's own words.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Client(kurrentdb::Error::NotLeaderException(leader)) => {
                format!("the leader is {}:{}", leader.host, leader.port)
            }
            Self::Client(error) => error.to_string(),
            Self::Broken(words) => words.clone(),
            Self::Silent => "no answer in time".to_owned(),
            Self::Stopped => "cancelled".to_owned(),
            Self::Ended => "the server ended it".to_owned(),
            Self::Ours(error) => error.to_string(),
        }
    }
}

fn explain(settings: &Settings, doing: &str, failure: &Failure) -> Error {
    use kurrentdb::Error as Of;
    let what = format!("Cannot {doing}");
    let next_step = match failure {
        Failure::Ours(error) => return error.clone(),
        Failure::Client(Of::AccessDenied) => match &settings.url.user {
            Some(user) => {
                format!("Check the password, and whether {user} may do that ($acl of the stream, $ops, $admins)")
            }
            None => "Log in: user:password@ in the address, or user@ and EVENTGLASS_PASSWORD".to_owned(),
        },
        Failure::Client(Of::ResourceNotFound) => {
            "Check the name; a stream whose events were all deleted is none either".to_owned()
        }
        Failure::Client(Of::ResourceDeleted) => {
            "It was deleted for good (a tombstone); only $all may still have its events".to_owned()
        }
        Failure::Client(Of::NotLeaderException(_)) => {
            "Name the leader, or take any node: nodePreference=follower".to_owned()
        }
        Failure::Client(Of::UnsupportedFeature) => "The server is too old for it".to_owned(),
        Failure::Client(Of::ServerError(_) | Of::GrpcConnectionError(_) | Of::ConnectionClosed)
            if settings.is_encrypted() =>
        {
            "Check host and port; where the server has no certificate write tls=false, for a certificate of your own \
             authority tlsCAFile=FILE"
                .to_owned()
        }
        Failure::Client(Of::ServerError(_) | Of::GrpcConnectionError(_) | Of::ConnectionClosed) => {
            "Check host and port; where the server has a certificate leave out tls=false".to_owned()
        }
        Failure::Silent | Failure::Client(Of::DeadlineExceeded) => {
            "Check the server and the network, then try again".to_owned()
        }
        Failure::Stopped => "Try again".to_owned(),
        Failure::Client(_) | Failure::Broken(_) | Failure::Ended => "See what KurrentDB's client says".to_owned(),
    };
    Error::new(what, place(&settings.url), next_step).because(failure.words())
}
