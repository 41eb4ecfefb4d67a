"""Makes orders.avro: a container of a union of records, in three blocks.

pip install fastavro backports.zstd; python orders_avro.py
"""
import datetime, decimal, pathlib

import fastavro

at = datetime.datetime(2026, 2, 16, 10, 30, tzinfo=datetime.timezone.utc)
common = [{"name": "eventId", "type": "string"}, {"name": "orderId", "type": "string"},
          {"name": "occurredAt", "type": {"type": "long", "logicalType": "timestamp-millis"}}]


def record(name, *fields):
    return {"type": "record", "name": name, "namespace": "shop", "fields": common + list(fields)}


money = {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}
schema = [record("OrderPlaced", {"name": "customerId", "type": "string"}, {"name": "total", "type": money}),
          record("OrderPaid", {"name": "amount", "type": money}),
          record("OrderShipped", {"name": "carrier", "type": ["null", "string"]})]


def events():
    for n in range(1, 5):
        order, total = f"order-{n}", decimal.Decimal(n * 1990).scaleb(-2)
        for step, (name, more) in enumerate([("OrderPlaced", {"customerId": f"cust-{n % 2}", "total": total}),
                                             ("OrderPaid", {"amount": total}), ("OrderShipped", {"carrier": None})]):
            yield ("shop." + name, {"eventId": f"evt-{n}{step}", "orderId": order,
                                    "occurredAt": at + datetime.timedelta(minutes=n, seconds=step), **more})


with open(pathlib.Path(__file__).parent / "orders.avro", "wb") as out:
    fastavro.writer(out, schema, events(), codec="zstandard", sync_interval=120, sync_marker=b"eventglass tests")
