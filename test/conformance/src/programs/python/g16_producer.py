"""The guides' producer. Its one argument is the broker. Prints the place of its event."""
import json
import sys

from kafka import KafkaProducer

producer = KafkaProducer(
    bootstrap_servers=sys.argv[1],
    acks='all',
    retries=3,
    batch_size=16384,
    linger_ms=10,
    compression_type='gzip',
    enable_idempotence=True,
    key_serializer=lambda key: key.encode('utf-8'),
    value_serializer=lambda value: json.dumps(value).encode('utf-8'),
)
event = {'user_id': '123', 'action': 'click', 'timestamp': '2024-01-15T10:00:00Z'}
future = producer.send('user-events', key='user123', value=event)
metadata = future.get(timeout=10)
print(f'Message sent to partition {metadata.partition}, offset {metadata.offset}')
producer.close()
