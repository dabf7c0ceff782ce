import { describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock } from '@millrace/streaming-core/runtime';
import { playSchedule } from '@millrace/testing/postgres';
import { until } from '@millrace/testing/within';
import { counter } from './counter.fixture.ts';
import { appendOptions } from './postgres/event-database.fixture.ts';
import { lockStreams } from './postgres/lock-streams.ts';
import { createSnapshotTaker } from './snapshots.ts';
import { counted, snapshotTests, totalAt } from './snapshots.fixture.ts';
import { loadState } from './state.ts';

describe('taking snapshots', () => {
  const { database, start, growTo, snapshotsOf, takeSnapshot } = snapshotTests();
  const versionsOf = async (stream: string) => (await snapshotsOf(stream)).map(({ version }) => version);

  it('keeps one snapshot of each stream that has grown by enough events, with the fold of all its events', async () => {
    const stream = await growTo(90);
    const process = start();
    const taken: number[][] = [];
    for (const version of [90, 100, 130, 199, 200, 340]) {
      await growTo(version, stream);
      await process.load(stream);
      await process.takeSnapshots();
      taken.push(await versionsOf(stream));
    }

    expect(taken).toEqual([[], [100], [100], [100], [200], [340]]);
    expect(await snapshotsOf(stream)).toMatchObject([{ state: { total: totalAt(340) } }]);
  });

  it('E23 writes at most one snapshot per interval, however many processes try', async () => {
    const stream = await growTo(100);
    const processes = Array.from({ length: 4 }, () => start());
    for (const version of [100, 150]) {
      await growTo(version, stream);
      await Promise.all(
        [...processes, start()].map(async ({ load, takeSnapshots }) => {
          await load(stream);
          await takeSnapshots();
        }),
      );
      expect(await versionsOf(stream)).toEqual([100]);
    }
  });

  it('E23 never goes back to an earlier version', async () => {
    const stream = await growTo(100);
    const slow = start();
    await slow.load(stream);
    await growTo(300, stream);
    await takeSnapshot(stream);
    await slow.takeSnapshots();

    expect(await versionsOf(stream)).toEqual([300]);
  });

  it('E22 runs alongside a transaction that holds the stream, and neither waits for the other', async () => {
    const stream = await growTo(200);
    const process = start();
    await playSchedule(database(), [
      ['decision', 'begins'],
      [
        'decision',
        'locks and loads',
        async (sql) => {
          await sql.transaction((transaction) => lockStreams(transaction, [stream]));
          await loadState(sql, process.store, process.counter, stream);
        },
      ],
      ['taker', 'takes the snapshot', (sql) => process.takeSnapshots(sql)],
      [
        'decision',
        'appends',
        (sql) =>
          sql.transaction((transaction) =>
            process.store.append(
              transaction,
              [{ stream, expected: 200n, events: [counted(1)] }],
              appendOptions(),
            ),
          ),
      ],
      ['decision', 'commits'],
    ]);

    expect(await versionsOf(stream)).toEqual([200]);
  });

  it.each([
    ['locked', lockStreams],
    ['not locked', () => undefined],
  ])('E22 leaves out events that a transaction has appended but not committed (%s)', async (_, lock) => {
    const stream = await growTo(150);
    const process = start();
    const failed = database().sql.transaction(async (transaction) => {
      await lock(transaction, [stream]);
      const events = Array.from({ length: 100 }, () => counted(1_000));
      await process.store.append(transaction, [{ stream, expected: 'any', events }], appendOptions());
      await loadState(transaction, process.store, process.counter, stream);
      await process.takeSnapshots();
      throw new Error('changed its mind');
    });
    await expect(failed).rejects.toThrow('changed its mind');
    await process.takeSnapshots();

    for (const { state, version } of await snapshotsOf(stream))
      expect(state).toEqual({ total: totalAt(version) });
    expect(await start().load(stream)).toMatchObject({ version: 150n, state: { total: totalAt(150) } });
  });

  it('writes nothing for a state whose version the stream does not have', async () => {
    const stream = await growTo(200);
    const process = start();
    await process.load(stream);
    await database().sql.query('DELETE FROM event WHERE stream = $1 AND version > 120', [stream]);
    await process.takeSnapshots();

    expect(await versionsOf(stream)).toEqual([]);
  });

  it('E23 keeps a snapshot of another schema for a day, so that two releases do not keep deleting them', async () => {
    const stream = await growTo(100);
    const day = 24 * 3_600_000;
    let now = Date.parse('2026-03-01T00:00:00Z');
    const before = start({ release: 1, now: () => now });
    const next = start({ release: 2, now: () => now });
    const takenBy = async (process: typeof next, version: number) => {
      await growTo(version, stream);
      await process.load(stream);
      await process.takeSnapshots();
      return versionsOf(stream);
    };

    expect(await takenBy(before, 100)).toEqual([100]);
    expect(await takenBy(next, 200)).toEqual([100, 200]);
    expect(await takenBy(before, 300)).toEqual([200, 300]);
    now += day + 1;
    expect(await takenBy(next, 400)).toEqual([400]);
  });

  it('writes nothing for a domain that declares no snapshots, or when they are switched off', async () => {
    const stream = await growTo(300);
    await takeSnapshot(stream, { decider: counter });
    await takeSnapshot(stream, { everyEvents: 0 });

    expect(await versionsOf(stream)).toEqual([]);
  });

  it('E22 logs a failure, which harms no load, and tries again after as many further events', async () => {
    const stream = await growTo(100);
    const fullDisk = { ...database().sql, query: () => Promise.reject(new Error('disk full')) };
    const process = start();
    await process.load(stream);
    await process.takeSnapshots(fullDisk);
    for (const version of [150, 200]) {
      await growTo(version, stream);
      expect(await process.load(stream)).toMatchObject({ state: { total: totalAt(version) } });
      await process.takeSnapshots();
      expect(await versionsOf(stream)).toEqual(version === 200 ? [200] : []);
    }

    expect(process.warnings).toEqual(['a snapshot could not be taken']);
  });

  it('runs in the background as soon as a load finds a snapshot due', async () => {
    const stream = await growTo(100);
    const { store, load } = start();
    const taker = createSnapshotTaker({
      database: database().sql,
      due: store.snapshots.due,
      clock: systemClock,
      logger: silentLogger,
    });
    taker.start();
    await load(stream);

    await until(
      () => versionsOf(stream),
      ([version]) => version === 100,
    );
    await taker.stop();
  });
});
