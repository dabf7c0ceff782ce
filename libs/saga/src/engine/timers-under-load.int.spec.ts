import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lockStreams } from '@millrace/event-sourcing';
import {
  connectAdmin,
  connectGroupConsumer,
  connectProducer,
  partitionOfKey,
  type GroupConsumer,
  type Producer,
  type ProducerRecord,
} from '@millrace/streaming-core/client';
import { createConsumerRuntime, type ConsumerRuntime } from '@millrace/streaming-core/consumer';
import type { MessageDeclaration } from '@millrace/streaming-core/contract';
import { pause, silentLogger, systemClock } from '@millrace/streaming-core/runtime';
import { startTestBroker, type TestBroker } from '@millrace/testing/engine';
import { within } from '@millrace/testing/within';
import { v7 } from 'uuid';
import { bookingCommands, bookingEvents, tripEvents } from '../decision/sample-saga.fixture.ts';
import { newTrip, openSagaWorld, type SagaWorld } from './saga-world.bench.ts';
import type { SagaEngine } from './saga-engine.ts';

/** How long the overload lasts. `npm run verify -- overload` lets it last a minute. */
const overloadMs = Number(process.env['MILLRACE_TEST_OVERLOAD_S'] ?? 10) * 1_000;
const stepTimeoutMs = 1_000;
/** How fast the log grows ahead of the saga, in messages per second. */
const lagGrowth = 10;
/**
 * The time that handling a message takes in addition to its transaction, so that the test
 * determines the load and not the machine.
 */
const handlingMs = 4;
/**
 * The maximum delay of a timer after everything before it is handled. It is half of the overload,
 * because a busy machine may delay the saga for seconds. On such a machine, a timer may also wait
 * for messages that arrived in the meantime.
 */
const boundMs = 5_000;
const backlogMin = 60;
const firedMin = 20;
const partitions = bookingEvents.declaration.partitions;
const topics = [tripEvents.declaration.name, bookingEvents.declaration.name];

/** The ends of the log and the committed offsets at one moment, by `topic/partition`. */
interface Sample {
  readonly atMs: number;
  readonly ends: ReadonlyMap<string, bigint>;
  readonly committed: ReadonlyMap<string, bigint>;
}

const recordOf = (
  declaration: MessageDeclaration,
  key: string,
  fields: object = {},
  causationId = v7(),
): ProducerRecord => ({
  topic: declaration.topic.name,
  key,
  value: JSON.stringify({ type: declaration.type, tripId: key, ...fields }),
  headers: {
    ce_specversion: '1.0',
    ce_id: v7(),
    ce_type: declaration.type,
    ce_source: '/millrace/test',
    ce_time: new Date().toISOString(),
    ce_subject: key,
    ce_correlationid: key,
    ce_causationid: causationId,
  },
});

describe('timers of sagas that get more messages than they can handle', () => {
  let world: SagaWorld;
  let broker: TestBroker;
  let producer: Producer;
  let consumer: GroupConsumer;
  let engine: SagaEngine;
  let runtime: ConsumerRuntime;
  const samples: Sample[] = [];
  /**
   * The moments at which an assignment or a failed fetch moved due timers. A moved timer comes due
   * one step timeout later.
   */
  const movedAtMs: number[] = [];
  /** The moment at which the answer to a trip's first command was on the log. */
  const answeredAtMs = new Map<string, number>();
  const ended = new AbortController();
  const background: Promise<void>[] = [];

  beforeAll(async () => {
    [world, broker] = await Promise.all([openSagaWorld(), startTestBroker()]);
    const connection = {
      bootstrapServers: [broker.bootstrapServers],
      clientId: 'test',
      logger: silentLogger,
    };
    const admin = connectAdmin(connection);
    await admin.createTopics([tripEvents, bookingEvents, bookingCommands].map((each) => each.declaration));
    await admin.close();
    producer = connectProducer(connection);
    consumer = connectGroupConsumer({ ...connection, groupId: 'trips', topics });
    engine = world.engine({
      clock: systemClock,
      personal: async () => ({ guest: 'Ada Lovelace' }),
      logger: {
        ...silentLogger,
        info: (_, message) => void (message.includes('were moved') && movedAtMs.push(Date.now())),
      },
      settings: { stepTimeoutMs, resendsMax: 0 },
    });
    runtime = createConsumerRuntime({
      group: 'trips',
      consumer,
      database: world.database.sql,
      lockStreams,
      handlers: engine.handlers.map((handler) => ({
        ...handler,
        async handle(message, context) {
          await pause(systemClock, handlingMs, ended.signal);
          await handler.handle(message, context);
        },
      })),
    });
    runtime.addOwnershipListener(engine.ownership);
    await runtime.start();
    engine.timers.start();
  });
  afterAll(async () => {
    ended.abort();
    await Promise.allSettled(background);
    await engine.timers.stop();
    await runtime.stop();
    await producer.close();
    await Promise.all([broker.stop(), world.close()]);
  });

  const everyPartition = topics.flatMap((topic) =>
    Array.from({ length: partitions }, (_, partition) => ({ topic, partition })),
  );
  const nameOf = ({ topic, partition }: { topic: string; partition: number }) => `${topic}/${partition}`;

  async function sample(): Promise<Sample> {
    const atMs = Date.now();
    const ends = await consumer.endOffsets(everyPartition);
    const { rows } = await world.database.sql.query<{ name: string; next_offset: string }>(
      `SELECT topic || '/' || partition AS name, next_offset FROM consumer_offset`,
    );
    const taken = {
      atMs,
      ends: new Map(ends.map(({ offset, ...at }) => [nameOf(at), offset])),
      committed: new Map(rows.map(({ name, next_offset }) => [name, BigInt(next_offset)])),
    };
    samples.push(taken);
    return taken;
  }

  const sum = (offsets: ReadonlyMap<string, bigint>) =>
    [...offsets.values()].reduce((total, offset) => total + Number(offset), 0);

  /**
   * Keeps the log ahead of the saga by a growing backlog of new trips and of answers that no saga
   * waits for.
   */
  async function overload(): Promise<void> {
    const startedAt = performance.now();
    while (performance.now() - startedAt < overloadMs || (await timedOut()).length < firedMin) {
      const { ends, committed } = await sample();
      const backlog = backlogMin + ((performance.now() - startedAt) / 1_000) * lagGrowth;
      const missing = Math.max(0, Math.ceil(backlog - (sum(ends) - sum(committed))));
      const records = Array.from({ length: missing }, (_, index) =>
        index % 2 === 0
          ? recordOf(tripEvents.TripAsked, newTrip(), { city: 'Rome' })
          : recordOf(bookingEvents.SeatBooked, newTrip()),
      );
      if (records.length > 0) await producer.send(records);
    }
  }

  /** Lets the hotel answer every second trip. The airline never answers. */
  async function answerRooms(): Promise<void> {
    let position = '0';
    while (!ended.signal.aborted) {
      const { rows } = await world.database.sql.query<{ position: string; id: string; key: string }>(
        `SELECT position, id, key FROM outbox WHERE position > $1 AND type = 'BookRoom' ORDER BY position`,
        [position],
      );
      position = rows.at(-1)?.position ?? position;
      const answered = rows.filter(({ key }) => key.charCodeAt(key.length - 1) % 2 === 0);
      if (answered.length > 0)
        await producer.send(answered.map(({ key, id }) => recordOf(bookingEvents.RoomBooked, key, {}, id)));
      for (const { key } of answered) answeredAtMs.set(key, Date.now());
      await pause(systemClock, 20, ended.signal);
    }
  }

  /** Returns every timer that fired, with the moment at which it came due. */
  async function timedOut() {
    const { rows } = await world.database.sql.query<{
      saga_id: string;
      step: string;
      due_at: Date;
      fired_at: Date;
    }>(`
      SELECT substr(fired.stream, length('saga-trip-') + 1) AS saga_id, sent.step, fired.recorded_at AS fired_at,
        sent.at + interval '${stepTimeoutMs} ms' AS due_at
      FROM event AS fired
      JOIN LATERAL (
        SELECT data->>'step' AS step, (data->>'at')::timestamptz AS at FROM event
        WHERE stream = fired.stream AND type = 'CommandSent' AND data->>'commandId' = fired.data->>'commandId'
      ) AS sent ON true
      WHERE fired.type = 'StepTimedOut'`);
    return rows.map(({ saga_id, step, due_at, fired_at }) => ({
      sagaId: saga_id,
      step,
      dueMs: lastDueMs(due_at.getTime()),
      firedMs: fired_at.getTime(),
    }));
  }

  const lastDueMs = (firstMs: number): number =>
    movedAtMs.reduce((dueMs, movedMs) => (dueMs <= movedMs ? movedMs + stepTimeoutMs : dueMs), firstMs);

  /**
   * Returns the first moment at which everything was handled that was on a partition's topics at
   * `momentMs`.
   */
  function handledBy(partition: number, momentMs: number): number {
    const then = samples.find(({ atMs }) => atMs >= momentMs);
    const own = topics.map((topic) => nameOf({ topic, partition }));
    const reached = samples.find(
      ({ atMs, committed }) =>
        atMs >= momentMs && own.every((name) => (committed.get(name) ?? 0n) >= (then?.ends.get(name) ?? 0n)),
    );
    return reached?.atMs ?? Infinity;
  }

  it(
    'S10 fire soon after everything that was on the log when they came due, even if the saga never catches up, and never overtake a reply',
    async () => {
      background.push(answerRooms());
      await overload();
      expect((await timedOut()).length).toBeGreaterThanOrEqual(firedMin);
      background.push(
        (async () => {
          while (!ended.signal.aborted) await sample();
        })(),
      );
      const waiting = () =>
        world.database.sql.query(`SELECT FROM saga_timer WHERE due_at <= now() AND role = 'step' LIMIT 1`);
      await within(60_000 + overloadMs)(async () => (await waiting()).rowCount === 0, 'every timer to fire');

      const fired = await timedOut();
      const late = fired.filter(({ sagaId, dueMs, firedMs }) => {
        const partition = partitionOfKey(Buffer.from(sagaId), partitions);
        // A timer waits for the ends of the log that its owner reads next. It reads them once it
        // has reached the ends that it read before, at the latest when the timer came due.
        const endsTakenMs = handledBy(partition, dueMs);
        const boundEndsMs = handledBy(partition, endsTakenMs) + boundMs;
        return firedMs > Math.max(boundEndsMs, handledBy(partition, boundEndsMs));
      });
      expect(late).toEqual([]);
      const overtaken = fired.filter(
        ({ sagaId, step, dueMs }) => step === 'room' && (answeredAtMs.get(sagaId) ?? Infinity) <= dueMs,
      );
      expect(overtaken).toEqual([]);
      expect(answeredAtMs.size).toBeGreaterThan(firedMin);
    },
    120_000 + 3 * overloadMs,
  );
});
