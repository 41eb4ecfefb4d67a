//! What becomes of the state when events arrive twice, not at all or late? Seeded, and reported with the
//! smallest example: where a team needs a table of processed events, or partition keys.

mod draw;
mod model;
mod report;

pub use draw::DeliveryPanel;
