"""The guides' consumer. Its one argument is the broker. Prints each event until none has arrived for a while."""
import json
import sys

from kafka import KafkaConsumer

consumer = KafkaConsumer(
    'user-events',
    bootstrap_servers=sys.argv[1],
    group_id='analytics-group',
    auto_offset_reset='earliest',
    enable_auto_commit=True,
    auto_commit_interval_ms=5000,
    consumer_timeout_ms=3000,
    value_deserializer=lambda value: json.loads(value.decode('utf-8')),
)
for message in consumer:
    print(f"Received: partition {message.partition}, key {message.key.decode('utf-8')}, {json.dumps(message.value)}", flush=True)
consumer.close()
