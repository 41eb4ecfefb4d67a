//! A connection to a server or a cluster: each wait bounded, each failure told with what to do.

use std::sync::mpsc::sync_channel;
use std::time::Duration;

use redis::cluster::ClusterConnection;
use redis::cluster_routing::{MultipleNodeRoutingInfo, RoutingInfo, SingleNodeRoutingInfo};
use redis::{
    Client, ClientTlsConfig, Cmd, Connection, ConnectionAddr, ConnectionInfo, ErrorKind, IntoConnectionInfo as _,
    RedisConnectionInfo, RedisError, RedisResult, TlsCertificates, Value, cmd,
};

use super::settings::Settings;
use super::value;
use crate::base::cancel::Cancel;
use crate::input::sources::broker::options::pem;
use crate::input::sources::broker::{place, steps};
use crate::model::error::{Error, Result};

/// Longest wait for each answer of the server.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest wait for a connection.
const ACCEPT: Duration = Duration::from_secs(5);

/// See the module's documentation.
pub(super) struct Link {
    pub settings: Settings,
    nodes: Nodes,
    /// `7.0.15`, empty where the server does not say.
    pub version: String,
    is_lost: bool,
}

enum Nodes {
    One(Box<Connection>),
    Cluster(Box<ClusterConnection>),
}

/// A step that failed.
pub(super) struct Fault {
    pub step: &'static str,
    pub error: Error,
}

impl Link {
    /// # Errors
    /// The step that failed and what to do.
    pub(super) fn connect(settings: &Settings) -> Result<Self> {
        steps::names(&settings.url, &[settings.address()], &Cancel::new())?;
        Self::step_by_step(settings).map_err(|fault| fault.error)
    }

    pub(super) fn step_by_step(settings: &Settings) -> std::result::Result<Self, Fault> {
        let certificates = certificates(settings).map_err(|error| Fault { step: "encryption", error })?;
        let attempt = |settings: &Settings| log_in(settings, certificates.as_ref());
        let (settings, mut one) = match attempt(settings) {
            // A password that was meant for another server is not held against this one.
            Err(error) if settings.password_is_a_guess && refuses_login(&error) => {
                let bare = Settings { password: None, ..settings.clone() };
                let one = attempt(&bare).map_err(|error| refused(&bare, &error))?;
                (bare, one)
            }
            other => (settings.clone(), other.map_err(|error| refused(settings, &error))?),
        };
        let info: String = cmd("INFO").query(&mut one).unwrap_or_default();
        let says = |name: &str| {
            let line = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            line.map(str::trim).unwrap_or_default().to_owned()
        };
        let version = says("redis_version");
        let nodes = if says("cluster_enabled") == "1" {
            if certificates.is_some() {
                let what = "Of a cluster only nodes whose certificates the system trusts can be reached";
                let next_step = "Add the authority to the system's, and leave out ca, certificate and certificate_key";
                return Err(Fault { step: "encryption", error: Error::new(what, place(&settings.url), next_step) });
            }
            let cluster = cluster(&settings).map_err(|cause| {
                let what = "The server is part of a cluster that cannot be reached";
                let next_step = "Check that the addresses of its nodes (CLUSTER NODES) lead there from here";
                let error = Error::new(what, place(&settings.url), next_step).because(words(&cause));
                Fault { step: "metadata", error }
            })?;
            Nodes::Cluster(Box::new(cluster))
        } else {
            Nodes::One(Box::new(one))
        };
        Ok(Self { settings, nodes, version, is_lost: false })
    }

    pub(super) fn is_cluster(&self) -> bool {
        matches!(self.nodes, Nodes::Cluster(_))
    }

    /// One command's answer.
    ///
    /// # Errors
    /// The server's, or the connection's.
    pub(super) fn ask(&mut self, command: &Cmd) -> RedisResult<Value> {
        let answer = match &mut self.nodes {
            Nodes::One(connection) => command.query(connection.as_mut()),
            Nodes::Cluster(connection) => command.query(connection.as_mut()),
        };
        let starts = |code| ["LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN"].contains(&code);
        self.is_lost = answer.as_ref().is_err_and(|failure: &RedisError| {
            failure.is_io_error() || failure.is_connection_dropped() || failure.code().is_some_and(starts)
        });
        answer
    }

    /// Whether the last answer did not come, and may come when it is asked for again.
    pub(super) fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// Many commands' answers in their order. All are written before the first answer is awaited, except in a
    /// cluster. `written` is called in between.
    ///
    /// # Errors
    /// The connection's: then nothing is known of any of them.
    pub(super) fn ask_all(&mut self, commands: &[Cmd], written: impl FnOnce()) -> RedisResult<Vec<RedisResult<Value>>> {
        if commands.is_empty() {
            return Ok(Vec::new());
        }
        match &mut self.nodes {
            Nodes::One(connection) => {
                let packed: Vec<u8> = commands.iter().flat_map(Cmd::get_packed_command).collect();
                connection.send_packed_command(&packed)?;
                written();
                commands.iter().map(|_| told(connection.recv_response())).collect()
            }
            Nodes::Cluster(connection) => {
                let answers = commands.iter().map(|command| told(command.query(connection.as_mut()))).collect();
                written();
                answers
            }
        }
    }

    /// Calls `each` with every name that SCAN gives, of all nodes. It says whether to go on.
    ///
    /// # Errors
    /// The server's, or the connection's.
    pub(super) fn scan(&mut self, pattern: &str, mut each: impl FnMut(Vec<u8>) -> bool) -> RedisResult<()> {
        let scan = |cursor: &[u8]| {
            cmd("SCAN").arg(cursor).arg("MATCH").arg(pattern).arg("COUNT").arg(1000).arg("TYPE").arg("stream").take()
        };
        let mut starts: Vec<(Option<SingleNodeRoutingInfo>, Value)> = Vec::new();
        match &mut self.nodes {
            Nodes::One(connection) => starts.push((None, scan(b"0").query(connection.as_mut())?)),
            Nodes::Cluster(connection) => {
                let all = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
                let answers = connection.route_command(&scan(b"0"), all)?;
                for (address, answer) in value::members(answers) {
                    starts.push((by_address(&address), answer));
                }
            }
        }
        for (node, mut answer) in starts {
            loop {
                let mut parts = value::list(answer).into_iter();
                let cursor = parts.next().and_then(value::bytes).unwrap_or_default();
                for name in parts.next().map(value::list).unwrap_or_default().into_iter().filter_map(value::bytes) {
                    if !each(name) {
                        return Ok(());
                    }
                }
                if cursor.is_empty() || cursor == b"0" {
                    break;
                }
                answer = match (&mut self.nodes, &node) {
                    (Nodes::Cluster(connection), Some(node)) => {
                        connection.route_command(&scan(&cursor), RoutingInfo::SingleNode(node.clone()))?
                    }
                    (Nodes::One(connection), _) => scan(&cursor).query(connection.as_mut())?,
                    (Nodes::Cluster(_), None) => break,
                };
            }
        }
        Ok(())
    }

    /// The failure of something that the server was asked to do.
    pub(super) fn explain(&self, doing: impl AsRef<str>, failure: &RedisError) -> Error {
        let what = format!("Cannot {}", doing.as_ref());
        Error::new(what, place(&self.settings.url), next_step(&self.settings, failure)).because(words(failure))
    }
}

/// Errors of the client's own, behind which nothing is known of what was sent.
fn ends_all(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Parse | ErrorKind::ClusterConnectionNotFound)
}

/// An answer, with errors that the server gave as such. Connections that fail end the whole.
fn told(answer: RedisResult<Value>) -> RedisResult<RedisResult<Value>> {
    match answer.and_then(Value::extract_error) {
        Err(error) if error.is_io_error() || ends_all(error.kind()) => Err(error),
        other => Ok(other),
    }
}

fn by_address(address: &[u8]) -> Option<SingleNodeRoutingInfo> {
    let (host, port) = std::str::from_utf8(address).ok()?.rsplit_once(':')?;
    Some(SingleNodeRoutingInfo::ByAddress { host: host.to_owned(), port: port.parse().ok()? })
}

/// What a failure means for the one who asked.
pub(super) fn next_step(settings: &Settings, failure: &RedisError) -> String {
    match failure.code().unwrap_or_default() {
        "NOPERM" => {
            let user = settings.user.as_deref().unwrap_or("the default user");
            format!("Ask for the permission of {user} (ACL), or log in as somebody else")
        }
        "NOAUTH" => "Give a password: set EVENTGLASS_PASSWORD, or write user:password@ in the address".to_owned(),
        "READONLY" => "The server is a read-only replica: connect to its primary".to_owned(),
        "OOM" => "The server is at its maxmemory: free some, or raise it".to_owned(),
        "MISCONF" => "The server cannot save its data and refuses writes: see its log".to_owned(),
        "NOREPLICAS" => "The server wants more replicas than are there (min-replicas-to-write)".to_owned(),
        "LOADING" | "MASTERDOWN" | "TRYAGAIN" | "CLUSTERDOWN" | "BUSY" => "Wait a moment and try again".to_owned(),
        "MOVED" | "ASK" => {
            "It is a cluster that this user may not be told of (INFO): connect to the node that has the key".to_owned()
        }
        "WRONGTYPE" => "Check the name: another kind of value has it".to_owned(),
        _ if failure.is_io_error() => "Check the connection and try again".to_owned(),
        _ => "See what Redis says".to_owned(),
    }
}

/// A failure in the server's own words.
pub(super) fn words(failure: &RedisError) -> String {
    match (failure.code(), failure.detail()) {
        (Some(code), Some(detail)) => format!("{code} {detail}"),
        _ if failure.is_timeout() => "no answer in time".to_owned(),
        _ => failure.to_string(),
    }
}

fn refuses_login(error: &RedisError) -> bool {
    error.kind() == ErrorKind::AuthenticationFailed || matches!(error.code(), Some("WRONGPASS" | "NOAUTH"))
}

fn info(settings: &Settings) -> RedisResult<ConnectionInfo> {
    let (host, port) = (settings.host.clone(), settings.port);
    let address = if settings.tls {
        ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None }
    } else {
        ConnectionAddr::Tcp(host, port)
    };
    let mut login = RedisConnectionInfo::default()
        .set_db(i64::from(settings.database))
        .set_lib_name("eventglass", env!("CARGO_PKG_VERSION"));
    if let Some(user) = &settings.user {
        login = login.set_username(user);
    }
    if let Some(password) = &settings.password {
        login = login.set_password(password.reveal());
    }
    Ok(address.into_connection_info()?.set_redis_settings(login))
}

fn certificates(settings: &Settings) -> Result<Option<TlsCertificates>> {
    if !settings.tls || settings.ca.is_none() && settings.identity.is_none() {
        return Ok(None);
    }
    let client_tls = match &settings.identity {
        Some((certificate, key)) => Some(ClientTlsConfig { client_cert: pem(certificate)?, client_key: pem(key)? }),
        None => None,
    };
    Ok(Some(TlsCertificates { client_tls, root_cert: settings.ca.as_deref().map(pem).transpose()? }))
}

fn log_in(settings: &Settings, certificates: Option<&TlsCertificates>) -> RedisResult<Connection> {
    let client = match certificates {
        Some(certificates) => Client::build_with_tls(info(settings)?, certificates.clone())?,
        None => Client::open(info(settings)?)?,
    };
    // The library bounds the wait for the connection, and neither for encryption nor for the login: whoever says
    // nothing would hold us for ever. The thread ends when the other side hangs up.
    let (done, answer) = sync_channel(1);
    let attempt = move || {
        let _nobody_waits = done.send(client.get_connection_with_timeout(ACCEPT));
    };
    std::thread::Builder::new().name("eventglass redis".to_owned()).spawn(attempt)?;
    let silent = || std::io::Error::from(std::io::ErrorKind::TimedOut);
    let connection = answer.recv_timeout(ACCEPT + PATIENCE / 2).map_err(|_| silent())??;
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.set_write_timeout(Some(PATIENCE))?;
    Ok(connection)
}

fn cluster(settings: &Settings) -> RedisResult<ClusterConnection> {
    let builder = redis::cluster::ClusterClient::builder([info(settings)?]);
    builder.connection_timeout(ACCEPT).response_timeout(PATIENCE).retries(3).build()?.get_connection()
}

/// Why there is no connection.
fn refused(settings: &Settings, failure: &RedisError) -> Fault {
    let at = || place(&settings.url);
    let fault = |step, what: String, next_step: &str| Fault {
        step,
        error: Error::new(what, at(), next_step).because(words(failure)),
    };
    if refuses_login(failure) {
        let who = settings.user.as_ref().map_or_else(|| "The login".to_owned(), |user| format!("The login of {user}"));
        let next_step = match &settings.password {
            None => "Give a password: set EVENTGLASS_PASSWORD, or write user:password@ in the address",
            Some(_) => "Check user and password; without a user it is the one named default",
        };
        return fault("login", format!("{who} is refused"), next_step);
    }
    if failure.code().is_some() {
        let error = Error::new("Redis refuses the connection", at(), next_step(settings, failure));
        return Fault { step: "login", error: error.because(words(failure)) };
    }
    if failure.is_connection_refusal() {
        let error = steps::unreachable(&settings.url, &[settings.address()], "Redis");
        return Fault { step: "connection", error: error.because(words(failure)) };
    }
    if settings.tls {
        let next_step = "Check the port; for a certificate of your own authority add ca=FILE";
        return fault("encryption", "There is no encrypted connection".to_owned(), next_step);
    }
    let next_step = "Check that it is Redis's port; where it expects encryption write rediss://";
    let what = if failure.is_timeout() { "The server says nothing" } else { "The server hung up" };
    fault("login", what.to_owned(), next_step)
}
