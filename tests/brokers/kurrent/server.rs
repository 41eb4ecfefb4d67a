//! A server that plays KurrentDB's published protocol over HTTP/2, with the faults that tests ask for. No real server
//! can be had here; what it gets wrong, tests cannot see.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};
use std::time::Duration;

use bytes::{BufMut as _, Bytes, BytesMut};
use h2::server::SendResponse;
use h2::{Reason, RecvStream, SendStream};
use http::{HeaderMap, Request, Response};
use prost_reflect::{DescriptorPool, DynamicMessage, prost::Message as _};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

use super::store::{Event, Store, filter, name, number};

static PROTOCOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/brokers/kurrent/protocol.proto");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/brokers/kurrent");
    let set = protox::compile([file], [folder]).expect("the protocol compiles");
    DescriptorPool::from_file_descriptor_set(set).expect("it holds together")
});

/// What goes wrong, each time it is met until it is used up.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// After so many events the stream breaks, once.
    pub cut_after: Option<usize>,
    /// After so many events a subscription ends without an error, once.
    pub end_after: Option<usize>,
    /// Streams that may not be read.
    pub denied: BTreeSet<String>,
    /// Reads are sent to the node at this port.
    pub leader: Option<u16>,
    /// Answers of a kind that the client does not know come before events.
    pub unknown: bool,
    /// A login is needed: the `authorization` header.
    pub login: Option<String>,
    /// Replays are confirmed and not carried out.
    pub idle_replay: bool,
}

#[derive(Default)]
pub struct State {
    pub store: Store,
    pub faults: Faults,
    /// Method and message of each request.
    pub asked: Vec<(String, Value)>,
}

/// Runs until it is dropped.
pub struct Server {
    pub port: u16,
    state: Arc<Mutex<State>>,
    _runtime: tokio::runtime::Runtime,
}

impl Server {
    pub fn start(store: Store) -> Self {
        Self::start_at(0, store)
    }

    pub fn start_at(port: u16, store: Store) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("threads can be started");
        let state = Arc::new(Mutex::new(State { store, ..State::default() }));
        let listener = runtime.block_on(TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port)))).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::clone(&state);
        runtime.spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(connection(socket, Arc::clone(&shared)));
            }
        });
        Self { port, state, _runtime: runtime }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panicked with it")
    }

    /// `account-1?newest=2`
    pub fn url(&self, rest: &str) -> String {
        let sign = if rest.contains('?') { '&' } else { '?' };
        format!("kurrentdb://127.0.0.1:{}/{rest}{sign}tls=false", self.port)
    }

    /// Requests to read so far.
    pub fn reads(&self) -> Vec<Value> {
        let state = self.state();
        let read = state.asked.iter().filter(|(method, _)| method.ends_with("Streams/Read"));
        read.map(|(_, message)| message["options"].clone()).collect()
    }
}

async fn connection(socket: TcpStream, state: Arc<Mutex<State>>) {
    let Ok(mut connection) = h2::server::handshake(socket).await else { return };
    while let Some(Ok((request, respond))) = connection.accept().await {
        tokio::spawn(answer(request, respond, Arc::clone(&state)));
    }
}

async fn answer(request: Request<RecvStream>, respond: SendResponse<Bytes>, state: Arc<Mutex<State>>) {
    let method = request.uri().path().to_owned();
    let login = request.headers().get("authorization").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut body = request.into_body();
    let mut bytes = BytesMut::new();
    while let Some(Ok(data)) = body.data().await {
        let _given = body.flow_control().release_capacity(data.len());
        bytes.extend_from_slice(&data);
    }
    let message = bytes.get(5..).unwrap_or_default().to_vec();
    let kind = match method.rsplit('/').next() {
        Some("Read") => "play.ReadReq",
        Some("ReplayParked") => "play.ReplayParkedReq",
        _ => "play.Empty",
    };
    let message = decoded(kind, &message);
    let needs = {
        let mut state = state.lock().expect("no test panicked with it");
        state.asked.push((method.clone(), message.clone()));
        state.faults.login.clone()
    };
    let mut reply = Reply { respond, stream: None };
    if needs.is_some() && needs != login && !method.ends_with("GetSupportedMethods") {
        reply.fail(7, &[("exception", "access-denied")]);
        return;
    }
    match method.as_str() {
        "/event_store.client.server_features.ServerFeatures/GetSupportedMethods" => {
            reply.send("play.SupportedMethods", &supported());
            reply.end();
        }
        "/event_store.client.streams.Streams/Read" => read(&message["options"], reply, state).await,
        "/event_store.client.persistent_subscriptions.PersistentSubscriptions/List" => {
            let list = list(&state.lock().expect("no test panicked with it").store);
            reply.send("play.ListResp", &list);
            reply.end();
        }
        "/event_store.client.persistent_subscriptions.PersistentSubscriptions/ReplayParked" => {
            replay(&message["options"], &mut state.lock().expect("no test panicked with it"));
            reply.send("play.Empty", &json!({}));
            reply.end();
        }
        _ => reply.fail(12, &[]),
    }
}

fn decoded(kind: &str, bytes: &[u8]) -> Value {
    let kind = PROTOCOL.get_message_by_name(kind).expect("it is in the protocol");
    let message = DynamicMessage::decode(kind, bytes).expect("a message of the protocol");
    serde_json::to_value(message).expect("JSON")
}

fn supported() -> Value {
    let service = "event_store.client.persistent_subscriptions.persistentsubscriptions";
    let method = |name: &str| json!({"methodName": name, "serviceName": service, "features": ["stream", "all"]});
    let methods: Vec<Value> = ["create", "getinfo", "replayparked", "list", "restartsubsystem"].map(method).into();
    json!({"methods": methods, "eventStoreServerVersion": "26.0.1"})
}

fn list(store: &Store) -> Value {
    let info = |(stream, group): &(String, String)| {
        let parked = store.stream(&format!("$persistentsubscription-{stream}::{group}-parked")).len();
        let last = store.stream(stream).last().map_or_else(|| "0".to_owned(), |event| event.revision.to_string());
        json!({
            "eventSource": stream, "groupName": group, "status": "Live", "startFrom": "0",
            "lastCheckpointedEventPosition": "0", "lastKnownEventPosition": last, "parkedMessageCount": parked,
        })
    };
    json!({"subscriptions": store.groups.iter().map(info).collect::<Vec<_>>()})
}

/// As the server does: from the oldest on, up to a number that is not replayed any more.
fn replay(options: &Value, state: &mut State) {
    if state.faults.idle_replay {
        return;
    }
    let stream = if options.get("all").is_some() { "$all".to_owned() } else { name(&options["streamIdentifier"]) };
    let group = options["groupName"].as_str().unwrap_or_default();
    let parked = format!("$persistentsubscription-{stream}::{group}-parked");
    state.store.truncate(&parked, number(&options["stopAt"]).unwrap_or(u64::MAX));
}

async fn read(options: &Value, mut reply: Reply, state: Arc<Mutex<State>>) {
    let resolve = options["resolveLinks"] == true;
    let subscription = options.get("subscription").is_some();
    let stream = options.get("stream").map(|of| name(&of["streamIdentifier"]));
    let (events, faults, is_there, deleted, end) = {
        let state = state.lock().expect("no test panicked with it");
        let named = stream.as_deref().unwrap_or("$all");
        let is_there = stream.as_ref().is_none_or(|stream| !state.store.stream(stream).is_empty());
        let end = state.store.log.last().map_or(0, |event| event.position);
        let deleted = state.store.tombstones.contains(named);
        (state.store.read(options), state.faults.clone(), is_there, deleted, end)
    };
    if faults.denied.contains(stream.as_deref().unwrap_or("$all")) {
        return reply.fail(7, &[("exception", "access-denied")]);
    }
    if deleted {
        return reply.fail(9, &[("exception", "stream-deleted")]);
    }
    if let Some(port) = faults.leader {
        let port = port.to_string();
        let leader =
            [("exception", "not-leader"), ("leader-endpoint-host", "127.0.0.1"), ("leader-endpoint-port", &port)];
        return reply.fail(5, &leader);
    }
    if subscription {
        reply.read(&json!({"confirmation": {"subscriptionId": "s"}}));
    } else if !is_there {
        let identifier = &options["stream"]["streamIdentifier"];
        reply.read(&json!({"streamNotFound": {"streamIdentifier": identifier}}));
        return reply.end();
    }
    if faults.unknown {
        reply.read(&json!({"ofALaterVersion": {}}));
    }
    for (n, event) in events.iter().enumerate() {
        if faults.cut_after == Some(n) && events.len() > 1 {
            state.lock().expect("no test panicked with it").faults.cut_after = None;
            return reply.cut().await;
        }
        let answer = state.lock().expect("no test panicked with it").store.answer(event, resolve);
        reply.read(&answer);
        if faults.end_after == Some(n + 1) && subscription {
            state.lock().expect("no test panicked with it").faults.end_after = None;
            return reply.end();
        }
    }
    if !subscription {
        return reply.end();
    }
    reply.read(&json!({"caughtUp": {}}));
    if stream.is_none() {
        reply.read(&json!({"checkpoint": {"commitPosition": end, "preparePosition": end}}));
    }
    live(options, stream, end, reply, &state).await;
}

/// What is written after a subscription has caught up.
async fn live(options: &Value, stream: Option<String>, mut last: u64, mut reply: Reply, state: &Mutex<State>) {
    let resolve = options["resolveLinks"] == true;
    let passes = filter(options);
    let mut sent = 0;
    while !reply.is_gone() {
        let (new, end_after, cut_after) = {
            let state = state.lock().expect("no test panicked with it");
            let of = |event: &&Event| {
                event.position > last && stream.as_ref().is_none_or(|name| event.stream == name.as_bytes())
            };
            let new = state.store.log.iter().filter(of).filter(|event| passes(event));
            let new: Vec<(u64, Value)> =
                new.map(|event| (event.position, state.store.answer(event, resolve))).collect();
            (new, state.faults.end_after, state.faults.cut_after)
        };
        for (position, answer) in new {
            if cut_after == Some(sent) {
                state.lock().expect("no test panicked with it").faults.cut_after = None;
                return reply.cut().await;
            }
            reply.read(&answer);
            last = position;
            sent += 1;
            if end_after == Some(sent) {
                state.lock().expect("no test panicked with it").faults.end_after = None;
                return reply.end();
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The answer to one request.
struct Reply {
    respond: SendResponse<Bytes>,
    stream: Option<SendStream<Bytes>>,
}

impl Reply {
    fn read(&mut self, message: &Value) {
        self.send("play.ReadResp", message);
    }

    fn send(&mut self, kind: &str, message: &Value) {
        let kind = PROTOCOL.get_message_by_name(kind).expect("it is in the protocol");
        let message = DynamicMessage::deserialize(kind, message).unwrap_or_else(|e| panic!("{e}: {message}"));
        let bytes = message.encode_to_vec();
        let mut frame = BytesMut::with_capacity(bytes.len() + 5);
        frame.put_u8(0);
        frame.put_u32(u32::try_from(bytes.len()).expect("it is small"));
        frame.extend_from_slice(&bytes);
        if self.stream.is_none() {
            let head = Response::builder().header("content-type", "application/grpc").body(()).expect("a head");
            self.stream = self.respond.send_response(head, false).ok();
        }
        if let Some(stream) = &mut self.stream {
            let _gone = stream.send_data(frame.freeze(), false);
        }
    }

    fn end(mut self) {
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", 0.into());
        match &mut self.stream {
            Some(stream) => {
                let _gone = stream.send_trailers(trailers);
            }
            None => self.fail(0, &[]),
        }
    }

    fn fail(mut self, status: i32, said: &[(&'static str, &str)]) {
        let mut head = Response::builder().header("content-type", "application/grpc").header("grpc-status", status);
        for (name, value) in said {
            head = head.header(*name, *value);
        }
        let _gone = self.respond.send_response(head.body(()).expect("a head"), true);
    }

    /// What was sent arrives, and then the stream breaks.
    async fn cut(mut self) {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if let Some(stream) = &mut self.stream {
            stream.send_reset(Reason::INTERNAL_ERROR);
        }
    }

    fn is_gone(&mut self) -> bool {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        self.stream.as_mut().is_none_or(|stream| stream.poll_reset(&mut context).is_ready())
    }
}
