//! How far an attempt has got.

use std::fmt;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

/// In the order of a good attempt; the last three are its other ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Nothing was sent.
    Planned,
    /// Nothing was sent; nobody else may.
    Claimed,
    /// It may have been sent.
    Sending,
    /// The broker has it; its letter is still there.
    Confirmed,
    /// Its letter is gone, or marked as handled, or belongs to nobody.
    Settled,
    /// Nobody could tell whether it was sent: a person decides.
    Ambiguous,
    /// The broker refused it, or its letter was gone.
    Failed,
    /// A person, or another attempt, made it needless.
    Discarded,
}

impl Phase {
    pub const ALL: [Self; 8] = [
        Self::Planned,
        Self::Claimed,
        Self::Sending,
        Self::Confirmed,
        Self::Settled,
        Self::Ambiguous,
        Self::Failed,
        Self::Discarded,
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Claimed => "claimed",
            Self::Sending => "sending",
            Self::Confirmed => "confirmed",
            Self::Settled => "settled",
            Self::Ambiguous => "ambiguous",
            Self::Failed => "failed",
            Self::Discarded => "discarded",
        }
    }

    /// For people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Planned | Self::Claimed => "not sent yet",
            Self::Sending => "interrupted while it was sent",
            Self::Confirmed => "sent, its letter not settled yet",
            Self::Settled => "put back",
            Self::Ambiguous => "in doubt",
            Self::Failed => "failed",
            Self::Discarded => "discarded",
        }
    }

    /// Nothing more happens by itself, and the letter is free again.
    #[must_use]
    pub fn is_end(self) -> bool {
        matches!(self, Self::Settled | Self::Failed | Self::Discarded)
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl ToSql for Phase {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.name().into())
    }
}

impl FromSql for Phase {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let name = value.as_str()?;
        Self::ALL.into_iter().find(|phase| phase.name() == name).ok_or(FromSqlError::InvalidType)
    }
}
