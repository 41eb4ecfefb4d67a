"""Makes framed.json: bodies by Confluent's own serializers, with the schemas that they registered on the way.

tests/servers/registry.sh start DIR PORT; pip install 'confluent-kafka[avro,json,protobuf]' grpcio-tools
python framed.py $(tests/servers/registry.sh url PORT)
"""
import base64, datetime, decimal, importlib, json, pathlib, sys, tempfile, urllib.request

from confluent_kafka.schema_registry import SchemaRegistryClient, Schema, SchemaReference
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from grpc_tools import protoc

url = sys.argv[1]
registry = SchemaRegistryClient({"url": url})
here = pathlib.Path(__file__).parent


def get(path):
    return json.load(urllib.request.urlopen(f"{url}/{path}"))


found = []


def add(name, topic, data, expected, schema_name):
    newest = get(f"subjects/{topic}-value/versions/latest")
    chain = []

    def walk(one):
        for reference in one.get("references") or []:
            walk(get(f"subjects/{reference['subject'].replace('/', '%2F')}/versions/{reference['version']}"))
        if one["subject"] not in [known["subject"] for known in chain]:
            chain.append({key: one[key] for key in ["subject", "schema", "schemaType", "references"] if one.get(key)})

    walk(newest)
    found.append(dict(name=name, topic=topic, schemas=chain, bytes=base64.b64encode(data).decode(), expected=expected,
                      schema_name=schema_name))


money = {"type": "record", "name": "Money", "namespace": "shop.base", "fields": [
    {"name": "amount", "type": {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}},
    {"name": "currency", "type": "string"}]}
placed = {"type": "record", "name": "OrderPlaced", "namespace": "shop", "fields": [
    {"name": "orderId", "type": "string"}, {"name": "customerId", "type": "string"},
    {"name": "total", "type": "shop.base.Money"},
    {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
    {"name": "coupon", "type": ["null", "string"], "default": None}]}
registry.register_schema("shop.base.Money", Schema(json.dumps(money), "AVRO"))
schema = Schema(json.dumps(placed), "AVRO", [SchemaReference("shop.base.Money", "shop.base.Money", 1)])
when = datetime.datetime(2026, 2, 16, 10, 30, 0, 123000, tzinfo=datetime.timezone.utc)
serializer = AvroSerializer(registry, schema)
order = {"orderId": "order-456", "customerId": "cust-789",
         "total": {"amount": decimal.Decimal("59.90"), "currency": "EUR"}, "at": when, "coupon": None}
add("Avro with a reference", "orders-avro",
    serializer(order, SerializationContext("orders-avro", MessageField.VALUE)),
    '{"orderId":"order-456","customerId":"cust-789","total":{"amount":59.90,"currency":"EUR"},'
    '"at":"2026-02-16T10:30:00.123Z","coupon":null}', "shop.OrderPlaced")

proto = {"shop/money.proto": 'syntax = "proto3";\npackage shop;\nmessage Money { int64 cents = 1; string currency = 2; }\n',
         "shop/order.proto": '''syntax = "proto3";
package shop;
import "shop/money.proto";
import "google/protobuf/timestamp.proto";
message Unused { string x = 1; }
message Order {
  message Unused { string x = 1; }
  message Placed {
    string order_id = 1;
    string customer_id = 2;
    Money total = 3;
    google.protobuf.Timestamp at = 4;
    map<string, int32> items = 5;
  }
}
message First { string order_id = 1; }
'''}
work = pathlib.Path(tempfile.mkdtemp())
for path, text in proto.items():
    (work / path).parent.mkdir(exist_ok=True)
    (work / path).write_text(text)
std = str(pathlib.Path(importlib.import_module("grpc_tools").__file__).parent / "_proto")
assert protoc.main(["", f"-I{work}", f"-I{std}", f"--python_out={work}", *proto]) == 0
sys.path.insert(0, str(work))
pb = importlib.import_module("shop.order_pb2")
message = pb.Order.Placed(order_id="order-456", customer_id="cust-789", items={"b": 2, "a": 1})
message.total.cents = 5990
message.at.FromDatetime(when)
serializer = ProtobufSerializer(pb.Order.Placed, registry, {"use.deprecated.format": False})
add("Protobuf, a message inside another, with imports", "orders-proto",
    serializer(message, SerializationContext("orders-proto", MessageField.VALUE)),
    '{"order_id":"order-456","customer_id":"cust-789","total":{"cents":5990,"currency":""},'
    '"at":"2026-02-16T10:30:00.123Z","items":{"a":1,"b":2}}', "shop.Order.Placed")
# This serializer registers descriptors; Java's registers sources.
texts = [dict(subject="text/money", schemaType="PROTOBUF", schema=proto["shop/money.proto"]),
         dict(subject="orders-text-value", schemaType="PROTOBUF", schema=proto["shop/order.proto"],
              references=[dict(name="shop/money.proto", subject="text/money", version=1)])]
found.append(dict(found[-1], name="Protobuf, by sources", topic="orders-text", schemas=texts))
serializer = ProtobufSerializer(pb.Unused, registry, {"use.deprecated.format": False})
add("Protobuf, the first message", "orders-first",
    serializer(pb.Unused(x="ü"), SerializationContext("orders-first", MessageField.VALUE)), '{"x":"ü"}', "shop.Unused")

text = json.dumps({"$schema": "http://json-schema.org/draft-07/schema#", "title": "OrderPlaced", "type": "object",
                   "properties": {"orderId": {"type": "string"}, "total": {"type": "number"}}})
serializer = JSONSerializer(text, registry)
add("JSON Schema", "orders-json",
    serializer({"orderId": "order-456", "total": 59.9}, SerializationContext("orders-json", MessageField.VALUE)),
    '{"orderId":"order-456","total":59.9}', "OrderPlaced")
(here / "framed.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
