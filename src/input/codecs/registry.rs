//! A schema registry with Confluent's API (Confluent, Karapace, Apicurio under `/apis/ccompat/v7`, Redpanda): each
//! schema is asked for once. What is not there is asked for again after a while, and a registry that is silent
//! is left alone for a while, so that reading goes on.
//!
//! Paths and members: <https://docs.confluent.io/platform/current/schema-registry/develop/api.html>.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rapidhash::RapidHashMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};

use super::avro::AvroSchema;
use super::protobuf::ProtoSchema;
use super::schemas::{JsonSchema, title};
use super::settings::RegistryAt;
use super::{SchemaName, Why};
use crate::base::sync::lock;
use crate::model::secret::Secret;

/// Longest wait for each answer.
const PATIENCE: Duration = Duration::from_secs(6);
const CONNECT: Duration = Duration::from_secs(3);

/// How long a refusal holds, and how long a silent registry is left alone.
const AGAIN: Duration = Duration::from_secs(30);

const MAX_ANSWER_BYTES: u64 = 8 << 20;

/// Most schemas that one may refer to, in all.
const MAX_REFERENCES: usize = 300;

/// See the module's documentation.
pub(super) struct Registry {
    agent: ureq::Agent,
    base: String,
    /// `Basic …`
    login: Option<Secret>,
    known: Mutex<RapidHashMap<u32, Known>>,
    silent: Mutex<Option<(Instant, Why)>>,
    /// What a person should be told, once.
    news: Mutex<Option<Why>>,
    told: Mutex<bool>,
}

type Known = (Result<Arc<Schema>, Why>, Instant);

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry").field("base", &self.base).finish_non_exhaustive()
    }
}

/// A schema, ready for reading.
#[derive(Debug)]
pub(super) struct Schema {
    pub name: SchemaName,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Avro(AvroSchema),
    Protobuf(ProtoSchema),
    Json(Arc<JsonSchema>),
}

impl Schema {
    pub fn kind(&self) -> &'static str {
        match self.kind {
            Kind::Avro(_) => "Avro",
            Kind::Protobuf(_) => "Protobuf",
            Kind::Json(_) => "JSON Schema",
        }
    }

    pub fn json(&self) -> Option<&Arc<JsonSchema>> {
        match &self.kind {
            Kind::Json(schema) => Some(schema),
            _ => None,
        }
    }

    pub fn avro(&self) -> Result<&AvroSchema, Why> {
        match &self.kind {
            Kind::Avro(schema) => Ok(schema),
            _ => Err(format!("its schema is {}", self.kind())),
        }
    }

    pub fn protobuf(&self) -> Result<&ProtoSchema, Why> {
        match &self.kind {
            Kind::Protobuf(schema) => Ok(schema),
            _ => Err(format!("its schema is {}", self.kind())),
        }
    }
}

/// `/schemas/ids/{id}` and `/subjects/{subject}/versions/{version}`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Text {
    schema: String,
    schema_type: Option<String>,
    #[serde(default)]
    references: Vec<Reference>,
}

#[derive(Clone, Deserialize)]
struct Reference {
    /// As the schema names it: a full name in Avro, a path in Protobuf.
    name: String,
    subject: String,
    version: u32,
}

/// One of `/schemas/ids/{id}/versions`
#[derive(Deserialize)]
struct Version {
    subject: String,
    version: u32,
}

enum Trouble {
    /// It answered, and that is the answer.
    Refused(Why),
    /// Nobody answered, or not as a registry.
    Silent(Why),
}

impl Registry {
    pub fn new(at: &RegistryAt) -> Self {
        let tls = TlsConfig::builder().provider(TlsProvider::NativeTls).root_certs(RootCerts::PlatformVerifier).build();
        let agent = ureq::Agent::config_builder()
            .tls_config(tls)
            .timeout_global(Some(PATIENCE))
            .timeout_connect(Some(CONNECT))
            .http_status_as_error(false)
            // The password goes to the named server and nowhere else.
            .proxy(None)
            .max_redirects(0)
            .build()
            .new_agent();
        let login = at.user.as_ref().map(|user| {
            let password = at.password.as_ref().map_or("", Secret::reveal);
            Secret::new(format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
        });
        Self {
            agent,
            base: at.base.clone(),
            login,
            known: Mutex::default(),
            silent: Mutex::default(),
            news: Mutex::default(),
            told: Mutex::default(),
        }
    }

    /// Asks the registry where the schema is not known yet, so it may take seconds.
    ///
    /// # Errors
    /// Why it cannot be had.
    pub fn schema(&self, id: u32) -> Result<Arc<Schema>, Why> {
        if let Some((known, since)) = lock(&self.known).get(&id)
            && (known.is_ok() || since.elapsed() < AGAIN)
        {
            return known.clone();
        }
        if let Some((since, why)) = &*lock(&self.silent)
            && since.elapsed() < AGAIN
        {
            return Err(why.clone());
        }
        let answer = match self.fetch(id) {
            Err(Trouble::Silent(why)) => {
                *lock(&self.silent) = Some((Instant::now(), why.clone()));
                if !std::mem::replace(&mut *lock(&self.told), true) {
                    *lock(&self.news) = Some(why.clone());
                }
                return Err(why);
            }
            Err(Trouble::Refused(why)) => Err(why),
            Ok(schema) => Ok(Arc::new(schema)),
        };
        lock(&self.known).insert(id, (answer.clone(), Instant::now()));
        answer
    }

    /// Whether it answers and takes the login.
    ///
    /// # Errors
    /// Why not.
    pub fn test(&self) -> Result<String, Why> {
        match self.get::<Vec<String>>("subjects") {
            Ok(subjects) => {
                let found = crate::base::text::plural(subjects.len() as u64, "subject", "subjects");
                Ok(format!("{} has {found}", self.base))
            }
            Err(Trouble::Silent(why) | Trouble::Refused(why)) => Err(why),
        }
    }

    /// What a person should know of it and was not told yet.
    pub fn news(&self) -> Option<Why> {
        lock(&self.news).take()
    }

    fn fetch(&self, id: u32) -> Result<Schema, Trouble> {
        let text: Text = self.get(&format!("schemas/ids/{id}"))?;
        // Its name and version are good to know and nothing more.
        let versions: Vec<Version> = self.get(&format!("schemas/ids/{id}/versions")).unwrap_or_default();
        let newest = versions.into_iter().max_by_key(|version| version.version);
        let kind = text.schema_type.clone().unwrap_or_else(|| "AVRO".to_owned());
        let (name, kind) = match kind.as_str() {
            "AVRO" => {
                let mut referenced = Vec::new();
                self.references(&text.references, &mut BTreeSet::new(), &mut |_, source| referenced.push(source))?;
                let schema = AvroSchema::parse(&text.schema, &referenced).map_err(Trouble::Refused)?;
                (schema.name.clone(), Kind::Avro(schema))
            }
            "PROTOBUF" => {
                let mut sources = self.sources(&text.references)?;
                let main = format!("schema-{id}.proto");
                sources.insert(main.clone(), text.schema);
                let schema = ProtoSchema::parse(&main, sources).map_err(Trouble::Refused)?;
                (schema.name(), Kind::Protobuf(schema))
            }
            "JSON" => {
                let references = self.sources(&text.references)?;
                let schema = JsonSchema { name: title(&text.schema), text: text.schema, references };
                (schema.name.clone(), Kind::Json(Arc::new(schema)))
            }
            other => return Err(Trouble::Refused(format!("its kind is {other}, which is not known"))),
        };
        let (subject, version) = newest.map(|newest| (newest.subject, newest.version)).unzip();
        Ok(Schema { name: SchemaName { name, id: Some(id), subject, version }, kind })
    }

    /// The sources that are referred to, by the names under which that is done.
    fn sources(&self, references: &[Reference]) -> Result<BTreeMap<String, String>, Trouble> {
        let mut sources = BTreeMap::new();
        self.references(references, &mut BTreeSet::new(), &mut |name, source| {
            sources.insert(name.to_owned(), source);
        })?;
        Ok(sources)
    }

    /// Gives the sources that are referred to, those that others refer to first.
    fn references(
        &self,
        references: &[Reference],
        seen: &mut BTreeSet<(String, u32)>,
        found: &mut dyn FnMut(&str, String),
    ) -> Result<(), Trouble> {
        for reference in references {
            if !seen.insert((reference.subject.clone(), reference.version)) {
                continue;
            }
            if seen.len() > MAX_REFERENCES {
                return Err(Trouble::Refused(format!("it refers to more than {MAX_REFERENCES} others")));
            }
            let subject = utf8_percent_encode(&reference.subject, NON_ALPHANUMERIC);
            let text: Text = self.get(&format!("subjects/{subject}/versions/{}", reference.version))?;
            self.references(&text.references, seen, found)?;
            found(&reference.name, text.schema);
        }
        Ok(())
    }

    fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Trouble> {
        let mut request = self.agent.get(format!("{}/{path}", self.base));
        request = request.header("Accept", "application/vnd.schemaregistry.v1+json, application/json");
        if let Some(login) = &self.login {
            request = request.header("Authorization", login.reveal());
        }
        let silent = |cause: String| Trouble::Silent(format!("the registry at {} does not answer: {cause}", self.base));
        let mut answer = request.call().map_err(|cause| silent(cause.to_string()))?;
        match answer.status().as_u16() {
            200 => {}
            401 | 403 => return Err(Trouble::Silent(format!("the registry at {} refuses the login", self.base))),
            404 => return Err(Trouble::Refused("the registry does not know it".to_owned())),
            status if status < 500 => return Err(Trouble::Refused(format!("the registry answers {status}"))),
            status => return Err(silent(format!("status {status}"))),
        }
        let read = answer.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_json();
        read.map_err(|cause| Trouble::Refused(format!("the registry's answer cannot be read: {cause}")))
    }
}
