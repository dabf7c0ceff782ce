"""G04: nine events without a key by three partitioners. Prints, for each topic, the partition of each event and how often the custom one was asked."""
import itertools
import json
import sys

from kafka import KafkaProducer
from kafka.partitioner import Partitioner, StickyPartitioner


class CustomPartitioner:
    """As the guide has it."""

    asked = 0

    def partition(self, key, all_partitions):
        CustomPartitioner.asked += 1
        return hash(key) % len(all_partitions)


class Adapted(Partitioner):
    """kafka-python asks with more arguments than the guide's object takes."""

    def __init__(self, simple):
        self.simple = simple

    def partition(self, topic, key, serialized_key, value, serialized_value, cluster):
        return self.simple.partition(serialized_key, sorted(cluster.partitions_for_topic(topic)))


def send(topic, partitioner, keys, partitions):
    producer = KafkaProducer(bootstrap_servers=sys.argv[1], partitioner=partitioner, linger_ms=200)
    sent = [
        producer.send(topic, key=key, value=f'event{number}'.encode(), partition=partition)
        for number, (key, partition) in enumerate(zip(keys, partitions), 1)
    ]
    placed = [future.get(timeout=10).partition for future in sent]
    producer.close()
    return placed


round_robin, sticky, custom = sys.argv[2:5]
print(json.dumps({
    # Of records without a key kafka-python asks its partitioner again when a batch begins: strict rotation is told, not asked for.
    'roundRobin': send(round_robin, StickyPartitioner(), [None] * 9, itertools.cycle([0, 1, 2])),
    'sticky': send(sticky, StickyPartitioner(), [None] * 9, itertools.repeat(None)),
    'custom': send(custom, Adapted(CustomPartitioner()), [b'user_123', b'user_456', b'user_123'] * 3, itertools.repeat(None)),
    'asked': CustomPartitioner.asked,
}))
