//! Against real servers. Each is started once, by a script in `tests/servers`, when the first test needs it,
//! and ends with this process, however that ends. Where none can be started the tests fail.

mod golden;
mod kafka;
#[cfg(feature = "kurrent-tests")]
mod kurrent;
mod postgres;
mod program;
mod rabbitmq;
mod redis;
mod registry;
mod requeue;
#[cfg(feature = "aws")]
mod sqs;
