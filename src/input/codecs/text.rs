//! Plain text: one string. Where nobody asks for it, text stays what it is and needs no decoding, unless it was
//! packed.

use serde_json::value::RawValue;

use super::{Codec, Found, Input, Tree, Why};

pub(super) struct Text;

impl Codec for Text {
    fn name(&self) -> &'static str {
        "text"
    }

    fn option(&self) -> &'static str {
        "text"
    }

    fn content_types(&self) -> &'static [&'static str] {
        &["text/plain"]
    }

    fn decode(&self, body: &Input<'_>, tree: &mut Tree) -> Result<Found, Why> {
        if body.asked {
            tree.text(&String::from_utf8_lossy(body.bytes))?;
            return Ok(Found::default());
        }
        match std::str::from_utf8(body.bytes) {
            Err(_) => Err("not UTF-8".to_owned()),
            Ok(text) if text.contains(|c: char| c.is_control() && !c.is_whitespace()) => {
                Err("it holds control characters".to_owned())
            }
            Ok(text) => tree.text(text).map(|()| Found::default()),
        }
    }

    fn encode(&self, body: &Input<'_>, json: &RawValue) -> Result<Vec<u8>, Why> {
        if std::str::from_utf8(body.bytes).is_err() {
            return Err("it is no UTF-8, so its other bytes would be lost".to_owned());
        }
        serde_json::from_str::<String>(json.get()).map(String::into_bytes).map_err(|_| "a text belongs here".to_owned())
    }
}
