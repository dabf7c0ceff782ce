import { afterEach, describe, expect, it } from '@jest/globals';
import { listOffsets } from '../../protocol/apis/list-offsets.ts';
import { metadata } from '../../protocol/apis/metadata.ts';
import { errorCodes, type ErrorName } from '../../protocol/errors.ts';
import { silentLogger } from '../../runtime/index.ts';
import {
  scripted,
  startScriptedListener,
  type ScriptedListener,
} from '../connection/scripted-listener.fake.ts';
import { connectLagReader } from '../lag/lag-reader.ts';
import { connectGroupConsumer } from './group-consumer.ts';
import { connectConsumer } from './managed/consumer.ts';
import { connectLogReader } from './open-log-reader.ts';

const topic = 'orders';
const at = [{ topic, partition: 0 }];

/** The broker's answers to each kind of request, in order. It repeats the last one. */
interface Script {
  readonly metadata?: readonly ErrorName[];
  readonly offsets?: readonly ErrorName[];
}

describe('a look-up of offsets', () => {
  let listener: ScriptedListener;
  let asked: string[];
  const start = async ({ metadata: places = ['NONE'], offsets = ['NONE'] }: Script) => {
    asked = [];
    const next = (name: string, answers: readonly ErrorName[]): ErrorName => {
      const before = asked.filter((one) => one === name).length;
      asked.push(name);
      return answers[Math.min(before, answers.length - 1)]!;
    };
    listener = await startScriptedListener([
      scripted(metadata, () => {
        const answer = next('Metadata', places);
        const leaderId = answer === 'NONE' ? 0 : -1;
        const partition = { errorCode: errorCodes[answer], partitionIndex: 0, leaderId, replicaNodes: [0] };
        return {
          errorCode: 0,
          clusterId: 'scripted',
          brokers: [{ nodeId: 0, ...listener.address }],
          topics: [
            { errorCode: errorCodes[answer], name: topic, partitions: [{ ...partition, isrNodes: [] }] },
          ],
        };
      }),
      scripted(listOffsets, () => {
        const errorCode = errorCodes[next('ListOffsets', offsets)];
        const partitions = [{ partitionIndex: 0, errorCode, offset: 7n, timestamp: -1n }];
        return { topics: [{ name: topic, partitions }] };
      }),
    ]);
    return {
      bootstrapServers: [`${listener.address.host}:${listener.address.port}`],
      clientId: 'look-up',
      logger: silentLogger,
      retryDelayMsMin: 1,
      retryDelayMsMax: 2,
    };
  };
  afterEach(() => listener.close());

  it.each<[string, Script]>([
    ['answers that another broker leads', { offsets: ['NOT_LEADER_OR_FOLLOWER', 'NONE'] }],
    ['does not know the new topic yet', { offsets: ['UNKNOWN_TOPIC_OR_PARTITION', 'NONE'] }],
  ])('asks the new leader if the one it asked %s', async (_, script) => {
    await using reader = connectLogReader(await start(script));

    expect(await reader.endOffsets(at)).toEqual([{ topic, partition: 0, offset: 7n }]);
    expect(asked).toEqual(['Metadata', 'ListOffsets', 'Metadata', 'ListOffsets']);
  });

  it('waits for the leader of a new topic', async () => {
    await using reader = connectLogReader(await start({ metadata: ['LEADER_NOT_AVAILABLE', 'NONE'] }));

    expect(await reader.beginningOffsets(at)).toEqual([{ topic, partition: 0, offset: 7n }]);
    expect(asked).toEqual(['Metadata', 'Metadata', 'ListOffsets']);
  });

  it('is retried by every client that reads', async () => {
    const options = await start({ offsets: ['NOT_LEADER_OR_FOLLOWER', 'NONE'] });
    const group = { ...options, groupId: 'shipping', topics: [topic] };
    for (const client of [connectConsumer(group), connectGroupConsumer(group), connectLagReader(options)]) {
      asked = [];
      expect(await client.endOffsets(at)).toEqual([{ topic, partition: 0, offset: 7n }]);
      expect(asked.filter((one) => one === 'ListOffsets')).toHaveLength(2);
      await client.close();
    }
  });

  it('ends after operationTimeoutMs, and says what the broker answered', async () => {
    const options = await start({ offsets: ['NOT_LEADER_OR_FOLLOWER'] });
    await using reader = connectLogReader({ ...options, operationTimeoutMs: 50 });

    await expect(reader.endOffsets(at)).rejects.toMatchObject({
      kind: 'retriable',
      message: expect.stringContaining('asking for offsets'),
    });
    expect(asked.length).toBeGreaterThan(2);
  });

  it('rejects a topic that the cluster does not have at once', async () => {
    await using reader = connectLogReader(await start({ metadata: ['UNKNOWN_TOPIC_OR_PARTITION'] }));

    await expect(reader.endOffsets(at)).rejects.toMatchObject({ code: 'unknown_topic' });
    expect(asked).toEqual(['Metadata']);
  });

  it('does not retry what the broker refuses', async () => {
    await using reader = connectLogReader(await start({ offsets: ['TOPIC_AUTHORIZATION_FAILED'] }));

    await expect(reader.endOffsets(at)).rejects.toMatchObject({ kind: 'fatal' });
    expect(asked).toEqual(['Metadata', 'ListOffsets']);
  });
});
