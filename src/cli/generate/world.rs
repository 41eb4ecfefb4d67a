//! The running shop: about 600 things going on at once, each a chain of events with one correlation
//! id, every event caused by the one before it. Each call makes the next event's line.

use super::line::{Id, Line};
use super::shop::{KINDS, Kind, SERVICES, Step, way};
use crate::base::rng::Rng;

/// 2026-01-05, a Monday, 08:00 UTC.
pub(super) const START_MS: i64 = 1_767_600_000_000;
/// Between two lines, on average.
pub(super) const STEP_MS: u64 = 250;
pub(super) const RARE_TEXT: &str = "gift-wrap-octopus-4471";

/// How long the pause to the next event is by the hour of the day, in sixteenths of the average:
/// a quiet night and a busy evening.
const PAUSE_BY_HOUR: [u64; 24] =
    [28, 34, 40, 44, 40, 30, 22, 18, 15, 13, 12, 11, 10, 11, 12, 12, 11, 10, 9, 8, 8, 10, 14, 20];

const CUSTOMERS: [&str; 10] = [
    "Alma Reyes",
    "Benoît Faure",
    "Cem Yıldız",
    "Dana \\\"Dee\\\" Cole",
    "Eero Mäkinen",
    "Femi Adebayo",
    "Giulia Conti",
    "Hana 佐藤",
    "Ivo Nov\\u00e1k",
    "June Park",
];
const STREETS: [&str; 6] = ["Quay Street", "Lindenstraße", "Rua das Flores", "Mill Lane", "Storgatan", "Calle Mayor"];

/// What the line just made is about; who counts needs no more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    pub(super) step: Step,
    /// The stream's number among its kind.
    pub(super) number: u64,
    /// The order and the account that the payload names.
    pub(super) order: Option<u64>,
    pub(super) account: Option<u64>,
    pub(super) time_ms: i64,
    pub(super) id: Id,
    pub(super) correlation: Id,
    /// The chain's number and length.
    pub(super) chain: u64,
    pub(super) chain_len: usize,
    pub(super) rare: bool,
}

struct Chain {
    number: u64,
    steps: &'static [Step],
    at: usize,
    correlation: Id,
    last: Option<Id>,
    order: u64,
    /// Of the order, its payment and its shipment.
    versions: [u32; 3],
    customer: u64,
    sku: u64,
    cents: u64,
}

pub(super) struct World {
    rng: Rng,
    clock_ms: i64,
    made: u64,
    chains: u64,
    live: Vec<Chain>,
    live_wanted: usize,
    account_versions: Vec<u32>,
    sku_versions: Vec<u32>,
    heavy: u64,
}

impl World {
    pub(super) fn new(lines: u64, seed: u64) -> Self {
        let accounts = (lines / 15).max(10) as usize;
        let skus = (lines / 300).max(10) as usize;
        Self {
            rng: Rng::new(seed),
            clock_ms: START_MS,
            made: 0,
            chains: 0,
            live: Vec::new(),
            live_wanted: (lines / 20).clamp(4, 600) as usize,
            account_versions: vec![0; accounts],
            sku_versions: vec![0; skus],
            heavy: 0,
        }
    }

    pub(super) fn rng(&mut self) -> &mut Rng {
        &mut self.rng
    }

    /// Writes the next event into `line`, its newline included.
    pub(super) fn next(&mut self, line: &mut Line) -> Facts {
        while self.live.len() < self.live_wanted {
            self.begin_chain();
        }
        let hour = (self.clock_ms.div_euclid(3_600_000).rem_euclid(24)) as usize;
        self.clock_ms += (self.rng.below(2 * STEP_MS + 1) * PAUSE_BY_HOUR[hour] / 16) as i64;
        let time_ms = self.clock_ms + self.rng.below(801) as i64 - 400;
        self.made += 1;

        let turn = self.rng.below(self.live.len() as u64) as usize;
        let step = self.live[turn].steps[self.live[turn].at];
        let (number, version) = self.stream_of(turn, step);
        let chain = &mut self.live[turn];
        let id = Id::new(((self.clock_ms - START_MS) / 10) as u64, self.rng.bits());
        let cause = chain.last.replace(id);
        let names_order = matches!(
            step,
            Step::StockReserved
                | Step::StockReleased
                | Step::AccountDebited
                | Step::AccountCredited
                | Step::ShipmentCreated
        );
        let facts = Facts {
            step,
            number,
            order: names_order.then_some(chain.order),
            account: (step == Step::OrderPlaced).then_some(chain.customer),
            time_ms,
            id,
            correlation: chain.correlation,
            chain: chain.number,
            chain_len: chain.steps.len(),
            rare: self.made % 100_000 == 50_000,
        };
        write_event(line, &facts, version, cause, chain, self.sku_versions.len() as u64, &mut self.rng);
        chain.at += 1;
        if chain.at == chain.steps.len() {
            self.live.swap_remove(turn);
        }
        facts
    }

    fn begin_chain(&mut self) {
        let steps = way(self.rng.below(100));
        self.chains += 1;
        let rising = ((self.clock_ms - START_MS) / 10) as u64 | 1 << 38;
        self.live.push(Chain {
            number: self.chains,
            steps,
            at: 0,
            correlation: Id::new(rising, self.rng.bits()),
            last: None,
            order: self.chains,
            versions: [0; 3],
            customer: 1 + self.rng.power_law(self.account_versions.len() as u64 - 1, 3),
            sku: self.rng.power_law(self.sku_versions.len() as u64, 2),
            cents: 199 + self.rng.below(49_800),
        });
    }

    /// Number and new version of the entity that the step happens to.
    fn stream_of(&mut self, turn: usize, step: Step) -> (u64, u32) {
        let chain = &mut self.live[turn];
        let (number, version) = match step.kind() {
            Kind::Order => (chain.order, &mut chain.versions[0]),
            Kind::Payment => (chain.order, &mut chain.versions[1]),
            Kind::Shipment => (chain.order, &mut chain.versions[2]),
            Kind::Sku => (chain.sku, &mut self.sku_versions[chain.sku as usize]),
            Kind::Account => {
                // One event in a hundred belongs to the shop's own account.
                let number = if self.heavy * 100 < self.made { 0 } else { chain.customer };
                self.heavy += u64::from(number == 0);
                (number, &mut self.account_versions[number as usize])
            }
        };
        *version += 1;
        (number, *version)
    }
}

fn write_event(
    line: &mut Line,
    facts: &Facts,
    version: u32,
    cause: Option<Id>,
    chain: &Chain,
    skus: u64,
    rng: &mut Rng,
) {
    let service = SERVICES[facts.step.service()];
    // A reader may not rely on the order of keys, so now and then it is another one.
    let service_first = rng.one_in(500);
    line.clear();
    line.text("{");
    if service_first {
        line.text("\"service\":\"").text(service).text("\",");
    }
    line.text("\"eventType\":\"").text(facts.step.name());
    line.text("\",\"eventId\":\"").id(&facts.id);
    line.text("\",\"timestamp\":\"").time(facts.time_ms);
    line.text("\",\"entityType\":\"").text(KINDS[facts.step.kind() as usize]);
    line.text("\",\"aggregateId\":\"").entity(facts.step.kind(), facts.number);
    line.text("\",\"version\":").number(u64::from(version));
    line.text(",\"correlationId\":\"").id(&facts.correlation);
    match cause {
        Some(cause) => line.text("\",\"causationId\":\"").id(&cause).text("\""),
        None => line.text("\",\"causationId\":null"),
    };
    if !service_first {
        line.text(",\"service\":\"").text(service).text("\"");
    }
    line.text(",\"data\":{");
    write_payload(line, facts.step, chain, skus, rng);
    if facts.rare {
        line.text(",\"note\":\"").text(RARE_TEXT).text("\"");
    }
    line.text("}}\n");
}

/// The payload's members, without the braces.
fn write_payload(line: &mut Line, step: Step, chain: &Chain, skus: u64, rng: &mut Rng) {
    match step {
        Step::OrderPlaced => {
            line.text("\"customer\":\"").text(rng.pick(&CUSTOMERS));
            line.text("\",\"accountId\":\"").entity(Kind::Account, chain.customer);
            line.text("\",\"totalCents\":").number(chain.cents).text(",\"items\":[");
            let items = 1 + rng.below(3);
            for i in 0..items {
                line.text(if i == 0 { "{\"sku\":\"" } else { ",{\"sku\":\"" });
                line.entity(Kind::Sku, (chain.sku + i) % skus).text("\",\"qty\":").number(1 + rng.below(4));
                line.text(",\"cents\":").number(chain.cents / items).text("}");
            }
            line.text("],\"ship\":{\"street\":\"").text(rng.pick(&STREETS)).text(" ").number(1 + rng.below(200));
            line.text("\",\"zip\":\"").padded(rng.below(100_000), 5).text("\"}");
        }
        Step::OrderConfirmed | Step::OrderCompleted => {
            line.text("\"by\":\"system\"");
        }
        Step::OrderCancelled => {
            line.text("\"reason\":\"payment_failed\"");
        }
        Step::PaymentAuthorized | Step::PaymentCaptured | Step::PaymentRefunded => {
            line.text("\"amountCents\":").number(chain.cents).text(",\"currency\":\"EUR\",\"method\":\"card\"");
        }
        Step::PaymentDeclined => {
            line.text("\"amountCents\":").number(chain.cents);
            line.text(",\"reason\":\"insufficient_funds\",\"retry\":").text(rng.pick(&["true", "false"]));
        }
        Step::StockReserved | Step::StockReleased => {
            line.text("\"orderId\":\"").entity(Kind::Order, chain.order).text("\",\"qty\":").number(1 + rng.below(4));
        }
        Step::ShipmentCreated => {
            line.text("\"orderId\":\"").entity(Kind::Order, chain.order).text("\",\"carrier\":\"DHL\",\"weightKg\":");
            line.number(rng.below(9)).text(".").number(1 + rng.below(9));
        }
        Step::ShipmentDispatched | Step::ShipmentDelivered | Step::ShipmentReturned => {
            line.text("\"hub\":\"HUB-").padded(rng.below(300), 3).text("\",\"ok\":true");
        }
        Step::AccountDebited | Step::AccountCredited => {
            let cents = chain.cents as i64;
            line.text("\"amountCents\":").signed(if step == Step::AccountDebited { -cents } else { cents });
            line.text(",\"orderId\":\"").entity(Kind::Order, chain.order).text("\"");
        }
        Step::NotificationSent => {
            let template = rng.pick(&["receipt", "cancelled", "moved"]);
            line.text("\"channel\":\"email\",\"template\":\"").text(template).text("\"");
        }
    }
}
