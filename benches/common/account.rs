//! A log that is the long life of one account: `account:acc-1`.

use std::io::Write as _;
use std::path::Path;

/// The state of such an account.
pub const RULES: &str = "start balance = 0
on AccountOpened
  balance = initialBalance
  owner = owner
on MoneyDeposited
  balance += amount
on MoneyWithdrawn
  balance -= amount
";

/// One account's deposits and withdrawals, between them other events.
pub fn write(events: u32, path: &Path) -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::fs::File::create(path)?);
    for i in 0..events {
        let (name, data) = match i {
            0 => ("AccountOpened", "{\"initialBalance\":1000,\"owner\":\"Ada\"}".to_owned()),
            _ if i % 3 == 0 => ("MoneyWithdrawn", format!("{{\"amount\":{}.25}}", i % 17)),
            _ => ("MoneyDeposited", format!("{{\"amount\":{}.50}}", i % 13)),
        };
        let (minute, second) = (i / 60 % 60, i % 60);
        let (day, hour) = (1 + i / 86_400 % 28, i / 3_600 % 24);
        writeln!(
            out,
            "{{\"eventType\":\"{name}\",\"eventId\":\"evt-{i:08}\",\"timestamp\":\"2026-02-{day:02}T{hour:02}:{minute:02}:{second:02}.000Z\",\
             \"entityType\":\"account\",\"aggregateId\":\"acc-1\",\"version\":{},\"data\":{data}}}",
            i + 1
        )?;
    }
    out.flush()
}
