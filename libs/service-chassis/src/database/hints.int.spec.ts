import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock, type Clock } from '@millrace/streaming-core/runtime';
import { within } from '@millrace/testing/within';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { createCommits, type Commits } from './commits.ts';
import { createHintListener, createHintSender, hintChannel } from './hints.ts';

const until = within(20_000);
const retryDelayMs = 123;

describe('a process that listens for hints of other processes', () => {
  let database: TestDatabase;
  let commits: Commits;
  let woken: string[];
  let reconnect: (() => void) | undefined;
  let listener: ReturnType<typeof createHintListener>;

  /** Holds the pause before a new connection until the test ends it. */
  const clock: Clock = {
    ...systemClock,
    after: (span, work) => {
      if (span !== retryDelayMs) return systemClock.after(span, work);
      reconnect = work;
      return () => undefined;
    },
  };

  beforeAll(async () => void (database = await createTestDatabase()));
  afterAll(() => database.drop());
  beforeEach(async () => {
    woken = [];
    reconnect = undefined;
    commits = createCommits();
    commits.subscribe(
      ['relay', 'external calls mail'].map((worker) => ({ worker, notify: () => void woken.push(worker) })),
    );
    const { url } = database;
    listener = createHintListener({
      url,
      applicationName: 'listener',
      commits,
      clock,
      logger: silentLogger,
      retryDelayMsMin: retryDelayMs,
    });
    await listener.start();
    await until(() => woken.length === 2, 'the first connection');
    woken = [];
  });
  afterEach(() => listener.stop());

  const hint = (worker: string) =>
    createHintSender({ database: database.sql, clock: systemClock, logger: silentLogger })(new Set([worker]));
  const loseConnection = () =>
    database.sql.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'listener'",
    );

  it('wakes the worker that a commit has left work for, and no other', async () => {
    hint('external calls mail');
    await until(() => woken.length > 0);
    hint('relay');
    await until(() => woken.length > 1);

    expect(woken).toEqual(['external calls mail', 'relay']);
  });

  it('M46 wakes every worker once it listens again, because it may have missed hints', async () => {
    await loseConnection();
    await until(() => reconnect !== undefined, 'the loss of the connection');
    await database.sql.query('SELECT pg_notify($1, $2)', [hintChannel, 'relay']);
    expect(woken).toEqual([]);

    reconnect?.();
    await until(() => woken.length === 2, 'every worker to be woken');
    hint('relay');
    await until(() => woken.length === 3);
    expect(woken).toEqual(['relay', 'external calls mail', 'relay']);
  });

  it('stops without a connection as well', async () => {
    await loseConnection();
    await until(() => reconnect !== undefined, 'the loss of the connection');

    await expect(listener.stop()).resolves.toBeUndefined();
  });
});
