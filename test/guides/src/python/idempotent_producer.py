"""G11: sends so many records to partition 0, a request for each; prints how many were acknowledged, and in what order of offsets."""
import sys

from kafka import KafkaProducer

first, count, in_flight = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
producer = KafkaProducer(
    bootstrap_servers=['localhost:9092'],
    enable_idempotence=True,
    acks='all',
    batch_size=0,
    max_in_flight_requests_per_connection=in_flight,
    retry_backoff_ms=50,
    reconnect_backoff_ms=50,
    reconnect_backoff_max_ms=500,
)
sent = [producer.send('orders', f'seq={number}'.encode(), partition=0) for number in range(first, first + count)]
offsets = [future.get(timeout=60).offset for future in sent]
print(f'{len(offsets)} acknowledged, in order: {offsets == sorted(set(offsets))}')
producer.close()
