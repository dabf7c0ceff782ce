"""The manual commit of G09. Given `before` or `after`, it kills itself before or after its first commit."""
import json
import os
import signal
import sys

from kafka import KafkaConsumer

dies = sys.argv[1] if len(sys.argv) > 1 else None

consumer = KafkaConsumer(
    'user-events',
    bootstrap_servers=['localhost:9092'],
    group_id='analytics-group',
    auto_offset_reset='earliest',
    enable_auto_commit=False,
    value_deserializer=lambda value: json.loads(value.decode('utf-8')),
)

while True:
    records = consumer.poll(timeout_ms=1000)
    for messages in records.values():
        for message in messages:
            print(f'partition {message.partition}, offset {message.offset}: {json.dumps(message.value)}')
    if records:
        if dies == 'before':
            os.kill(os.getpid(), signal.SIGKILL)
        consumer.commit()
        print('committed')
        if dies == 'after':
            os.kill(os.getpid(), signal.SIGKILL)
