"""G16 and the automatic commit of G09."""
import json

from kafka import KafkaConsumer

consumer = KafkaConsumer(
    'user-events',
    bootstrap_servers=['localhost:9092'],
    group_id='analytics-group',
    auto_offset_reset='earliest',
    enable_auto_commit=True,
    auto_commit_interval_ms=5000,
    value_deserializer=lambda value: json.loads(value.decode('utf-8')),
)

for message in consumer:
    print(f'partition {message.partition}, offset {message.offset}: {json.dumps(message.value)}')
