//! Named places at which a test ends the program as a power cut would. Nothing happens unless the
//! environment says so: `EVENTGLASS_CRASH_AT=journal.sending.after`, with `:3` behind it at the third pass.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The variable that is looked for, once.
const VARIABLE: &str = "EVENTGLASS_CRASH_AT";

static AT: OnceLock<Option<(String, AtomicU32)>> = OnceLock::new();

/// Ends the process here, without any cleaning up, where the environment names this point.
pub fn point(name: &str) {
    let Some((at, passes_left)) = AT.get_or_init(asked) else { return };
    if at == name && passes_left.fetch_sub(1, Ordering::Relaxed) == 1 {
        std::process::abort();
    }
}

fn asked() -> Option<(String, AtomicU32)> {
    let text = std::env::var(VARIABLE).ok().filter(|text| !text.is_empty())?;
    let counted = text.rsplit_once(':').and_then(|(name, n)| Some((name.to_owned(), n.parse().ok()?)));
    let (name, passes) = counted.unwrap_or((text, 1));
    Some((name, AtomicU32::new(passes)))
}
