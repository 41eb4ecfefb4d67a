"""Makes golden.json: bodies written by other libraries, with what they mean as JSON.

pip install fastavro msgpack cbor2 python-snappy lz4 zstandard grpcio-tools; python make.py
"""
import base64, datetime, decimal, gzip, importlib, io, json, pathlib, sys, tempfile, uuid

import cbor2, fastavro, lz4.frame, msgpack, snappy, zstandard
from grpc_tools import protoc

here = pathlib.Path(__file__).parent
bodies = []


def add(name, library, data, expected, codec, packed=(), options=None, files=None):
    bodies.append(dict(name=name, library=library, bytes=base64.b64encode(data).decode(), expected=expected,
                       codec=codec, packed=list(packed), options=options or {}, files=files or {}))


order = {"orderId": "order-456", "total": 59.9, "paid": True, "items": [{"sku": "a", "n": 2}], "note": None}
order_json = '{"orderId":"order-456","total":59.9,"paid":true,"items":[{"sku":"a","n":2}],"note":null}'
when = datetime.datetime(2026, 2, 16, 10, 30, 0, 123000, tzinfo=datetime.timezone.utc)

add("an order", "msgpack", msgpack.packb(order), order_json, "MessagePack")
add("kinds of values", "msgpack",
    msgpack.packb({"big": 2**64 - 1, "small": -2**63, "f": 0.1, "bytes": b"\x00\xff", "at": when}, datetime=True),
    '{"big":18446744073709551615,"small":-9223372036854775808,"f":0.1,"bytes":{"$base64":"AP8="},'
    '"at":"2026-02-16T10:30:00.123Z"}', "MessagePack")
add("several events", "msgpack", msgpack.packb([{"a": 1}, {"a": 2}]), '[{"a":1},{"a":2}]', "MessagePack")
add("a list that is asked for", "msgpack", msgpack.packb([1, "x"]), '[1,"x"]', "MessagePack", options={"value": "msgpack"})
add("an order", "cbor2", cbor2.dumps(order), order_json, "CBOR")
add("kinds of values", "cbor2",
    cbor2.dumps({"big": 2**70, "minus": -2**64, "d": decimal.Decimal("10.250"), "bytes": b"\x00\xff",
                 "at": cbor2.CBORTag(1, 1771237800), "id": uuid.UUID(int=7)}),
    '{"big":1180591620717411303424,"minus":-18446744073709551616,"d":10.250,"bytes":{"$base64":"AP8="},'
    '"at":"2026-02-16T10:30:00Z","id":"00000000-0000-0000-0000-000000000007"}', "CBOR")
add("self described", "cbor2", cbor2.dumps(cbor2.CBORTag(55799, [1, 2])), "[1,2]", "CBOR")

for name, pack in [("gzip", gzip.compress), ("zstd", zstandard.ZstdCompressor().compress), ("LZ4", lz4.frame.compress),
                   ("Snappy", lambda b: snappy.StreamCompressor().compress(b))]:
    add("packed JSON", name, pack(order_json.encode()), order_json, "JSON", [name])
add("packed MessagePack", "gzip, zstd", gzip.compress(zstandard.ZstdCompressor().compress(msgpack.packb(order))),
    order_json, "MessagePack", ["gzip", "zstd"])
add("JSON on lines", "json", json.dumps({"a": [1.5, "x\n"]}, indent=1).encode(), None, "JSON")
bodies[-1]["expected_value"] = {"a": [1.5, "x\n"]}

# ---- Avro ------------------------------------------------------------------------------------------
money = {"type": "record", "name": "Money", "namespace": "shop.base", "fields": [
    {"name": "amount", "type": {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}},
    {"name": "currency", "type": {"type": "enum", "name": "Currency", "symbols": ["EUR", "USD"]}}]}
placed = {"type": "record", "name": "OrderPlaced", "namespace": "shop", "fields": [
    {"name": "orderId", "type": {"type": "string", "logicalType": "uuid"}},
    {"name": "total", "type": "shop.base.Money"},
    {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
    {"name": "day", "type": {"type": "int", "logicalType": "date"}},
    {"name": "clock", "type": {"type": "long", "logicalType": "time-micros"}},
    {"name": "count", "type": "long"}, {"name": "weight", "type": "float"},
    {"name": "coupon", "type": ["null", "string"]},
    {"name": "tags", "type": {"type": "array", "items": "string"}},
    {"name": "by", "type": {"type": "map", "values": "int"}},
    {"name": "hash", "type": {"type": "fixed", "name": "Hash", "size": 4}},
    {"name": "before", "type": ["null", "OrderPlaced"]},
    {"name": "fee", "type": {"type": "fixed", "name": "Fee", "size": 6, "logicalType": "decimal", "precision": 12, "scale": 4}}]}
value = {"orderId": uuid.UUID(int=456), "total": {"amount": decimal.Decimal("10.25"), "currency": "EUR"}, "at": when,
         "day": when.date(), "clock": datetime.time(10, 30, 0, 5), "count": 2**53 + 1, "weight": 0.1, "coupon": None,
         "tags": ["a", "ü"], "by": {"x": -1}, "hash": b"\x00\x01\x02\xff", "before": None,
         "fee": decimal.Decimal("-0.0100")}
value["before"] = dict(value)
expected_inner = ('"orderId":"00000000-0000-0000-0000-0000000001c8","total":{"amount":10.25,"currency":"EUR"},'
                  '"at":"2026-02-16T10:30:00.123Z","day":"2026-02-16","clock":"10:30:00.000005",'
                  '"count":9007199254740993,"weight":0.1,"coupon":null,"tags":["a","ü"],"by":{"x":-1},'
                  '"hash":{"$base64":"AAEC/w=="},"before":%s,"fee":-0.0100')
expected = "{" + expected_inner % ("{" + expected_inner % "null" + "}") + "}"
named = {}
fastavro.parse_schema(money, named)
parsed = fastavro.parse_schema(placed, named)
out = io.BytesIO()
fastavro.schemaless_writer(out, parsed, value)
avro_files = {"money.avsc": json.dumps(money), "placed.avsc": json.dumps(placed)}
add("logical types and references", "fastavro", out.getvalue(), expected, "Avro",
    options={"schema": "money.avsc,placed.avsc"}, files=avro_files)
add("a frame without its registry", "fastavro", b"\0\0\0\0\x07" + out.getvalue(), expected, "Avro",
    options={"schema": "money.avsc,placed.avsc", "value": "avro"}, files=avro_files)
paid = {"type": "record", "name": "Paid", "namespace": "shop", "fields": [{"name": "orderId", "type": "string"}]}
out = io.BytesIO()
fastavro.schemaless_writer(out, fastavro.parse_schema(paid), {"orderId": "order-1"})
canonical = fastavro.schema.to_parsing_canonical_form(paid)
print_of = bytes.fromhex(fastavro.schema.fingerprint(canonical, "CRC-64-AVRO"))
add("a single object", "fastavro", b"\xc3\x01" + print_of + out.getvalue(), '{"orderId":"order-1"}', "Avro",
    options={"schema": "paid.avsc"}, files={"paid.avsc": json.dumps(paid)})

# ---- Protobuf --------------------------------------------------------------------------------------
proto = {"base/money.proto": 'syntax = "proto3";\npackage shop.base;\nmessage Money { int64 cents = 1; string currency = 2; }\n',
         "order.proto": '''syntax = "proto3";
package shop;
import "base/money.proto";
import "google/protobuf/timestamp.proto";
message OrderPlaced {
  enum Kind { NEW = 0; AGAIN = 1; }
  message Item { string sku = 1; uint32 n = 2; }
  string order_id = 1;
  base.Money total = 2;
  google.protobuf.Timestamp at = 3;
  repeated Item items = 4;
  map<string, int32> by = 5;
  Kind kind = 6;
  optional string coupon = 7;
  bytes hash = 8;
  uint64 big = 9;
  oneof paid { string card = 10; string cash = 11; }
  float weight = 12;
}
'''}
work = pathlib.Path(tempfile.mkdtemp())
for path, text in proto.items():
    (work / path).parent.mkdir(exist_ok=True)
    (work / path).write_text(text)
std = str(pathlib.Path(importlib.import_module("grpc_tools").__file__).parent / "_proto")
assert protoc.main(["", f"-I{work}", f"-I{std}", f"--python_out={work}", f"--descriptor_set_out={work}/order.desc",
                    "--include_imports", "base/money.proto", "order.proto"]) == 0
sys.path.insert(0, str(work))
pb = importlib.import_module("order_pb2")
message = pb.OrderPlaced(order_id="order-456", items=[dict(sku="a", n=2)], by={"y": 2, "x": -1},
                         kind="AGAIN", hash=b"\x00\xff", big=2**64 - 1, cash="", weight=0.1)
message.total.cents = -1025
message.at.FromDatetime(when)
expected = ('{"order_id":"order-456","total":{"cents":-1025,"currency":""},"at":"2026-02-16T10:30:00.123Z",'
            '"items":[{"sku":"a","n":2}],"by":{"x":-1,"y":2},"kind":"AGAIN","hash":{"$base64":"AP8="},'
            '"big":18446744073709551615,"cash":"","weight":0.1}')
data = message.SerializeToString()
add("a source with imports", "protobuf", data, expected, "Protobuf", options={"schema": "order.proto"}, files=proto)
desc = base64.b64encode((work / "order.desc").read_bytes()).decode()
add("a descriptor set", "protobuf", data, expected, "Protobuf",
    options={"schema": "order.desc", "message": "shop.OrderPlaced"}, files={"order.desc": "base64:" + desc})
(here / "golden.json").write_text(json.dumps(bodies, indent=1, ensure_ascii=False) + "\n")
