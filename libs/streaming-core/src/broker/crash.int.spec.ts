import { describe, expect, it } from '@jest/globals';
import { initProducerId } from '../protocol/apis/transactions.ts';
import { listOffsets } from '../protocol/apis/list-offsets.ts';
import { metadata } from '../protocol/apis/metadata.ts';
import { offsetCommit, offsetFetch } from '../protocol/apis/group-offsets.ts';
import { errorCodes } from '../protocol/errors.ts';
import { brokerChild } from './broker-child.fixture.ts';
import { batchOf, makeTopic, produceBatch } from './broker.fixture.ts';
import type { WireClient } from '../protocol/testing/wire-client.ts';

const { start: startProcess, kill: killBroker } = brokerChild();

const endOffset = async (client: WireClient, topic: string) => {
  const { topics } = await client.send(listOffsets, 9, {
    topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp: -1n }] }],
  });
  return topics[0]!.partitions[0]!.offset;
};

const identity = async (client: WireClient, topic: string) => {
  const { clusterId, topics } = await client.send(metadata, 12, { topics: [{ name: topic }] });
  return { clusterId, topicId: topics[0]!.topicId };
};

describe('a broker that is killed', () => {
  it('L02 has every acknowledged record, committed offset, producer state and its identity again after a restart', async () => {
    let client = await startProcess();
    await makeTopic(client, 'kept', { 'retention.ms': '1000000' });
    const { producerId, producerEpoch } = await client.send(initProducerId, 5, {
      transactionalId: null,
      transactionTimeoutMs: 0,
    });
    const batch = (baseSequence: number) => batchOf(['v'], { producerId, producerEpoch, baseSequence });
    for (let sequence = 0; sequence < 20; sequence += 1)
      await produceBatch(client, { topic: 'kept' }, batch(sequence));
    const commit = await client.send(offsetCommit, 9, {
      groupId: 'g',
      topics: [
        { name: 'kept', partitions: [{ partitionIndex: 0, committedOffset: 12n, committedMetadata: 'm' }] },
      ],
    });
    expect(commit.topics[0]!.partitions[0]!.errorCode).toBe(0);
    const before = await identity(client, 'kept');
    await killBroker();

    client = await startProcess();
    expect(await identity(client, 'kept')).toEqual(before);
    expect(await endOffset(client, 'kept')).toBe(20n);
    const fetched = await client.send(offsetFetch, 9, { groups: [{ groupId: 'g', topics: null }] });
    expect(fetched.groups[0]!.topics[0]!.partitions[0]).toMatchObject({
      committedOffset: 12n,
      metadata: 'm',
    });
    expect(await produceBatch(client, { topic: 'kept' }, batch(19))).toMatchObject({
      errorCode: 0,
      baseOffset: 19n,
    });
    expect(await produceBatch(client, { topic: 'kept' }, batch(25))).toMatchObject({
      errorCode: errorCodes.OUT_OF_ORDER_SEQUENCE_NUMBER,
    });
    expect(await produceBatch(client, { topic: 'kept' }, batch(20))).toMatchObject({
      errorCode: 0,
      baseOffset: 20n,
    });
    const next = await client.send(initProducerId, 5, { transactionalId: null, transactionTimeoutMs: 0 });
    expect(next.producerId).not.toBe(producerId);
  });

  it('L02 in the middle of writes loses nothing that it acknowledged', async () => {
    let client = await startProcess();
    await makeTopic(client, 'busy');
    let acknowledged = 0n;
    const writes = Array.from({ length: 2_000 }, () =>
      produceBatch(client, { topic: 'busy' }, batchOf(['v'])).then(
        ({ errorCode, baseOffset }) => {
          if (errorCode === 0 && baseOffset >= acknowledged) acknowledged = baseOffset + 1n;
          if (baseOffset === 300n) void killBroker();
        },
        () => undefined,
      ),
    );
    await Promise.all(writes);
    expect(acknowledged).toBeGreaterThan(300n);
    await killBroker();
    client = await startProcess();
    expect(await endOffset(client, 'busy')).toBeGreaterThanOrEqual(acknowledged);
  });
});
