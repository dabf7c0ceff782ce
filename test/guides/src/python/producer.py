"""G16, with the settings of G15 for general use and the synchronous send of G14."""
import json

from kafka import KafkaProducer

producer = KafkaProducer(
    bootstrap_servers=['localhost:9092'],
    key_serializer=lambda key: key.encode('utf-8'),
    value_serializer=lambda value: json.dumps(value).encode('utf-8'),
    acks='all',
    retries=3,
    batch_size=16384,
    linger_ms=10,
    compression_type='gzip',
    enable_idempotence=True,
)

future = producer.send(
    'user-events',
    key='user123',
    value={'user_id': '123', 'action': 'click', 'timestamp': '2024-01-15T10:00:00Z'},
)
metadata = future.get(timeout=10)
print(f'partition {metadata.partition}, offset {metadata.offset}')

producer.flush()
producer.close()
