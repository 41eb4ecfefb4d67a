//! SQS and SNS by moto (`tests/servers/moto.sh`), move tasks by ElasticMQ (`tests/servers/elasticmq.sh`), with what
//! tests write into them over plain HTTP.

mod between;
mod letters;
mod moves;
mod reading;

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::{Value, json};

pub use crate::rabbitmq::{body, cancel, read, said};

/// Any do.
pub const CREDENTIALS: [(&str, &str); 3] =
    [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_EC2_METADATA_DISABLED", "true")];

const REGION: &str = "eu-west-1";

/// Tells a process that was started by [`in_process`] where the server is.
const PORT: &str = "EVENTGLASS_TEST_MOTO_PORT";

pub struct Server {
    pub port: u16,
}

/// Whether this process has credentials, which the SDK takes from its environment. Where it has none the test of this
/// name is run in a process that has.
pub fn in_process(module: &str, test: &str) -> bool {
    if std::env::var_os(PORT).is_some() {
        return true;
    }
    let name = format!("{}::{test}", module.trim_start_matches("brokers::"));
    let ran = Command::new(std::env::current_exe().expect("this program"))
        .args([&name, "--exact", "--nocapture"])
        .envs(CREDENTIALS)
        .env(PORT, server().port.to_string())
        .output()
        .expect("it can be run");
    let told = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success() && told.contains("1 passed"), "{told}");
    false
}

/// One server for all tests of this process.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start("moto", 29_100))
}

/// The one that has move tasks.
pub fn elastic() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start("elasticmq", 28_100))
}

/// A queue, by its URL.
pub struct Queue {
    pub name: String,
    url: String,
    /// Of its server.
    port: u16,
}

impl Server {
    fn start(name: &str, from: u16) -> Self {
        if let Some(port) = std::env::var(PORT).ok().and_then(|port| port.parse().ok()) {
            return Self { port };
        }
        let port = (from..from + 600)
            .map(|port| port + (std::process::id() % 97) as u16)
            .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
            .expect("a free port");
        let dir = std::env::temp_dir().join(format!("eventglass-{name}-{}-{port}", std::process::id()));
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/servers/{name}.sh"));
        let ran = Command::new(script)
            .args(["start", &dir.to_string_lossy(), &port.to_string()])
            .env("OWNER", std::process::id().to_string())
            .output()
            .expect("the script can be run");
        assert!(ran.status.success(), "{name}.sh: {}", String::from_utf8_lossy(&ran.stderr));
        Self { port }
    }

    /// Of a queue, with options of its own: `orders?limit=5`.
    pub fn url(&self, queue: &str) -> String {
        let joint = if queue.contains('?') { '&' } else { '?' };
        format!("sqs://{queue}{joint}region={REGION}&endpoint=http://127.0.0.1:{}&hold=5s", self.port)
    }

    /// A request of SQS's JSON protocol.
    pub fn ask(&self, action: &str, body: Value) -> Value {
        let mut answer = ureq::post(&format!("http://127.0.0.1:{}/", self.port))
            .header("X-Amz-Target", &format!("AmazonSQS.{action}"))
            .header("Authorization", &authorization("sqs"))
            .content_type("application/x-amz-json-1.0")
            .send(body.to_string())
            .unwrap_or_else(|e| panic!("{action}: {e}"));
        answer.body_mut().read_json().unwrap_or(Value::Null)
    }

    /// A request of SNS's query protocol; its answer is XML.
    pub fn ask_sns(&self, parameters: &[(&str, &str)]) -> String {
        let mut answer = ureq::post(&format!("http://127.0.0.1:{}/", self.port))
            .header("Authorization", &authorization("sns"))
            .send_form(parameters.iter().copied())
            .unwrap_or_else(|e| panic!("{parameters:?}: {e}"));
        answer.body_mut().read_to_string().expect("text")
    }

    pub fn queue(&self, name: &str, attributes: Value) -> Queue {
        let made = self.ask("CreateQueue", json!({"QueueName": name, "Attributes": attributes}));
        let url = made["QueueUrl"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
        Queue { name: name.to_owned(), url, port: self.port }
    }

    /// A queue, and the one for its dead letters: `orders` and `orders-dlq`, FIFO where the name says so.
    pub fn with_letters(&self, name: &str) -> (Queue, Queue) {
        let (letters, attributes) = match name.strip_suffix(".fifo") {
            Some(name) => (format!("{name}-dlq.fifo"), json!({"FifoQueue": "true"})),
            None => (format!("{name}-dlq"), json!({})),
        };
        let letters = self.queue(&letters, attributes.clone());
        let policy = json!({"deadLetterTargetArn": letters.arn(), "maxReceiveCount": 1}).to_string();
        let mut attributes = attributes;
        attributes["RedrivePolicy"] = policy.into();
        (self.queue(name, attributes), letters)
    }
}

fn authorization(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20260216/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

impl Queue {
    fn server(&self) -> Server {
        Server { port: self.port }
    }

    pub fn arn(&self) -> String {
        format!("arn:aws:sqs:{REGION}:123456789012:{}", self.name)
    }

    pub fn address(&self) -> String {
        self.server().url(&self.name)
    }

    pub fn send(&self, body: &str, more: Value) {
        let mut request = json!({"QueueUrl": self.url, "MessageBody": body});
        for (name, value) in more.as_object().expect("members") {
            request[name] = value.clone();
        }
        let sent = self.server().ask("SendMessage", request);
        assert!(sent["MessageId"].is_string(), "{sent}");
    }

    /// As a consumer that fails: what it gets is visible again at once.
    pub fn fail_all(&self) {
        for _ in 0..2 {
            let request = json!({"QueueUrl": self.url, "VisibilityTimeout": 0, "MaxNumberOfMessages": 10});
            self.server().ask("ReceiveMessage", request);
        }
    }

    /// All there are, as a consumer gets them; they stay hidden.
    pub fn take_all(&self) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let request = json!({"QueueUrl": self.url, "VisibilityTimeout": 600, "MaxNumberOfMessages": 10,
                "MessageAttributeNames": ["All"], "AttributeNames": ["All"]});
            match self.server().ask("ReceiveMessage", request)["Messages"].as_array() {
                Some(messages) if !messages.is_empty() => all.extend(messages.clone()),
                _ => return all,
            }
        }
    }

    /// Hides all that is there, as a consumer that works on it.
    pub fn hide(&self, seconds: u32) -> usize {
        let request = json!({"QueueUrl": self.url, "VisibilityTimeout": seconds, "MaxNumberOfMessages": 10});
        self.server().ask("ReceiveMessage", request)["Messages"].as_array().map_or(0, Vec::len)
    }

    /// Visible, and held by somebody.
    pub fn counts(&self) -> (u64, u64) {
        let asked = self.server().ask("GetQueueAttributes", json!({"QueueUrl": self.url, "AttributeNames": ["All"]}));
        let number =
            |name: &str| asked["Attributes"][name].as_str().and_then(|text| text.parse().ok()).expect("a number");
        (number("ApproximateNumberOfMessages"), number("ApproximateNumberOfMessagesNotVisible"))
    }
}
