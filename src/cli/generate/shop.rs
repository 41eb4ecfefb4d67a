//! The shop: which steps there are, which service does each, to which kind of entity, and the ways
//! an order, a transfer or a return can go.

/// What an entity is. Its number in [`KINDS`] is its place in all tables of this generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Order,
    Payment,
    Shipment,
    Account,
    Sku,
}

pub(super) const KINDS: [&str; 5] = ["order", "payment", "shipment", "account", "sku"];
/// Beginnings of ids, in the order of [`KINDS`].
pub(super) const PREFIXES: [&[u8]; 5] = [b"ord-", b"pay-", b"shp-", b"acc-", b"sku-"];

pub(super) const SERVICES: [&str; 6] = [
    "order-service",
    "payment-service",
    "inventory-service",
    "shipping-service",
    "account-service",
    "notification-service",
];

macro_rules! steps {
    ($($step:ident: $kind:ident, $service:literal;)*) => {
        /// An event type of the shop.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Step { $($step),* }

        pub(super) const STEPS: &[Step] = &[$(Step::$step),*];

        impl Step {
            pub(super) fn name(self) -> &'static str {
                match self { $(Self::$step => stringify!($step)),* }
            }

            pub(super) fn kind(self) -> Kind {
                match self { $(Self::$step => Kind::$kind),* }
            }

            /// Into [`SERVICES`].
            pub(super) fn service(self) -> usize {
                match self { $(Self::$step => $service),* }
            }
        }
    };
}

steps! {
    OrderPlaced: Order, 0;
    OrderConfirmed: Order, 0;
    OrderCompleted: Order, 0;
    OrderCancelled: Order, 0;
    PaymentAuthorized: Payment, 1;
    PaymentCaptured: Payment, 1;
    PaymentDeclined: Payment, 1;
    PaymentRefunded: Payment, 1;
    StockReserved: Sku, 2;
    StockReleased: Sku, 2;
    ShipmentCreated: Shipment, 3;
    ShipmentDispatched: Shipment, 3;
    ShipmentDelivered: Shipment, 3;
    ShipmentReturned: Shipment, 3;
    AccountDebited: Account, 4;
    AccountCredited: Account, 4;
    NotificationSent: Order, 5;
}

use Step::{
    AccountCredited, AccountDebited, NotificationSent, OrderCancelled, OrderCompleted, OrderConfirmed, OrderPlaced,
    PaymentAuthorized, PaymentCaptured, PaymentDeclined, PaymentRefunded, ShipmentCreated, ShipmentDelivered,
    ShipmentDispatched, ShipmentReturned, StockReleased, StockReserved,
};

/// The ways things go, each with its share of a hundred. One correlation id runs through one of them.
const WAYS: [(u64, &[Step]); 6] = [
    (
        34,
        &[
            OrderPlaced,
            StockReserved,
            PaymentAuthorized,
            AccountDebited,
            PaymentCaptured,
            AccountCredited,
            OrderConfirmed,
            ShipmentCreated,
            ShipmentDispatched,
            ShipmentDelivered,
            OrderCompleted,
            NotificationSent,
        ],
    ),
    (
        24,
        &[
            OrderPlaced,
            StockReserved,
            PaymentAuthorized,
            AccountDebited,
            PaymentCaptured,
            OrderConfirmed,
            ShipmentCreated,
            ShipmentDelivered,
            OrderCompleted,
        ],
    ),
    (10, &[OrderPlaced, StockReserved, PaymentDeclined, StockReleased, OrderCancelled, NotificationSent]),
    (10, &[OrderPlaced, PaymentDeclined, OrderCancelled]),
    (14, &[AccountDebited, AccountCredited, NotificationSent]),
    (8, &[ShipmentReturned, StockReleased, PaymentRefunded, AccountDebited, AccountCredited, NotificationSent]),
];

/// The way for a number in `0..100`.
pub(super) fn way(mut share: u64) -> &'static [Step] {
    for (weight, steps) in WAYS {
        if share < weight {
            return steps;
        }
        share -= weight;
    }
    WAYS[0].1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_chains_have_three_to_twelve_steps() {
        assert_eq!(WAYS.iter().map(|w| w.0).sum::<u64>(), 100);
        let lengths: Vec<usize> = WAYS.iter().map(|w| w.1.len()).collect();
        assert_eq!((lengths.iter().min(), lengths.iter().max()), (Some(&3), Some(&12)));
    }
}
