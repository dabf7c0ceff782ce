"""G39: the guide's producer of Avro events."""
from confluent_kafka import avro
from confluent_kafka.avro import AvroProducer

value_schema = avro.loads('''
{
  "type": "record",
  "name": "UserEvent",
  "fields": [
    {"name": "user_id", "type": "string"},
    {"name": "action", "type": "string"},
    {"name": "timestamp", "type": "long"}
  ]
}
''')

producer = AvroProducer(
    {'bootstrap.servers': 'localhost:9092', 'schema.registry.url': 'http://localhost:8081'},
    default_value_schema=value_schema,
)
producer.produce(
    topic='user-events',
    value={'user_id': '123', 'action': 'click', 'timestamp': 1705315200000},
)
producer.flush()
