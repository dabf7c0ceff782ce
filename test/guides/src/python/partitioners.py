"""G04: nine events with each of three partitioners. Prints the partition of each event by topic, and how often the custom partitioner was called."""
import itertools
import json
import sys

from kafka import KafkaProducer
from kafka.partitioner import Partitioner, StickyPartitioner


class CustomPartitioner:
    """The partitioner of the guide."""

    asked = 0

    def partition(self, key, all_partitions):
        CustomPartitioner.asked += 1
        return hash(key) % len(all_partitions)


class Adapted(Partitioner):
    """Drops the arguments of kafka-python that the guide's partitioner does not take."""

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
    # Without a key, kafka-python calls its partitioner again at each new batch, so the program
    # sets the rotation itself.
    'roundRobin': send(round_robin, StickyPartitioner(), [None] * 9, itertools.cycle([0, 1, 2])),
    'sticky': send(sticky, StickyPartitioner(), [None] * 9, itertools.repeat(None)),
    'custom': send(custom, Adapted(CustomPartitioner()), [b'user_123', b'user_456', b'user_123'] * 3, itertools.repeat(None)),
    'asked': CustomPartitioner.asked,
}))
