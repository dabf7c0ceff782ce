import { describe, expect, it } from '@jest/globals';
import { lockStreams, postgresEventStore } from '@millrace/event-sourcing';
import type { SqlDatabase, SqlTransaction } from '@millrace/streaming-core/postgres';
import { seconds, type DurationMs } from '@millrace/streaming-core/runtime';
import { v7 } from 'uuid';
import { trip } from '../decision/sample-saga.fixture.ts';
import { clearTimer, setTimer, type TimerToSet } from '../postgres/process-timers.ts';
import { sagaFigures } from '../postgres/saga-figures.ts';
import { TIMERS_UNTIL } from '../postgres/saga.sql.ts';
import type { SagaEngine } from './saga-engine.ts';
import { newTrip, partition, throughSession, until } from './saga-world.bench.ts';
import type { DueTimer, TimedProcess } from './timed-processes.ts';
import { timerBench, timeout } from './timers.bench.ts';

const trace = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'vendor=1' };
const metadata = { correlationId: 'story', causationId: 'asked', ...trace };
const store = postgresEventStore();
const streamOf = (id: string) => `reminder-${id}`;

/** A process that records an event each time that its timer fires. */
const reminder = (again: (timer: DueTimer) => DurationMs | undefined = () => undefined): TimedProcess => ({
  name: 'reminder',
  startTopic: 'trip-events',
  topics: ['booking-events'],
  shortestMs: timeout,
  locks: (id) => [streamOf(id)],
  async fire(transaction, due) {
    const { id, timer, attempt, at } = due;
    const expected = attempt === 1 ? 'none' : BigInt(attempt - 1);
    const events = [{ type: 'Reminded', timer, attempt, at }];
    const options = { metadata: due.metadata, newId: v7, now: new Date(at) };
    await store.append(transaction, [{ stream: streamOf(id), expected, events }], options);
    return again(due);
  },
});

describe('the timers of timed processes', () => {
  const bench = timerBench();

  /** Works as the handler of a message does: with the lock of the instance's stream, in a unit of work. */
  const within = (id: string, work: (transaction: SqlTransaction) => Promise<unknown>) =>
    bench.world.database.sql.transaction(async (transaction) => {
      await lockStreams(transaction, [streamOf(id)]);
      await transaction.unitOfWork(() => work(transaction));
    });
  const setOf = (id: string, change: Partial<TimerToSet> = {}): TimerToSet => ({
    id,
    timer: 'deadline',
    afterMs: timeout,
    now: bench.world.time.now(),
    partition,
    metadata,
    ...change,
  });
  const set = async (change: Partial<TimerToSet> = {}, id = newTrip()) => {
    await within(id, (transaction) => setTimer(transaction, reminder(), setOf(id, change)));
    return id;
  };
  const events = (id: string) => store.read(bench.world.database.sql, streamOf(id));
  const fired = async (id: string) => (await events(id)).length;
  const fires = (id: string, count: number) =>
    until(async () => (await fired(id)) === count, `the timer of ${id} to fire ${count} times`);
  const open = (process = reminder()) => bench.open({ timedProcesses: [process] });
  /** Opens an engine that owns the partition, and runs its timers. */
  async function running(engine: SagaEngine = open(), owned = bench.world.owned()) {
    await bench.assigned(engine, owned);
    return { engine, owned };
  }

  it('fire once when they are due, and pass on their correlation, cause and trace', async () => {
    await running();
    const id = await set();
    bench.world.time.advance(timeout - 1);
    await bench.aWhile();
    expect(await fired(id)).toBe(0);
    bench.world.time.advance(1);
    await fires(id, 1);
    bench.world.time.advance(timeout * 10);
    await bench.aWhile();

    const at = new Date(bench.world.time.now() - timeout * 10).toISOString();
    expect(await events(id)).toMatchObject([
      { event: { timer: 'deadline', attempt: 1, at }, metadata: { ...metadata, saga: 'reminder' } },
    ]);
    expect(await bench.world.dueAt(id)).toEqual([]);
  });

  it('give way to a message that waits on one of the topics', async () => {
    let caughtUp = false;
    const { owned } = await running(open(), bench.world.owned({ caughtUp: async () => caughtUp }));
    const id = await set();
    bench.world.time.advance(timeout);
    await until(() => owned.asked.length > 3, 'several polls of the timers');
    expect(owned.asked.at(-1)).toEqual(['trip-events', 'booking-events']);

    await within(id, (transaction) => clearTimer(transaction, reminder(), { id, timer: 'deadline' }));
    caughtUp = true;
    await bench.aWhile();
    expect(await fired(id)).toBe(0);
  });

  it('are postponed while a message of their instance is parked', async () => {
    let parked: readonly string[] = [];
    await running(open(), bench.world.owned({ parked: () => parked }));
    const id = await set();
    parked = [id];
    bench.world.time.advance(timeout);
    await until(async () => (await bench.world.dueAt(id))[0] === bench.world.time.now() + seconds(5));
    parked = [];
    bench.world.time.advance(seconds(5));
    await fires(id, 1);

    expect(await fired(id)).toBe(1);
  });

  it('do not fire once the partition is lost, but for its next owner', async () => {
    const { engine, owned } = await running();
    const id = await set();
    await engine.ownership.onLost?.(owned);
    bench.world.time.advance(timeout);
    await bench.aWhile();
    expect(await fired(id)).toBe(0);

    await running(open(), { ...bench.world.owned(), epoch: 2n });
    bench.world.time.advance(timeout);
    await fires(id, 1);
    expect(await fired(id)).toBe(1);
  });

  it('are granted their time once more if they fell due during a disruption', async () => {
    const id = await set();
    bench.world.time.advance(timeout * 10);
    await running();

    expect(await bench.world.dueAt(id)).toEqual([bench.world.time.now() + timeout]);
    expect(await fired(id)).toBe(0);
  });

  it('fire again after the time that the process asks for, and then no more', async () => {
    await running(open(reminder(({ attempt }) => (attempt < 3 ? seconds(10) * attempt : undefined))));
    const id = await set();
    bench.world.time.advance(timeout);
    await fires(id, 1);
    expect(await bench.world.dueAt(id)).toEqual([bench.world.time.now() + seconds(10)]);
    bench.world.time.advance(seconds(10));
    await fires(id, 2);
    bench.world.time.advance(seconds(20));
    await fires(id, 3);

    expect(await bench.world.dueAt(id)).toEqual([]);
    const stored = await events(id);
    expect(stored.map(({ event }) => event)).toMatchObject([{ attempt: 1 }, { attempt: 2 }, { attempt: 3 }]);
    expect(stored.at(-1)?.metadata).toEqual({ ...metadata, saga: 'reminder' });
  });

  it('follow the last of several changes in a unit of work', async () => {
    const later = await set();
    const cleared = await set();
    const setAgain = newTrip();
    await within(later, async (transaction) => {
      await setTimer(transaction, reminder(), setOf(later, { afterMs: seconds(1) }));
      await setTimer(transaction, reminder(), setOf(later, { afterMs: timeout * 2 }));
    });
    await within(cleared, (transaction) =>
      clearTimer(transaction, reminder(), { id: cleared, timer: 'deadline' }),
    );
    await within(setAgain, async (transaction) => {
      await clearTimer(transaction, reminder(), { id: setAgain, timer: 'deadline' });
      await setTimer(transaction, reminder(), setOf(setAgain));
    });

    expect(await bench.world.dueAt(later)).toEqual([bench.world.time.now() + timeout * 2]);
    expect(await bench.world.dueAt(cleared)).toEqual([]);
    expect(await bench.world.dueAt(setAgain)).toEqual([bench.world.time.now() + timeout]);
  });

  it('fire alone of two with the same cause if the other is no longer due', async () => {
    const due = await set();
    const moved = await set();
    const { sql } = bench.world.database;
    const owned = bench.world.owned();
    let moves = false;
    const moving: typeof owned = {
      ...owned,
      async transaction(work) {
        const later = new Date(bench.world.time.now() + timeout);
        if (moves) await sql.query('UPDATE saga_timer SET due_at = $2 WHERE saga_id = $1', [moved, later]);
        return owned.transaction(work);
      },
    };
    await running(open(), moving);
    moves = true;
    bench.world.time.advance(timeout);
    await fires(due, 1);
    await bench.aWhile();

    expect(await fired(moved)).toBe(0);
  });

  it('are found with those of sagas by one query of a poll', async () => {
    const { sql } = bench.world.database;
    const found: (readonly string[])[] = [];
    const watched: SqlDatabase = {
      transaction: (work) => sql.transaction(work),
      async query(text, values) {
        const result = await sql.query<never>(text, values);
        if (text === TIMERS_UNTIL)
          found.push(result.rows.map(({ definition }: { definition: string }) => definition));
        return result;
      },
    };
    const engine = throughSession(bench.world, watched).engine({ timedProcesses: [reminder()] });
    const saga = await bench.world.start(engine);
    const id = await set({}, saga);
    try {
      await running(engine);
      bench.world.time.advance(timeout);
      await fires(id, 1);
      await bench.sends(saga, 2);
    } finally {
      await engine.timers.stop();
    }

    expect(found.map((names) => names.toSorted())).toContainEqual(['reminder', 'trip']);
  });

  it('wait without a partition until they are set again with one', async () => {
    await running();
    const id = await set({ partition: undefined });
    bench.world.time.advance(timeout * 2);
    await bench.aWhile();
    expect(await fired(id)).toBe(0);
    expect((await sagaFigures(bench.world.database.sql)).timers).toMatchObject({ unadopted: 1, overdue: 0 });

    await set({}, id);
    bench.world.time.advance(timeout);
    await fires(id, 1);
    expect(await fired(id)).toBe(1);
  });

  it('count as overdue, but neither as sagas nor as unanswered commands', async () => {
    const engine = open();
    const before = await sagaFigures(bench.world.database.sql);
    await set();

    const figures = await sagaFigures(bench.world.database.sql);
    expect(figures.timers).toMatchObject({ overdue: 1, unadopted: 0 });
    expect(figures).toMatchObject({
      commands: [],
      live: before.live.map(({ instances }) => ({ instances })),
    });
    expect(await engine.unknownLiveVersions(bench.world.database.sql)).toEqual([]);
    await engine.prepare(bench.world.database.sql);
  });

  it('are postponed by an engine that does not know their process, and fire in one that does', async () => {
    const errors: unknown[] = [];
    const logger = { debug() {}, info() {}, warn() {}, error: ({ err }: never) => void errors.push(err) };
    const { engine, owned } = await running(bench.open({ logger }));
    const id = await set();
    bench.world.time.advance(timeout);
    await until(async () => (await bench.world.dueAt(id))[0] === bench.world.time.now() + seconds(5));
    await until(() => errors.length > 0, 'the error');
    expect(errors[0]).toMatchObject({
      code: 'unknown_version',
      message: 'no saga or timed process reminder is registered',
    });

    await engine.ownership.onLost?.(owned);
    await running(open(), { ...bench.world.owned(), epoch: 2n });
    bench.world.time.advance(seconds(5));
    await fires(id, 1);
  });
});

describe('an engine with timed processes', () => {
  const bench = timerBench();

  it('reads their topics, too', () => {
    const process = { ...reminder(), startTopic: 'diary-events', topics: ['weather-events'] };
    const { topics } = bench.open({ timedProcesses: [process] });

    expect(topics).toEqual([...bench.engine.topics, 'diary-events', 'weather-events']);
  });

  it.each([
    ['a saga', 'trip', [{ ...reminder(), name: trip.name }]],
    ['another timed process', 'reminder', [reminder(), reminder()]],
  ])('rejects one that has the name of %s', (_whose, name, timedProcesses) => {
    expect(() => bench.open({ timedProcesses })).toThrow(
      expect.objectContaining({
        code: 'invalid_definition',
        message: `timed process ${name}: a saga or another timed process has the same name; choose another one`,
      }),
    );
  });
});
