"""One case of the conformance suite: `cases.py NAME BOOTSTRAP PREFIX`. It exits with 0 if the broker did what kafka-python needs."""
import sys
import time

from kafka import ConsumerRebalanceListener, KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewPartitions, NewTopic
from kafka.errors import KafkaError, ProducerFencedError, TopicAlreadyExistsError, UnknownTopicOrPartitionError

CASE, BOOTSTRAP, PREFIX = sys.argv[1:4]
TOPIC, OTHER, GROUP = f'{PREFIX}-t', f'{PREFIX}-other', f'{PREFIX}-group'


def admin():
    return KafkaAdminClient(bootstrap_servers=BOOTSTRAP)


def topics(*names, partitions=1, configs=None):
    client = admin()
    client.create_topics([NewTopic(name, num_partitions=partitions, replication_factor=1, topic_configs=configs or {}) for name in names])
    client.close()


def producer(**settings):
    return KafkaProducer(bootstrap_servers=BOOTSTRAP, **settings)


def consumer(*names, **settings):
    defaults = {'group_id': GROUP, 'auto_offset_reset': 'earliest', 'enable_auto_commit': False}
    return KafkaConsumer(*names, bootstrap_servers=BOOTSTRAP, **{**defaults, **settings})


def read(count, *names, **settings):
    """Reads the first records of the topics with a consumer that is closed afterwards."""
    reader = consumer(*names, **settings)
    records, deadline = [], time.monotonic() + 20
    while len(records) < count and time.monotonic() < deadline:
        for batch in reader.poll(timeout_ms=1000).values():
            records.extend(batch)
    if reader.config['group_id'] is not None:
        reader.commit()
    reader.close()
    return records


def expect(actual, wanted):
    if actual != wanted:
        raise AssertionError(f'expected {wanted!r}, got {actual!r}')


def eventually(condition, what):
    deadline = time.monotonic() + 20
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f'waited 20 s for {what}')
        time.sleep(0.05)


def round_trip(count=500, **settings):
    topics(TOPIC)
    writer = producer(**settings)
    values = [f'value {index}'.encode() * 20 for index in range(count)]
    for value in values:
        writer.send(TOPIC, value=value, key=b'k', headers=[('trace', b'1'), ('trace', b'2')])
    writer.flush(20)
    writer.close()
    records = read(count, TOPIC)
    expect([record.value for record in records], values)
    expect([record.offset for record in records], list(range(count)))
    expect(list(records[0].headers), [('trace', b'1'), ('trace', b'2')])


def gzip():
    round_trip(compression_type='gzip')


def acks_0():
    round_trip(acks=0, enable_idempotence=False)


def acks_1():
    round_trip(acks=1, enable_idempotence=False)


def idempotent():
    round_trip(count=800, enable_idempotence=True, acks='all', batch_size=400)


def group():
    topics(TOPIC, partitions=4)
    writer = producer()

    def fill(text):
        for partition in range(4):
            for index in range(5):
                writer.send(TOPIC, value=f'{text}{partition}{index}'.encode(), partition=partition)
        writer.flush(20)

    settings = {'session_timeout_ms': 6000, 'heartbeat_interval_ms': 300}
    one, two = consumer(TOPIC, **settings), consumer(TOPIC, **settings)
    seen = []

    def poll(*members):
        for member in members:
            for batch in member.poll(timeout_ms=500).values():  # shorter than a rebalance, and kafka-python restarts it each time
                seen.extend((record.partition, record.offset) for record in batch)

    def both():
        poll(one, two)
        return len(one.assignment()) == 2 and len(two.assignment()) == 2

    eventually(both, 'two partitions each')
    fill('a')
    eventually(lambda: poll(one, two) or len(seen) >= 20, '20 records')
    expect(len(set(seen)), 20)
    one.commit()
    two.commit()
    two.close()
    eventually(lambda: poll(one) or len(one.assignment()) == 4, 'all partitions')
    fill('b')
    eventually(lambda: poll(one) or len(seen) >= 40, '40 records')
    expect(len(set(seen)), 40)
    one.commit()
    one.close()
    fill('c')
    expect(sorted(record.value[:1] for record in read(20, TOPIC)), [b'c'] * 20)


def offsets():
    topics(TOPIC, configs={'retention.ms': '-1'})  # its records are older than the default, and retention may run at any time
    writer = producer()
    for index in range(10):
        writer.send(TOPIC, value=b'%d' % index, timestamp_ms=1_700_000_000_000 + index * 1000)
        writer.flush(20)
    partition = TopicPartition(TOPIC, 0)
    reader = consumer()
    reader.assign([partition])
    eventually(lambda: reader.beginning_offsets([partition]) == {partition: 0}, 'the first offset, once the topic has its leader')
    expect(reader.end_offsets([partition]), {partition: 10})
    expect(reader.offsets_for_times({partition: 1_700_000_003_500})[partition].offset, 4)
    expect(reader.offsets_for_times({partition: 1_800_000_000_000})[partition], None)
    expect(reader.committed(partition), None)
    reader.commit({partition: OffsetAndMetadata(7, 'note', -1)})
    expect(reader.committed(partition, metadata=True).metadata, 'note')
    reader.seek(partition, 8)
    expect([record.value for record in reader.poll(timeout_ms=5000)[partition]], [b'8', b'9'])
    expect(reader.position(partition), 10)
    expect(reader.partitions_for_topic(TOPIC), {0})
    reader.close()


def transactions():
    topics(TOPIC, OTHER)
    writer = producer(transactional_id=f'{PREFIX}-tx')
    writer.init_transactions()
    for value, keep in [(b'1', True), (b'2', False), (b'3', True)]:
        writer.begin_transaction()
        writer.send(TOPIC, value=value)
        writer.send(OTHER, value=value)
        if keep:
            writer.commit_transaction()
        else:
            writer.flush(20)
            writer.abort_transaction()
    for name in (TOPIC, OTHER):
        committed = read(2, name, group_id=f'{GROUP}-{name}-c', isolation_level='read_committed')
        expect([record.value for record in committed], [b'1', b'3'])
        everything = read(3, name, group_id=f'{GROUP}-{name}-u')
        expect([record.value for record in everything], [b'1', b'2', b'3'])
    writer.close()


def send_offsets():
    topics(TOPIC, OTHER)
    first = producer()
    for index in range(10):
        first.send(TOPIC, value=b'%d' % index)
    first.flush(20)
    writer = producer(transactional_id=f'{PREFIX}-tx')
    writer.init_transactions()
    reader = consumer(TOPIC)
    moved, partition = 0, TopicPartition(TOPIC, 0)
    while moved < 10:
        batch = reader.poll(timeout_ms=500, max_records=3).get(partition, [])
        if not batch:
            continue
        writer.begin_transaction()
        for record in batch:
            writer.send(OTHER, value=record.value * 2)
        next_offset = {partition: OffsetAndMetadata(batch[-1].offset + 1, '', -1)}
        writer.send_offsets_to_transaction(next_offset, reader.group_metadata())
        writer.commit_transaction()
        moved += len(batch)
    eventually(lambda: reader.committed(partition) == 10, 'the committed offset 10')  # the markers are written after the answer
    reader.close()
    written = read(10, OTHER, group_id=f'{GROUP}-check', isolation_level='read_committed')
    expect([record.value for record in written], [b'%d%d' % (index, index) for index in range(10)])


def fencing():
    topics(TOPIC)
    old, new = producer(transactional_id=f'{PREFIX}-tx'), producer(transactional_id=f'{PREFIX}-tx')
    old.init_transactions()
    old.begin_transaction()
    old.send(TOPIC, value=b'old')
    old.flush(20)
    new.init_transactions()
    new.begin_transaction()
    new.send(TOPIC, value=b'new')
    new.commit_transaction()
    try:
        old.send(TOPIC, value=b'late').get(timeout=20)
        old.commit_transaction()
    except KafkaError as error:
        print(f'the old producer: {error!r}')
    else:
        raise AssertionError('the old producer was not fenced')
    expect([record.value for record in read(1, TOPIC, isolation_level='read_committed')], [b'new'])


def admin_topics():
    client = admin()
    client.create_topics([NewTopic(TOPIC, num_partitions=2, replication_factor=1)])
    try:
        client.create_topics([NewTopic(TOPIC, num_partitions=2, replication_factor=1)])
    except TopicAlreadyExistsError:
        pass
    else:
        raise AssertionError('the topic was created twice')
    client.create_partitions({TOPIC: NewPartitions(4)})
    eventually(lambda: len(client.describe_topics([TOPIC])[0]['partitions']) == 4, 'four partitions')
    if TOPIC not in client.list_topics():
        raise AssertionError('the topic is not listed')
    expect(len(client.describe_cluster()['brokers']), 1)
    client.describe_log_dirs()
    client.delete_topics([TOPIC])
    eventually(lambda: TOPIC not in client.list_topics(), 'the end of the topic')
    try:
        client.delete_topics([TOPIC])
    except UnknownTopicOrPartitionError:
        pass
    client.close()


def admin_configs():
    topics(TOPIC, configs={'cleanup.policy': 'compact'})
    client = admin()
    resource = ConfigResource(ConfigResourceType.TOPIC, TOPIC)
    print(client.describe_configs([resource]))
    if 'compact' not in repr(client.describe_configs([resource])):
        raise AssertionError('the policy is not reported')
    client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, TOPIC, configs={'retention.ms': '1000'})])
    eventually(lambda: '1000' in repr(client.describe_configs([resource])), 'the new value')
    client.close()


def admin_groups():
    topics(TOPIC)
    writer = producer()
    for index in range(6):
        writer.send(TOPIC, value=b'%d' % index)
    writer.flush(20)
    read(6, TOPIC)
    client = admin()
    partition = TopicPartition(TOPIC, 0)
    print(client.list_groups(), client.describe_groups([GROUP]))
    if GROUP not in repr(client.list_groups()):
        raise AssertionError('the group is not listed')
    if 'Empty' not in repr(client.describe_groups([GROUP])):
        raise AssertionError('the group is not empty')
    print(client.list_group_offsets({GROUP: [partition]}))
    client.alter_group_offsets(GROUP, {partition: OffsetAndMetadata(2, '', -1)})
    expect([record.value for record in read(4, TOPIC)], [b'2', b'3', b'4', b'5'])
    client.delete_group_offsets(GROUP, [partition])
    client.delete_groups([GROUP])
    eventually(lambda: GROUP not in repr(client.list_groups()), 'the end of the group')
    client.close()


def admin_records():
    topics(TOPIC)
    writer = producer()
    for index in range(6):
        writer.send(TOPIC, value=b'%d' % index)
    writer.flush(20)
    client = admin()
    print(client.delete_records({TopicPartition(TOPIC, 0): 4}))
    expect([record.value for record in read(2, TOPIC)], [b'4', b'5'])
    client.close()


def admin_transactions():
    topics(TOPIC)
    writer = producer(transactional_id=f'{PREFIX}-tx')
    writer.init_transactions()
    writer.begin_transaction()
    writer.send(TOPIC, value=b'open')
    writer.flush(20)
    client = admin()
    print(client.describe_producers([TopicPartition(TOPIC, 0)]))
    if f'{PREFIX}-tx' not in repr(client.list_transactions()):
        raise AssertionError('the transaction is not listed')
    if 'ongoing' not in repr(client.describe_transactions([f'{PREFIX}-tx'])).lower():
        raise AssertionError(f"the transaction is not ongoing: {client.describe_transactions([f'{PREFIX}-tx'])}")
    writer.commit_transaction()
    client.close()


if __name__ == '__main__':
    globals()[CASE]()
