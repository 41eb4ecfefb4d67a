//! Numbers that stand for things. Each has its own type, so that a row is never taken for an entity.

use serde::{Deserialize, Serialize};

macro_rules! index {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub $inner);

        impl $name {
            /// As an index into a slice.
            #[inline]
            #[must_use]
            pub fn at(self) -> usize {
                self.0 as usize
            }
        }
    };
}

index!(
    /// An event's place in the log: rows of all sources in the order in which they were read.
    EventIx(u64)
);
index!(
    /// An entity (kind and id), numbered in the order of first appearance.
    EntityIx(u32)
);
index!(
    /// A kind of entity: `order`, `customer`.
    KindIx(u16)
);
index!(
    /// An event type. [`TypeIx::UNDECODABLE`] is the type of rows that could not be read.
    TypeIx(u16)
);
index!(
    /// A service, producer or source name inside events. [`ServiceIx::NONE`] where there is none.
    ServiceIx(u16)
);
index!(
    /// A correlation id, numbered in the order of first appearance.
    CorrelationIx(u32)
);
index!(
    /// An opened source: a file, a store, a topic.
    SourceIx(u16)
);
index!(
    /// A byte position in a source's backing bytes.
    ByteOffset(u64)
);

impl TypeIx {
    pub const UNDECODABLE: TypeIx = TypeIx(0);
}

impl ServiceIx {
    pub const NONE: ServiceIx = ServiceIx(0);
}
