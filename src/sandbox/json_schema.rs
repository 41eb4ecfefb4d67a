//! JSON Schemas (draft 4 to 2020-12), by boon: each event is a value that keeps to the schema or does not. They run
//! here because a hostile schema or pattern can take for ever.
//!
//! The text is `{"schema": SOURCE, "references": {NAME: SOURCE}}`. Nothing else is loaded, and `format` only tells.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::error::Error;
use std::rc::Rc;
use std::sync::Arc;

use boon::{Compiler, SchemaIndex, Schemas, UrlLoader, ValidationError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::child::{Complaint, Engine, Folded, Outbox, Pulse};
use super::protocol::{Reply, Run};

/// What [`super::Language::JsonSchema`] takes as its text, as JSON.
#[derive(Debug, Serialize, Deserialize)]
pub struct Sources<'a> {
    pub schema: std::borrow::Cow<'a, str>,
    pub references: std::borrow::Cow<'a, BTreeMap<String, String>>,
}

/// Where a schema is that does not say so itself; nothing is there.
const BASE: &str = "http://schema.invalid/";

/// Most reasons that are told of one value.
const TOLD: usize = 3;

pub struct JsonSchema {
    schemas: Schemas,
    root: SchemaIndex,
    outbox: Rc<RefCell<Outbox>>,
    pulse: Arc<Pulse>,
}

/// The sources that were given, by all names that they go by.
struct Given(BTreeMap<String, Value>);

impl UrlLoader for Given {
    fn load(&self, url: &str) -> Result<Value, Box<dyn Error>> {
        let plain = url.trim_end_matches('#');
        let found = [plain, plain.strip_prefix(BASE).unwrap_or(plain), plain.rsplit('/').next().unwrap_or(plain)]
            .into_iter()
            .find_map(|name| self.0.get(name));
        found.cloned().ok_or_else(|| format!("{} is not there", plain.strip_prefix(BASE).unwrap_or(plain)).into())
    }
}

impl JsonSchema {
    /// # Errors
    /// What is wrong with the schema.
    pub fn compile(text: &str, pulse: &Arc<Pulse>, outbox: &Rc<RefCell<Outbox>>) -> Result<Self, Complaint> {
        let sources: Sources<'_> = serde_json::from_str(text).map_err(|cause| Complaint::new(cause.to_string()))?;
        let read = |text: &str| serde_json::from_str::<Value>(text).map_err(|cause| Complaint::new(cause.to_string()));
        let main = read(&sources.schema)?;
        let mut given = BTreeMap::new();
        for (name, source) in &*sources.references {
            let source = read(source)?;
            if let Some(id) = source.get("$id").and_then(Value::as_str) {
                given.insert(id.trim_end_matches('#').to_owned(), source.clone());
            }
            given.insert(name.clone(), source);
        }
        let mut compiler = Compiler::new();
        compiler.use_loader(Box::new(Given(given)));
        let at = format!("{BASE}schema.json");
        let mut schemas = Schemas::new();
        let compiled = compiler.add_resource(&at, main).and_then(|()| compiler.compile(&at, &mut schemas));
        let root = compiled.map_err(|cause| Complaint::new(cause.to_string().replace(BASE, "")))?;
        Ok(Self { schemas, root, outbox: outbox.clone(), pulse: pulse.clone() })
    }

    fn check(&self, event: &[u8]) -> Result<(), String> {
        let value: Value = serde_json::from_slice(event).map_err(|cause| format!("the value is no JSON: {cause}"))?;
        self.schemas.validate(&value, self.root).map_err(|error| reasons(&error))
    }
}

/// Those furthest inside say what is wrong; those around them only that something is.
fn reasons(error: &ValidationError<'_, '_>) -> String {
    let (mut leaves, mut todo) = (Vec::new(), vec![error]);
    while let Some(error) = todo.pop() {
        if error.causes.is_empty() {
            leaves.push(error);
        }
        todo.extend(error.causes.iter().rev());
    }
    let one = |leaf: &&ValidationError<'_, '_>| {
        let place = leaf.instance_location.to_string();
        if place.is_empty() { leaf.kind.to_string() } else { format!("at {place}: {}", leaf.kind) }
    };
    let mut words = leaves.iter().take(TOLD).map(one).collect::<Vec<_>>().join("; ");
    if let Some(more) = leaves.len().checked_sub(TOLD).filter(|more| *more > 0) {
        words.push_str(&format!("; {more} more"));
    }
    words
}

impl Engine for JsonSchema {
    fn initial(&self) -> &'static str {
        "null"
    }

    fn histories(&self) -> &[String] {
        &[]
    }

    fn fold(&mut self, run: &Run) -> Result<Folded, Complaint> {
        let mut start = 1;
        for (at, length) in run.lengths.iter().enumerate() {
            let at = at as u32;
            self.pulse.begin(at);
            if run.careful {
                self.outbox.borrow_mut().tell_now(&Reply::At(at));
            }
            let end = start + *length as usize;
            let checked = self.check(run.events.get(start..end).unwrap_or_default());
            start = end + 1;
            if let Err(message) = checked {
                self.outbox.borrow_mut().tell(&Reply::Failed { at, message, line: 0 });
            }
        }
        Ok(Folded::default())
    }
}
