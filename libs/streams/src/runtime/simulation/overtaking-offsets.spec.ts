import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { Committer } from '../committer.ts';
import { nextTurn } from '../next-turn.ts';
import { restore, type RestoredTask } from '../restoration.ts';
import { startPositions } from '../start-positions.ts';
import { TransactionalOutput } from '../output.ts';
import { oneSlice, taskWith } from '../written-task.fake.ts';
import { Choices } from './choices.fake.ts';
import { Network } from './network.fake.ts';
import { SimulatedProducer } from './simulated-producer.fake.ts';
import { SimulatedReader } from './simulated-reader.fake.ts';
import { TransactionalLog } from './transactional-log.fake.ts';
import { VirtualClock } from './virtual-clock.fake.ts';

const input = { topic: 'in', partition: 0 };
const changelog = { topic: 'changelog', partition: 0 };
const change = { ...changelog, key: 'k', value: 'v', timestampMs: 1 };

describe('a task of a process that is still committing slow records', () => {
  it('T04 is taken over with all the state that belongs to its offsets', async () => {
    const clock = new VirtualClock();
    const choices = new Choices([]);
    let generation = 1;
    const log = new TransactionalLog({
      topics: new Map([input, changelog].map(({ topic }) => [topic, 1])),
      clock,
      choices,
      transactionTimeoutMs: 10_000,
      isMember: ({ generationId }) => generationId === generation,
    });
    const network = new Network(clock, choices);
    const arrival = Promise.withResolvers<void>();
    const former = new TransactionalOutput({
      groupId: 'app',
      logger: silentLogger,
      connect: () => new SimulatedProducer(log, network, 'former'),
    });
    const written = arrival.promise.then(() => former.send([change]));
    const offsets = [{ ...input, offset: 1n }];
    const committing = new Committer(former, oneSlice)
      .commit([taskWith(offsets, written)], { memberId: 'former', generationId: 1 })
      .catch(() => former.abort());
    await nextTurn();

    generation = 2;
    const state: unknown[] = [];
    const task: RestoredTask = {
      changelogs: new Map([['store', changelog]]),
      restoredOffset: () => null,
      restore: (_store, records) => void state.push(...records),
      keepRestored: () => undefined,
    };
    const reader = (isolation: 'read_committed' | 'read_uncommitted') =>
      new SimulatedReader({ log, network, clock, choices, isolation });
    await restore([task], {
      reader: reader('read_committed'),
      ends: reader('read_uncommitted'),
      clock,
      batchRecordsMax: 1,
      isCurrent: () => true,
      onProgress: () => undefined,
    });
    const starting = startPositions([{ name: '0_0', sources: [input], changelogs: [changelog] }], {
      settings: { applicationId: 'app', guarantee: 'exactly_once_v2', stateDir: '', logger: silentLogger },
      admin: {
        groups: {
          offsets: (_group, query) => network.call(() => log.stableOffsets(query?.partitions ?? [])),
        },
      },
      reader: reader('read_committed'),
      changelogs: reader('read_committed'),
      resetOf: () => 'earliest',
    });
    await nextTurn();
    arrival.resolve();
    await committing;
    await clock.step();
    const { offset } = (await starting).get('in/0')!;

    expect({ offset, changes: state.length }).toEqual({ offset: 0n, changes: 0 });
  });
});
