//! A log of chains through five services, with some that went wrong.

use std::sync::Arc;

use eventglass::store::snapshot::Snapshot;
use eventglass::store::testing::{Builder, TestEvent};

const MS: i64 = 1_000_000;

/// 240 orders: some are never paid, some refused; the mail service's clock is half a second ahead.
pub fn journeys() -> Arc<Snapshot> {
    let mut builder = Builder::new();
    for n in 0..240_i64 {
        let start = 1_771_237_800_000 + n * 60_000;
        let mut last = String::new();
        let steps: &[(&str, &str, i64)] = &[
            ("OrderPlaced", "orders", 0),
            ("StockReserved", "inventory", 80 + n % 50),
            ("PaymentRequested", "payments", 140 + n % 50),
            (if n % 40 == 9 { "PaymentFailed" } else { "PaymentCaptured" }, "payments", 900 + n * 7 % 1500),
            ("OrderConfirmed", "orders", 3000 + n % 60),
            ("EmailSent", "notifications", 3600 + n % 90),
            ("ShipmentCreated", "shipping", 900_000 + n * 5_000),
        ];
        let until = match n {
            n if n % 40 == 9 => 4,
            n if n % 60 == 17 => 3,
            _ => steps.len(),
        };
        for (at, &(type_name, service, after)) in steps[..until].iter().enumerate() {
            let id = format!("e{n}-{at}");
            // The mail and the shipment both follow the confirmation.
            let cause = if at == 6 { format!("e{n}-4") } else { last.clone() };
            builder.push(TestEvent {
                time: Some((start + after) * MS),
                type_name: type_name.to_owned(),
                service: service.to_owned(),
                id: id.clone(),
                entities: vec![format!("order:order-{n}")],
                correlations: vec![format!("req-{n:03}")],
                causes: if cause.is_empty() { Vec::new() } else { vec![cause] },
                ..TestEvent::default()
            });
            last = id;
        }
    }
    builder.build()
}
