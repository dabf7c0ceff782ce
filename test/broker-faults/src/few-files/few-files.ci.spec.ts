import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTopics, fetch, produce, WireClient } from '@millrace/streaming-core/protocol';
import { encodeBatch } from '@millrace/streaming-core/records';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startBrokerChild, type BrokerChild } from '../process/broker-child.ts';

const filesMax = 128;
const partitions = 24;
const crowd = 300;
const rounds = 5;
const topic = 'orders';
const configs = [{ name: 'internal.segment.bytes', value: '200' }];

describe(`a broker that may open ${filesMax} files, and whose ${partitions} partitions each begin a segment with every batch`, () => {
  let dataFolder: string = '';
  let broker: BrokerChild | undefined = undefined;
  let client: WireClient | undefined = undefined;

  beforeEach(async () => {
    dataFolder = mkdtempSync(join(tmpdir(), 'millrace-few-files-'));
    broker = await startBrokerChild({
      dataFolder,
      under: ['sh', '-c', `ulimit -n ${filesMax} && exec "$0" "$@"`],
    });
    client = await WireClient.connect(broker);
    const made = await client.send(createTopics, 7, {
      topics: [{ name: topic, numPartitions: partitions, replicationFactor: 1, configs }],
    });
    expect(made.topics[0]?.errorCode).toBe(0);
  });
  afterEach(async () => {
    client?.close();
    await broker?.kill();
    rmSync(dataFolder, { recursive: true, force: true });
  });

  /** Writes a batch and resolves to the error code of the answer. */
  async function write(partition: number, round: number): Promise<number | undefined> {
    const records = encodeBatch([{ value: Buffer.alloc(100, round) }], { timestampMs: BigInt(Date.now()) });
    const topicData = [{ name: topic, partitionData: [{ index: partition, records }] }];
    const { responses } = await client!.send(produce, 9, { acks: -1, timeoutMs: 30_000, topicData });
    return responses[0]?.partitionResponses[0]?.errorCode;
  }

  async function read(partition: number): Promise<number | undefined> {
    const asked = [{ partition, fetchOffset: 0n, partitionMaxBytes: 10_000 }];
    const { responses } = await client!.send(fetch, 12, {
      maxWaitMs: 1_000,
      minBytes: 1,
      topics: [{ topic, partitions: asked }],
    });
    return responses[0]?.partitions[0]?.errorCode;
  }

  /** Resolves once the broker has accepted or closed every connection. */
  async function crowdAround({ host, port }: BrokerChild): Promise<readonly Socket[]> {
    const sockets = Array.from({ length: crowd }, () => connect(port, host).on('error', () => undefined));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    return sockets;
  }

  /**
   * Retries until the broker accepts the connection, as any client does. The other connections have
   * closed, but the broker may not have noticed yet.
   */
  async function createdLater(address: BrokerChild): Promise<number | undefined> {
    const later = await WireClient.connect(address);
    try {
      return (
        await later.send(createTopics, 7, {
          topics: [{ name: 'later', numPartitions: 1, replicationFactor: 1 }],
        })
      ).topics[0]?.errorCode;
    } catch {
      return await createdLater(address);
    } finally {
      later.close();
    }
  }

  it('L96 accepts and serves everything, even with more connections than it has files for', async () => {
    const sockets = await crowdAround(broker!);
    const codes = new Set<number | undefined>();
    for (let round = 0; round < rounds; round += 1)
      for (const code of await Promise.all(
        Array.from({ length: partitions }, (_, partition) => write(partition, round)),
      ))
        codes.add(code);
    for (let partition = 0; partition < partitions; partition += 1) codes.add(await read(partition));
    expect([...codes]).toEqual([0]);
    const sentAway = sockets.filter(({ closed }) => closed).length;
    expect(sentAway).toBeGreaterThanOrEqual(crowd - filesMax / 2);
    for (const socket of sockets) socket.destroy();
    expect(broker!.isAlive).toBe(true);
    expect(await createdLater(broker!)).toBe(0);
  });
});
