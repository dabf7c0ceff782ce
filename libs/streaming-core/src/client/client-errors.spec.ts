import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '../runtime/index.ts';
import { ClientError } from './errors/client-error.ts';
import {
  connectAdmin,
  connectConsumer,
  connectGroupConsumer,
  connectGroupOffsets,
  connectLagReader,
  connectLogReader,
  connectProducer,
  connectTransactionalProducer,
} from './index.ts';

/** No broker listens on this port. */
const nowhere = {
  bootstrapServers: ['127.0.0.1:1'],
  clientId: 'errors',
  retryDelayMsMin: 1,
  retryDelayMsMax: 2,
  requestTimeoutMs: 30,
  logger: silentLogger,
} as const;
const limited = { ...nowhere, operationTimeoutMs: 30 };
const at = [{ topic: 'orders', partition: 0 }];
const from = [{ topic: 'orders', partition: 0, offset: 0n }];
const record = { topic: 'orders', key: null, value: 'x' };
const group = { groupId: 'shipping', topics: ['orders'] };

interface Opened {
  /** Public calls, each with a name. */
  readonly calls: Readonly<Record<string, () => unknown>>;
  close(): Promise<void>;
}

const clients: Readonly<Record<string, () => Opened>> = {
  'a producer'() {
    const producer = connectProducer({ ...nowhere, deliveryTimeoutMs: 30, closeTimeoutMs: 30 });
    return {
      calls: {
        send: () => producer.send([record]),
        'send without a topic': () => producer.send([{ ...record, topic: '' }]),
        'send of something else': () => producer.send([7 as unknown as typeof record]),
        'send with an aborted signal': () => producer.send([record], { signal: AbortSignal.abort() }),
        post: () =>
          new Promise((_, reject) => producer.post([record], (error) => reject(error ?? new Error('sent')))),
      },
      close: () => producer.close(),
    };
  },
  'a transactional producer'() {
    const producer = connectTransactionalProducer({
      ...nowhere,
      transactionalId: 'errors',
      deliveryTimeoutMs: 30,
    });
    return {
      calls: {
        open: () => producer.open(),
        begin: () => producer.begin(),
        transaction: () => producer.transaction(async () => 1),
      },
      close: () => producer.close(),
    };
  },
  'a consumer'() {
    const consumer = connectConsumer({ ...limited, ...group });
    return {
      calls: {
        'first turn of a second loop': async () => {
          void consumer.batches().next();
          await consumer.batches().next();
        },
        commit: () => consumer.commit(from),
        seek: async () => consumer.seek(from[0]!),
        pause: async () => consumer.pause(at),
        position: async () => consumer.position(at[0]!),
        endOffsets: () => consumer.endOffsets(at),
        committed: () => consumer.committed(at),
        offsetsForTimes: () => consumer.offsetsForTimes([{ ...at[0]!, timestampMs: 0 }]),
      },
      close: () => consumer.close(),
    };
  },
  'a group consumer'() {
    const consumer = connectGroupConsumer({ ...limited, ...group });
    return {
      calls: {
        fetch: () => consumer.fetch(from),
        identify: () => consumer.identify(['orders']),
        beginningOffsets: () => consumer.beginningOffsets(at),
        commit: () => consumer.commit(from),
        committed: () => consumer.committed(at),
      },
      close: () => consumer.close(),
    };
  },
  'the offsets of a group'() {
    const offsets = connectGroupOffsets({ ...limited, groupId: 'shipping' });
    return {
      calls: { committed: () => offsets.committed(), commit: () => offsets.commit(from) },
      close: () => offsets.close(),
    };
  },
  'a log reader'() {
    const reader = connectLogReader(limited);
    return {
      calls: {
        identify: () => reader.identify(['orders']),
        fetch: () => reader.fetch(from),
        endOffsets: () => reader.endOffsets(at),
        offsetsForTimes: () => reader.offsetsForTimes([{ ...at[0]!, timestampMs: 0 }]),
      },
      close: () => reader.close(),
    };
  },
  'a lag reader'() {
    const lag = connectLagReader(limited);
    return {
      calls: {
        ofGroup: () => lag.ofGroup('shipping'),
        endOffsets: () => lag.endOffsets(at),
        offsetsHeld: () => lag.offsetsHeld(['orders']),
      },
      close: () => lag.close(),
    };
  },
  'an admin client'() {
    const admin = connectAdmin(limited);
    return {
      calls: {
        describeCluster: () => admin.describeCluster(),
        'topics.list': () => admin.topics.list(),
        'topics.create': () => admin.topics.create([{ name: 'a' }, { name: 'b' }]),
        'topics.create without a name': () => admin.topics.create([{ name: '' }]),
        'topics.delete': () => admin.topics.delete(['a']),
        'topics.describe': () => admin.topics.describe(['a']),
        'configs.describe': () => admin.configs.describe([{ type: 'topic', name: 'a' }]),
        'groups.list': () => admin.groups.list(),
        'groups.describe': () => admin.groups.describe(['a']),
        'groups.offsets': () => admin.groups.offsets('a'),
        'logDirs.describe': () => admin.logDirs.describe(),
        'records.delete': () => admin.records.delete(from),
      },
      close: () => admin.close(),
    };
  },
};

const settled = (call: () => unknown) =>
  Promise.resolve()
    .then(call)
    .then(
      (value) => value,
      (error: unknown) => error,
    );

describe.each(Object.entries(clients))('every call of %s', (_name, open) => {
  it('Q01 rejects with a ClientError while no broker answers, and after it was closed', async () => {
    const { calls, close } = open();
    const results = async () =>
      Promise.all(Object.entries(calls).map(async ([name, call]) => [name, await settled(call)] as const));
    const unreachable = await results();
    await close();

    for (const [name, result] of [...unreachable, ...(await results())])
      expect({ name, result, isClientError: result instanceof ClientError }).toMatchObject({
        isClientError: true,
      });
  });
});
