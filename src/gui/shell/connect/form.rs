//! What a person fills in, and the address that it makes.

use super::bodies_form::BodiesForm;
use crate::input::sources::broker::{AwsName, Url};
use crate::model::secret::Secret;

/// Kinds of systems, as the form knows them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum System {
    #[default]
    Kafka,
    RabbitMq,
    Redis,
    Postgres,
    Kurrent,
    Sqs,
}

impl System {
    pub const ALL: &[Self] = &[
        Self::Kafka,
        Self::RabbitMq,
        Self::Redis,
        Self::Postgres,
        #[cfg(feature = "kurrent")]
        Self::Kurrent,
        #[cfg(feature = "aws")]
        Self::Sqs,
    ];

    fn of(scheme: &str) -> Self {
        match scheme {
            "amqp" | "amqps" => Self::RabbitMq,
            "redis" | "rediss" => Self::Redis,
            "postgres" | "postgresql" => Self::Postgres,
            "sqs" | "sns" => Self::Sqs,
            scheme if Url::is_kurrent(scheme) => Self::Kurrent,
            _ => Self::Kafka,
        }
    }

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Kafka => "Kafka",
            Self::RabbitMq => "RabbitMQ",
            Self::Redis => "Redis Streams",
            Self::Postgres => "PostgreSQL",
            Self::Kurrent => "KurrentDB",
            Self::Sqs => "AWS SQS",
        }
    }

    /// One of what it holds, and several.
    #[must_use]
    pub fn places(self) -> (&'static str, &'static str) {
        match self {
            Self::Kafka => ("topic", "topics"),
            Self::RabbitMq | Self::Sqs => ("queue", "queues"),
            Self::Redis | Self::Kurrent => ("stream", "streams"),
            Self::Postgres => ("table", "tables"),
        }
    }

    #[must_use]
    pub fn usual_host(self) -> &'static str {
        match self {
            Self::Kafka => "localhost:9092",
            Self::RabbitMq => "localhost:5672",
            Self::Redis => "localhost:6379",
            Self::Postgres => "localhost:5432",
            Self::Kurrent => "localhost:2113",
            Self::Sqs => "eu-central-1, or as configured",
        }
    }
}

/// Which of the messages are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Window {
    /// The newest of each partition, or the first of a queue.
    #[default]
    Some,
    /// From a time on.
    From,
    /// All there are.
    All,
    /// Only what comes from now on.
    Live,
    /// Only what a consumer group has got and not acknowledged; in KurrentDB what it has parked.
    Pending,
}

impl Window {
    /// Those that a system has.
    #[must_use]
    pub fn of(system: System) -> &'static [(Self, &'static str)] {
        match system {
            System::Kafka | System::Postgres => {
                &[(Self::Some, "Newest"), (Self::From, "From a time"), (Self::All, "All"), (Self::Live, "From now on")]
            }
            System::RabbitMq | System::Sqs => &[(Self::Some, "First"), (Self::All, "All")],
            System::Redis => &[
                (Self::Some, "Newest"),
                (Self::From, "From a time"),
                (Self::All, "All"),
                (Self::Live, "From now on"),
                (Self::Pending, "Stuck in a group"),
            ],
            System::Kurrent => &[
                (Self::Some, "Newest"),
                (Self::From, "From a time"),
                (Self::All, "All"),
                (Self::Live, "From now on"),
                (Self::Pending, "Parked by a group"),
            ],
        }
    }
}

/// How a Kafka client says who it is (`sasl.mechanism`).
pub const MECHANISMS: [&str; 3] = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"];

/// See the module's documentation.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    pub system: System,
    /// In AWS the region.
    pub hosts: String,
    /// Of AWS, as in its files.
    pub profile: String,
    pub vhost: String,
    /// Of Redis a number, of PostgreSQL a name.
    pub database: String,
    pub user: String,
    pub password: String,
    /// Also in the system's key store.
    pub keep_password: bool,
    pub tls: bool,
    pub mechanism: usize,
    /// Names of topics or queues, with commas between them.
    pub places: String,
    pub window: Window,
    pub newest: String,
    pub from: String,
    pub bodies: BodiesForm,
    /// Of an event store, where not all of it is read.
    pub stream: String,
    pub category: String,
    /// Whose pending entries are read, how long idle and how often delivered they are at least.
    pub group: String,
    pub idle: String,
    pub deliveries: String,
    /// More settings, `name=value` a line: librdkafka's, options of the address behind a `?`; for others options
    /// of the address.
    pub properties: String,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            system: System::default(),
            hosts: String::new(),
            profile: String::new(),
            vhost: "/".to_owned(),
            database: String::new(),
            user: String::new(),
            password: String::new(),
            keep_password: false,
            tls: false,
            mechanism: 0,
            places: String::new(),
            window: Window::default(),
            newest: "10000".to_owned(),
            from: String::new(),
            bodies: BodiesForm::default(),
            stream: String::new(),
            category: String::new(),
            group: String::new(),
            idle: "5m".to_owned(),
            deliveries: "1".to_owned(),
            properties: String::new(),
        }
    }
}

const PROPERTY: &str = "property.";

impl Form {
    /// The form that makes `url`; what has no field in it is a setting.
    #[must_use]
    pub fn of(url: &Url) -> Self {
        let system = System::of(&url.scheme);
        let kafka = system == System::Kafka;
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let first = || url.path.first().cloned().unwrap_or_default();
        let (vhost, database, rest) = match system {
            System::RabbitMq if !url.path.is_empty() => (first(), String::new(), 1),
            System::Postgres if !url.path.is_empty() => ("/".to_owned(), first(), 1),
            System::Redis if is_number(&first()) => ("/".to_owned(), first(), 1),
            _ => ("/".to_owned(), String::new(), 0),
        };
        let places = url.path.get(rest..).unwrap_or_default().join("/");
        let mut form = Self {
            system,
            hosts: url.hosts.join(","),
            vhost,
            database,
            user: url.user.clone().unwrap_or_default(),
            password: url.password.as_ref().map(|password| password.reveal().to_owned()).unwrap_or_default(),
            // KurrentDB's client encrypts unless it is told not to.
            tls: matches!(url.scheme.as_str(), "amqps" | "rediss") || system == System::Kurrent,
            places,
            window: Window::All,
            bodies: BodiesForm::of(&url.bodies),
            ..Self::default()
        };
        if let Some(aws) = AwsName::of(url) {
            form.hosts = aws.region.unwrap_or_default();
            form.places = aws.name.unwrap_or_default();
            form.window = Window::Some;
            "1000".clone_into(&mut form.newest);
        }
        let of_topics = url.bodies.options.iter().filter(|(name, _)| name.contains('.'));
        for (name, value) in url.query.iter().chain(of_topics) {
            match (name.as_str(), value.as_str()) {
                ("region", _) if system == System::Sqs => {}
                ("profile", name) if system == System::Sqs => name.clone_into(&mut form.profile),
                ("limit", "all") => form.window = Window::All,
                ("newest" | "limit", number) => (form.window, form.newest) = (Window::Some, number.to_owned()),
                ("from", time) => (form.window, form.from) = (Window::From, time.to_owned()),
                ("live", _) => form.window = Window::Live,
                ("pending" | "parked", group) => (form.window, form.group) = (Window::Pending, group.to_owned()),
                ("idle", time) => time.clone_into(&mut form.idle),
                ("deliveries", number) => number.clone_into(&mut form.deliveries),
                ("tls", value) => form.tls = value != "false",
                ("sslmode", "verify-full") => form.tls = true,
                ("table", name) => form.toggle(name),
                ("stream", name) if system == System::Postgres => name.clone_into(&mut form.stream),
                ("category", name) if system == System::Postgres => name.clone_into(&mut form.category),
                ("sasl", value) if MECHANISMS.contains(&value) => {
                    form.mechanism = MECHANISMS.iter().position(|known| *known == value).unwrap_or(0);
                }
                (name, value) => {
                    let name = match (name.strip_prefix(PROPERTY), kafka) {
                        (Some(name), _) => name.to_owned(),
                        (None, true) => format!("?{name}"),
                        (None, false) => name.to_owned(),
                    };
                    form.properties.push_str(&format!("{name}={value}\n"));
                }
            }
        }
        form
    }

    /// The address of the system, without topics or queues.
    ///
    /// # Errors
    /// Which field is missing or wrong.
    pub fn server(&self) -> Result<Url, String> {
        let hosts = self.hosts.trim();
        if self.system == System::Sqs {
            return self.aws();
        }
        if hosts.is_empty() {
            return Err("Name a host".to_owned());
        }
        let scheme = match (self.system, self.tls) {
            (System::Kafka, _) => "kafka",
            (System::RabbitMq, false) => "amqp",
            (System::RabbitMq, true) => "amqps",
            (System::Redis, false) => "redis",
            (System::Redis, true) => "rediss",
            (System::Postgres, _) => "postgres",
            (System::Kurrent, _) => "kurrentdb",
            (System::Sqs, _) => "sqs",
        };
        let mut url = Url::parse(&format!("{scheme}://{hosts}")).map_err(|error| error.summary)?;
        if !url.path.is_empty() || !url.query.is_empty() || url.user.is_some() {
            return Err("Hosts only: host:port, with commas between them".to_owned());
        }
        let user = self.user.trim();
        if !user.is_empty() {
            url.user = Some(user.to_owned());
        }
        // Redis has passwords without users.
        if !self.password.is_empty() && (url.user.is_some() || self.system == System::Redis) {
            url.password = Some(Secret::new(self.password.as_str()));
        }
        match self.system {
            System::RabbitMq => url.path.push(if self.vhost.is_empty() { "/".to_owned() } else { self.vhost.clone() }),
            System::Redis => match self.database.trim() {
                "" | "0" => {}
                number if number.bytes().all(|byte| byte.is_ascii_digit()) => url.path.push(number.to_owned()),
                _ => return Err("The database is no number".to_owned()),
            },
            System::Postgres => {
                url.path.extend(Some(self.database.trim().to_owned()).filter(|name| !name.is_empty()));
                if self.tls {
                    url.query.push(("sslmode".to_owned(), "verify-full".to_owned()));
                }
            }
            System::Kurrent if !self.tls => url.query.push(("tls".to_owned(), "false".to_owned())),
            System::Kurrent | System::Sqs => {}
            System::Kafka => {
                if self.tls {
                    url.query.push(("tls".to_owned(), "true".to_owned()));
                }
                if let (true, Some(mechanism)) =
                    (url.user.is_some() && self.mechanism > 0, MECHANISMS.get(self.mechanism))
                {
                    url.query.push(("sasl".to_owned(), (*mechanism).to_owned()));
                }
            }
        }
        self.add_settings(&mut url)?;
        Ok(url)
    }

    /// All queues of a region, with the login of a profile or of the environment.
    fn aws(&self) -> Result<Url, String> {
        let mut url = Url::parse("sqs://*").map_err(|error| error.summary)?;
        for (name, value) in [("region", self.hosts.trim()), ("profile", self.profile.trim())] {
            if !value.is_empty() {
                url.query.push((name.to_owned(), value.to_owned()));
            }
        }
        self.add_settings(&mut url)?;
        Ok(url)
    }

    fn add_settings(&self, url: &mut Url) -> Result<(), String> {
        for line in self.properties.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (name, value) = line.split_once('=').ok_or_else(|| format!("A setting is name=value: {line}"))?;
            let (name, value) = (name.trim(), value.trim());
            let name = match (name.strip_prefix('?'), self.system) {
                (Some(name), _) => name.to_owned(),
                (None, System::Kafka) => format!("{PROPERTY}{name}"),
                (None, _) => name.to_owned(),
            };
            url.add_option(name, value.to_owned());
        }
        self.bodies.add_to(&mut url.bodies);
        url.bodies.check().map_err(|error| error.summary)?;
        Ok(())
    }

    /// Of the topics or queues that are to be read.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.places.split(',').map(str::trim).filter(|name| !name.is_empty())
    }

    /// One address for each topic or queue; Kafka's topics share one, and so do Redis's streams.
    ///
    /// # Errors
    /// Which field is missing or wrong.
    pub fn urls(&self) -> Result<Vec<Url>, String> {
        let mut server = self.server()?;
        let names: Vec<&str> = self.names().collect();
        // Known stores are found by their columns; KurrentDB has a stream of all events.
        if names.is_empty() && !matches!(self.system, System::Postgres | System::Kurrent) {
            return Err(format!("Name a {}, or choose one from the list", self.system.places().0));
        }
        let number = || match self.newest.trim().replace([',', ' '], "").parse::<u64>() {
            Ok(number) if number > 0 => Ok(number.to_string()),
            _ => Err("The number of messages is no number above 0".to_owned()),
        };
        let option = match (self.window, self.system) {
            (Window::Some, System::Kafka | System::Redis | System::Postgres | System::Kurrent) => {
                Some(("newest", number()?))
            }
            (Window::Some, System::RabbitMq | System::Sqs) => Some(("limit", number()?)),
            (Window::From, _) if self.from.trim().is_empty() => {
                return Err("Give a time: 2026-02-16T10:00Z, or 2h for two hours ago".to_owned());
            }
            (Window::From, _) => Some(("from", self.from.trim().to_owned())),
            (Window::Live, _) => Some(("live", "true".to_owned())),
            (Window::Pending, _) if self.group.trim().is_empty() => {
                return Err("Name the group whose entries are stuck, or * for all".to_owned());
            }
            (Window::Pending, System::Kurrent) => Some(("parked", self.group.trim().to_owned())),
            (Window::Pending, _) => {
                let rules = [("idle", self.idle.trim()), ("deliveries", self.deliveries.trim())];
                let said = rules.into_iter().filter(|(_, value)| !value.is_empty());
                server.query.push(("pending".to_owned(), self.group.trim().to_owned()));
                server.query.extend(said.map(|(name, value)| (name.to_owned(), value.to_owned())));
                None
            }
            (Window::All, System::Kafka | System::Redis | System::Postgres | System::Kurrent) => None,
            (Window::All, System::RabbitMq | System::Sqs) => Some(("limit", "all".to_owned())),
        };
        server.query.extend(option.map(|(name, value)| (name.to_owned(), value)));
        if self.system == System::Postgres {
            let only = [("stream", self.stream.trim()), ("category", self.category.trim())];
            let said = only.into_iter().filter(|(_, value)| !value.is_empty());
            server.query.extend(said.map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
        // A stream that is named like a number would be the database.
        if self.system == System::Redis && server.path.is_empty() && names.concat().bytes().all(|b| b.is_ascii_digit())
        {
            server.path.push("0".to_owned());
        }
        let with = |name: &str| {
            let mut url = server.clone();
            if self.system == System::Sqs {
                url.hosts = vec![name.to_owned()];
            } else {
                url.path.push(name.to_owned());
            }
            url
        };
        Ok(match self.system {
            System::Kafka | System::Redis => vec![with(&names.join(","))],
            System::Kurrent if names.is_empty() => vec![server],
            System::RabbitMq | System::Sqs | System::Kurrent => names.iter().map(|name| with(name)).collect(),
            System::Postgres if names.is_empty() => vec![server],
            System::Postgres => {
                let of_table = |name: &&str| {
                    let mut url = server.clone();
                    url.query.push(("table".to_owned(), (*name).to_owned()));
                    url
                };
                names.iter().map(of_table).collect()
            }
        })
    }

    /// Adds a topic or queue to those that are read, or takes it out.
    pub fn toggle(&mut self, name: &str) {
        let mut names: Vec<&str> = self.names().collect();
        match names.iter().position(|known| *known == name) {
            Some(at) => drop(names.remove(at)),
            None => names.push(name),
        }
        self.places = names.join(", ");
    }

    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.names().any(|known| known == name)
    }
}

#[cfg(test)]
mod tests;
