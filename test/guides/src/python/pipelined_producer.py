"""G11 with librdkafka: sends this many records to partition 0, one per request, five in flight. Prints how many were acknowledged and whether in order."""
import sys

from confluent_kafka import Producer

bootstrap_servers, count = sys.argv[1], int(sys.argv[2])
producer = Producer({
    'bootstrap.servers': bootstrap_servers,
    'enable.idempotence': True,
    'acks': 'all',
    'max.in.flight': 5,
    'batch.num.messages': 1,
    'linger.ms': 0,
    'reconnect.backoff.ms': 50,
    'reconnect.backoff.max.ms': 500,
    'log_level': 0,
})
offsets = []


def acknowledged(error, message):
    if error is not None:
        raise SystemExit(f'{message.value()}: {error}')
    offsets.append(message.offset())


for number in range(count):
    producer.produce('orders', f'seq={number + 1}'.encode(), partition=0, on_delivery=acknowledged)
producer.flush(60)
print(f'{len(offsets)} acknowledged, in order: {offsets == sorted(set(offsets))}')
