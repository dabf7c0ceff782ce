"""G11: sends this many records to partition 0, one per request. Prints how many were acknowledged and whether in order."""
import sys

from kafka import KafkaProducer

producer = KafkaProducer(
    bootstrap_servers=['localhost:9092'],
    enable_idempotence=True,
    acks='all',
    retries=3,
    batch_size=0,
)
sent = [producer.send('orders', f'seq={number + 1}'.encode(), partition=0) for number in range(int(sys.argv[1]))]
offsets = [future.get(timeout=10).offset for future in sent]
print(f'{len(offsets)} acknowledged, in order: {offsets == sorted(set(offsets))}')
producer.close()
