import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../runtime/index.ts';
import { ManualClock } from '../../runtime/manual-clock.fake.ts';
import type { LogManager } from '../../log/log-manager.ts';
import { zeroUuid } from '../../protocol/schema.ts';
import type { FetchRequest } from '../../protocol/apis/fetch.ts';
import type { BrokerServices } from '../broker-services.ts';
import { FetchSessions } from './fetch-sessions.ts';
import { defaultLimits, type BrokerLimits } from '../limits.ts';

const emptyLogs: Partial<LogManager> = {
  topic: () => undefined,
  topicById: () => undefined,
  partition: () => undefined,
};

/** A log of one record that the high watermark hides or shows. Listeners are not called. */
const movingLog = () => ({
  highWatermark: 0n,
  logEndOffset: 1n,
  logStartOffset: 0n,
  lastStableOffset: 0n,
  onMoved: () => () => undefined,
  read(offset: bigint) {
    return offset < this.highWatermark ? Buffer.of(1) : Buffer.alloc(0);
  },
});

function openCache(limits: Partial<BrokerLimits> = {}, logs = emptyLogs) {
  const clock = new ManualClock();
  const unsent = { hasRoom: true, foresee: () => undefined };
  const services = {
    clock,
    logger: silentLogger,
    limits: { ...defaultLimits, ...limits },
    logs,
    unsent,
  } as unknown as BrokerServices;
  let ids = 0;
  const sessions = new FetchSessions(services, () => (ids += 1));
  const open = (partitions: number) => sessions.keep(sessions.begin(asking({ partitions }), 12).plan, 12)?.id;
  return { clock, sessions, open };
}

const asking = ({
  partitions = 0,
  ...rest
}: {
  partitions?: number;
  sessionId?: number;
  sessionEpoch?: number;
}): FetchRequest => ({
  clusterId: null,
  replicaId: -1,
  replicaState: { replicaId: -1, replicaEpoch: -1n },
  rackId: '',
  maxWaitMs: 0,
  minBytes: 1,
  maxBytes: 1_000,
  isolationLevel: 0,
  sessionId: 0,
  sessionEpoch: 0,
  forgottenTopicsData: [],
  ...rest,
  topics: [
    {
      topic: 't',
      topicId: zeroUuid,
      partitions: Array.from({ length: partitions }, (_, partition) => ({
        partition,
        currentLeaderEpoch: -1,
        fetchOffset: 0n,
        lastFetchedEpoch: -1,
        logStartOffset: -1n,
        partitionMaxBytes: 1_000,
        replicaDirectoryId: zeroUuid,
        highWatermark: -1n,
      })),
    },
  ],
});

const next = (sessionId: number, sessionEpoch: number) => asking({ sessionId, sessionEpoch });
const minutes = (count: number) => count * 60_000;

describe('L46 the fetch sessions of a broker', () => {
  it('return a record before the listeners of its log were called', () => {
    const log = movingLog();
    const { sessions } = openCache(
      {},
      { ...emptyLogs, topic: () => undefined, partition: () => log as never },
    );
    const limits = { maxBytes: 1_000, minBytes: 1, isolationLevel: 0 };
    const first = sessions.begin(asking({ partitions: 1 }), 12).plan;
    expect(first.attempt(limits, { waitsFor: 'nothing', everything: true })).toHaveLength(1);
    const { id } = sessions.keep(first, 12)!;
    log.highWatermark = 1n;
    const { plan } = sessions.begin({ ...next(id, 1), topics: [] }, 12);
    expect(
      plan.attempt(limits, { waitsFor: 'nothing', everything: false })?.[0]?.partitions[0]?.records,
    ).toEqual(Buffer.of(1));
  });

  it('are limited to the number of slots: a client over the limit gets no session', () => {
    const { open, sessions } = openCache({ fetchSessionsMax: 2 });
    expect(open(1)).toEqual(1);
    expect(open(1)).toEqual(2);
    expect(open(9)).toBeUndefined();
    expect(sessions.size).toBe(2);
  });

  it('evict one that was idle for more than two minutes', async () => {
    const { open, sessions, clock } = openCache({ fetchSessionsMax: 2 });
    open(5);
    open(5);
    await clock.advance(minutes(1));
    sessions.begin(next(1, 1), 12);
    await clock.advance(minutes(1) + 1);
    expect(open(1)).toBe(3);
    expect(() => sessions.begin(next(2, 1), 12)).toThrow(/no fetch session 2/);
    expect(sessions.begin(next(1, 2), 12).session?.id).toBe(1);
  });

  it('evict the smallest of those older than two minutes in favour of a larger one', async () => {
    const { open, sessions, clock } = openCache({ fetchSessionsMax: 2 });
    open(5);
    open(3);
    for (const epoch of [1, 2, 3]) {
      await clock.advance(minutes(1));
      for (const id of [1, 2]) sessions.begin(next(id, epoch), 12);
    }
    expect(open(3)).toBeUndefined();
    expect(open(4)).toBe(3);
    expect(() => sessions.begin(next(2, 4), 12)).toThrow(/no fetch session 2/);
  });

  it('have a limit on the total of their partitions, and end a session that outgrows it', () => {
    const { open, sessions } = openCache({ fetchSessionPartitionsMax: 10 });
    const id = open(6)!;
    expect(open(5)).toBeUndefined();
    expect(() => sessions.begin(asking({ sessionId: id, sessionEpoch: 1, partitions: 11 }), 12)).toThrow(
      /too many partitions/,
    );
    expect(open(10)).toBeDefined();
  });

  it('count epochs from 1 to 2147483647 and then from 1 again', () => {
    const { open, sessions } = openCache();
    const id = open(1)!;
    const { session } = sessions.begin(next(id, 1), 12);
    session!.epoch = 2_147_483_647;
    sessions.begin(next(id, 2_147_483_647), 12);
    expect(session!.epoch).toBe(1);
  });
});
