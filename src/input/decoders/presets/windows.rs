//! Windows event logs as shippers write them, Sysmon's among them. The machine's `EventTime` is local
//! time without a zone, so the shipper's instant comes first; a process and its parent share an id,
//! by which a child is found from its parent.

use super::{Entity, Preset};
use crate::model::mapping::TimeUnit::Auto;

pub const PRESET: Preset = Preset {
    name: "windows",
    label: "Windows event log",
    marks: &["/EventID", "/Channel", "/SourceName /ProviderGuid /Provider /Hostname"],
    type_name: &["{/Channel}:{/EventID}"],
    id: &["{/Hostname}/{/Channel}/{/RecordNumber}"],
    time: &[("/@timestamp", Auto), ("/TimeCreated", Auto), ("/UtcTime", Auto), ("/EventTime", Auto)],
    entities: &[Entity::of("process", "/ProcessGuid")],
    correlation: &["/ProcessGuid", "/ParentProcessGuid", "/LogonId", "/SubjectLogonId", "/TargetLogonId"],
    service: &["/Hostname", "/Computer"],
    ..Preset::NONE
};
