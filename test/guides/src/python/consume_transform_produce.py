"""G13. Ends once it has read all records that existed at its start. Given an offset, it kills itself with SIGKILL in the transaction that handled that record."""
import os
import signal
import sys

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata

dies_at = int(sys.argv[1]) if len(sys.argv) > 1 else None

consumer = KafkaConsumer(
    'input-topic',
    bootstrap_servers=['localhost:9092'],
    group_id='transform-group',
    auto_offset_reset='earliest',
    enable_auto_commit=False,
    isolation_level='read_committed',
    max_poll_records=50,
)
producer = KafkaProducer(bootstrap_servers=['localhost:9092'], transactional_id='transform-1', enable_idempotence=True)
producer.init_transactions()

ends = {}


def at_end():
    for partition in consumer.assignment() - ends.keys():
        ends.update(consumer.end_offsets([partition]))
    return ends and all(consumer.position(partition) >= end for partition, end in ends.items())


while not at_end():
    records = consumer.poll(timeout_ms=1000)
    if not records:
        continue
    producer.begin_transaction()
    for messages in records.values():
        for message in messages:
            producer.send('output-topic', message.value.upper())
    offsets = {partition: OffsetAndMetadata(consumer.position(partition), '', -1) for partition in records}
    producer.send_offsets_to_transaction(offsets, consumer.group_metadata())
    producer.flush()
    if dies_at is not None and any(message.offset == dies_at for messages in records.values() for message in messages):
        os.kill(os.getpid(), signal.SIGKILL)
    producer.commit_transaction()
producer.close()
consumer.close()
