"""Writes and reads events with the serializers of confluent-kafka for Avro and JSON Schema. Prints what it has read."""
import json
import sys

from confluent_kafka import Consumer, Producer
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.serialization import MessageField, SerializationContext

bootstrap_servers, url, topic = sys.argv[1:4]
fields = [
    {'name': 'user_id', 'type': 'string'},
    {'name': 'action', 'type': 'string'},
    {'name': 'timestamp', 'type': 'long'},
]


def user_event(*more):
    return json.dumps({'type': 'record', 'name': 'UserEvent', 'fields': [*fields, *more]})


registry = SchemaRegistryClient({'url': url})
context = SerializationContext(topic, MessageField.VALUE)
event = {'user_id': '123', 'action': 'click', 'timestamp': 1705315200000}
written = []


def write(serializer, value):
    producer = Producer({'bootstrap.servers': bootstrap_servers})
    producer.produce(topic, value=serializer(value, context), on_delivery=lambda error, _: written.append(error))
    producer.flush()


old = user_event()
new = user_event({'name': 'page', 'type': ['null', 'string'], 'default': None})
write(AvroSerializer(registry, old), event)
write(AvroSerializer(registry, new), {**event, 'page': '/'})

refused = user_event({'name': 'must', 'type': 'string'})
try:
    registry.register_schema(f'{topic}-value', Schema(refused, 'AVRO'))
except SchemaRegistryError as error:
    print(f'refused {error.http_status_code} {error.error_code}')
try:
    AvroSerializer(registry, old)({**event, 'timestamp': 'now'}, context)
except Exception as error:
    print(f'wrong type: {type(error).__name__}')

consumer = Consumer({
    'bootstrap.servers': bootstrap_servers,
    'group.id': f'{topic}-readers',
    'auto.offset.reset': 'earliest',
})
consumer.subscribe([topic])
values = []
while len(values) < 2:
    message = consumer.poll(30)
    if message is None:
        raise SystemExit('no record within 30 seconds')
    values.append(message.value())
consumer.close()
for reader in (old, new):
    deserializer = AvroDeserializer(registry, reader)
    print(json.dumps([deserializer(value, context) for value in values], sort_keys=True))

latest = registry.get_latest_version(f'{topic}-value')
print(f'latest {latest.version} of {registry.get_versions(f"{topic}-value")}')
print(f'compatible {registry.test_compatibility(f"{topic}-value", Schema(old, "AVRO"))}')
registry.set_compatibility(f'{topic}-value', level='FULL')
print(registry.get_compatibility(f'{topic}-value'))
