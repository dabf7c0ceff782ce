import { describe, expect, it } from '@jest/globals';
import { counter } from './counter.fixture.ts';
import { appendOptions } from './postgres/event-database.fixture.ts';
import { lockStreams } from './postgres/lock-streams.ts';
import { counted, snapshotTests, totalAt, type TestProcessOptions } from './snapshots.fixture.ts';
import { loadState } from './state.ts';

describe('a load from a snapshot', () => {
  const { database, start, growTo, snapshotsOf, takeSnapshot } = snapshotTests();

  /** Returns a stream that had a snapshot taken at `version` and has since grown to `grownTo`. */
  async function snapshotAt(version: number, grownTo = version, options?: TestProcessOptions) {
    const stream = await growTo(version);
    await takeSnapshot(stream, options);
    await growTo(grownTo, stream);
    return stream;
  }

  it('E20 reads the snapshot and the events after it in one statement', async () => {
    const stream = await snapshotAt(2_500, 2_530);
    const cold = await start().load(stream);

    expect(cold).toMatchObject({ state: { total: totalAt(2_530) }, version: 2_530n, rows: 1 + 30 });
    expect(cold.statements).toHaveLength(1);
  });

  it.each([100, 101, 999, 1_000, 1_001, 1_100])(
    'E20 returns the fold of all events with a snapshot at version 100 and the stream at %i',
    async (version) => {
      const stream = await snapshotAt(100, version);

      expect(await start().load(stream)).toMatchObject({
        state: { total: totalAt(version) },
        version: BigInt(version),
      });
    },
  );

  it('sends no extra statement for a stream without a snapshot, however long it is', async () => {
    const short = await growTo(3);
    const long = await growTo(1_500);

    expect((await start().load(short)).statements).toHaveLength(1);
    expect(await start().load(long)).toMatchObject({ version: 1_500n, statements: [{}, {}] });
  });

  it('does not happen if a state is kept', async () => {
    const stream = await snapshotAt(500, 510);
    const process = start();
    await process.load(stream);
    const { statements } = await process.load(stream);

    expect(statements).toEqual([expect.not.stringContaining('stream_snapshot')]);
  });

  it('happens again if the kept state is far behind', async () => {
    const stream = await growTo(100);
    const process = start();
    await process.load(stream);
    await growTo(5_000, stream);
    await takeSnapshot(stream);

    await database().sql.transaction(async (transaction) => {
      await lockStreams(transaction, [stream]);
      expect(await loadState(transaction, process.store, process.counter, stream)).toEqual({
        state: { total: totalAt(5_000) },
        version: 5_000n,
      });
    });
    expect(await process.load(stream)).toMatchObject({ version: 5_000n, rows: 0 });
  });

  it('adds one statement to the locks of a batch, and none if all events came with the locks', async () => {
    const long = await snapshotAt(2_000, 2_050);
    const short = await growTo(20);
    for (const [stream, expected] of [
      [long, 1],
      [short, 0],
    ] as const)
      await database().sql.transaction(async (transaction) => {
        const process = start();
        await lockStreams(transaction, [stream]);
        let statements = 0;
        const counted = transaction.withQuery((...asked) => (statements++, transaction.query(...asked)));
        await loadState(counted, process.store, process.counter, stream);
        expect(statements).toBe(expected);
      });
  });

  it('sees what its transaction has appended', async () => {
    const stream = await snapshotAt(2_000);
    await database().sql.transaction(async (transaction) => {
      const { store, counter: decider } = start();
      await lockStreams(transaction, [stream]);
      await loadState(transaction, store, decider, stream);
      await store.append(transaction, [{ stream, expected: 'any', events: [counted(7)] }], appendOptions());

      expect(await loadState(transaction, store, decider, stream)).toEqual({
        state: { total: totalAt(2_000) + 7 },
        version: 2_001n,
      });
    });
  });

  it('E21 is never used for a past version or moment', async () => {
    const stream = await snapshotAt(200);
    const { store, counter: decider } = start();
    const past = { state: { total: totalAt(150) }, version: 150n };
    await database().sql.query(
      `UPDATE event SET recorded_at = '2026-02-01T00:00:00Z' WHERE stream = $1 AND version <= 150`,
      [stream],
    );

    expect(await loadState(database().sql, store, decider, stream, { toVersion: 150n })).toEqual(past);
    expect(
      await loadState(database().sql, store, decider, stream, { at: new Date('2026-02-02T00:00:00Z') }),
    ).toEqual(past);
  });

  it('does not happen in a domain that declares no snapshots', async () => {
    const stream = await snapshotAt(200);
    const { statements } = await start({ decider: counter }).load(stream);

    expect(statements).toEqual([expect.not.stringContaining('stream_snapshot')]);
  });

  describe('that cannot be used', () => {
    /**
     * Loads the stream in a new process, which must not use the snapshot, and returns the process
     * after it has taken its snapshots.
     */
    async function loadsAllEvents(stream: string, version: number, options?: TestProcessOptions) {
      const process = start(options);
      expect(await process.load(stream)).toMatchObject({
        state: { total: totalAt(version) },
        version: BigInt(version),
      });
      await process.takeSnapshots();
      return process;
    }

    it('E21 ignores it if it has another schema, and leaves it to the release with that schema', async () => {
      const stream = await snapshotAt(200, 200, { release: 1 });
      await database().sql.query(`UPDATE stream_snapshot SET state = '{"total":-1}' WHERE stream = $1`, [
        stream,
      ]);
      const next = await loadsAllEvents(stream, 200, { release: 2 });

      expect(next.warnings).toEqual([]);
      expect(await snapshotsOf(stream)).toHaveLength(2);
      expect(await start({ release: 1 }).load(stream)).toMatchObject({ state: { total: -1 } });
    });

    it('E21 deletes it if it is newer than a restored stream, logs that and takes another', async () => {
      const stream = await snapshotAt(200);
      await cutTo(stream, 120);
      const { warnings } = await loadsAllEvents(stream, 120);

      expect(warnings).toEqual(['a snapshot could not be used and has been deleted']);
      expect(await snapshotsOf(stream)).toMatchObject([{ version: 120, state: { total: totalAt(120) } }]);
    });

    it('E21 deletes it if a restored stream has lost its events and has others in their place', async () => {
      const stream = await snapshotAt(200);
      await database().sql.query(`UPDATE stream_snapshot SET state = '{"total":-1}' WHERE stream = $1`, [
        stream,
      ]);
      await cutTo(stream, 120);
      await growTo(300, stream);
      const { warnings } = await loadsAllEvents(stream, 300);

      expect(warnings).toEqual(['a snapshot could not be used and has been deleted']);
    });

    it.each(['{"total":"many"}', '{"total":1,"more":2}', 'null', '[]'])(
      'E21 deletes it if it is damaged, logs that and takes another: %s',
      async (state) => {
        const stream = await snapshotAt(200);
        await database().sql.query('UPDATE stream_snapshot SET state = $2 WHERE stream = $1', [
          stream,
          state,
        ]);
        const { warnings } = await loadsAllEvents(stream, 200);

        expect(warnings).toEqual(['a snapshot could not be used and has been deleted']);
        expect(await snapshotsOf(stream)).toMatchObject([{ version: 200, state: { total: totalAt(200) } }]);
      },
    );

    /** Has the same effect as restoring an older copy of the two tables. */
    async function cutTo(stream: string, version: number) {
      await database().sql.query('DELETE FROM event WHERE stream = $1 AND version > $2', [stream, version]);
      await database().sql.query('UPDATE stream SET version = $2 WHERE id = $1', [stream, version]);
    }
  });
});
