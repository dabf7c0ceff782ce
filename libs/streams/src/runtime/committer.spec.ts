import { describe, expect, it } from '@jest/globals';
import { ClientError } from '@millrace/streaming-core/client';
import { systemClock } from '@millrace/streaming-core/runtime';
import { Committer, type CommittedTask } from './committer.ts';
import type { Output } from './output.ts';

const member = { memberId: 'm', generationId: 3 };

/** A log and two tasks that note what happens to them, and fail where a test tells them to. */
function world(failures: Readonly<Record<string, unknown>> = {}, flushMs = 0) {
  let nowMs = 0;
  const clock = { ...systemClock, monotonic: () => nowMs };
  const history: string[] = [];
  const did = (what: string) => {
    history.push(what);
    if (what in failures) throw failures[what];
  };
  const output: Output = {
    open: async () => did('open'),
    send: async () => [],
    commit: async ({ generationId }, offsets) =>
      did(`commit ${generationId}: ${offsets.map(({ topic, offset }) => `${topic} ${offset}`).join(', ')}`),
    abort: async () => did('abort'),
    renew: async () => did('renew'),
    close: async () => did('close'),
  };
  const task = (name: string, hasWork = true): CommittedTask => ({
    hasWork,
    flushCaches() {
      nowMs += flushMs;
      did(`${name} caches`);
    },
    flushOutputs: async () => did(`${name} outputs`),
    offsets: () => [{ topic: name, partition: 0, offset: 5n }],
    keepState: () => did(`${name} state`),
    giveUp: () => did(`${name} gives up`),
  });
  const tasks = [task('a'), task('b'), task('idle', false)];
  return { history, tasks, committer: new Committer(output, { clock, sliceMsMax: 8 }) };
}

/** Does one round of the loop. */
async function commitOrRecover({ committer, tasks }: ReturnType<typeof world>): Promise<string> {
  try {
    return (await committer.commit(tasks, member)) ? 'committed' : 'nothing';
  } catch (error) {
    return committer.recover(tasks, error);
  }
}

const beforeTheLog = ['a caches', 'b caches', 'a outputs', 'b outputs'];
const theLog = 'commit 3: a 5, b 5';
const givenUp = ['abort', 'a gives up', 'b gives up', 'idle gives up'];

describe('a commit', () => {
  it('T04 flushes caches, waits for all writes, commits the log and only then the state', async () => {
    const made = world();

    expect(await commitOrRecover(made)).toBe('committed');
    expect(made.history).toEqual([...beforeTheLog, theLog, 'a state', 'b state']);
  });

  it.each([
    [8, ['a caches']],
    [7, ['a caches', 'b caches']],
  ])('gives heartbeats a turn after a flush of 8 ms: %s', async (flushMs, flushedBefore) => {
    const { committer, history, tasks } = world({}, flushMs);
    const commit = committer.commit(tasks, member);
    expect(history.filter((each) => each.endsWith('caches'))).toEqual(flushedBefore);
    await commit;

    expect(history).toContain('b caches');
  });

  it('does nothing without work', async () => {
    const { committer, history, tasks } = world();

    expect(await committer.commit([tasks[2]!], member)).toBe(false);
    expect(history).toEqual([]);
  });
});

describe('after a failed commit', () => {
  it('a task whose node throws in a flush leaves the decision to the application', async () => {
    const made = world({ 'b caches': new TypeError('x is undefined') });

    expect(await commitOrRecover(made)).toBe('uncaught');
    expect(made.history).toEqual(['a caches', 'b caches', ...givenUp]);
  });

  it.each([
    ['a write that timed out', new ClientError('timeout', 'late')],
    ['an abortable transaction', new ClientError('transaction_failed', 'abort it')],
    ['a broker that does not answer', new ClientError('unreachable', 'away')],
  ])('T05 %s is replayed', async (_name, error) => {
    const made = world({ 'b outputs': error });

    expect(await commitOrRecover(made)).toBe('replay');
    expect(made.history).toEqual([...beforeTheLog, ...givenUp]);
  });

  it('T05 a commit of unknown outcome is treated as neither done nor undone', async () => {
    const made = world({ [theLog]: new ClientError('outcome_unknown', 'no answer') });

    expect(await commitOrRecover(made)).toBe('replay');
    expect(made.history).toEqual([...beforeTheLog, theLog, ...givenUp]);
  });

  it.each([
    ['a fenced producer', new ClientError('fenced', 'another one')],
    ['a member of an earlier generation', new ClientError('not_member', 'generation')],
    [
      'a transaction that failed because the member is unknown',
      new ClientError('transaction_failed', 'abort it', { cause: new ClientError('not_member', 'unknown') }),
    ],
  ])('%s gets another producer and joins again', async (_name, error) => {
    const made = world({ [theLog]: error });

    expect(await commitOrRecover(made)).toBe('rejoin');
    expect(made.history).toEqual([...beforeTheLog, theLog, ...givenUp, 'renew']);
  });

  it.each([
    ['a record that is too large', new ClientError('record_too_large', '2 MB')],
    ['a broker that refuses access', new ClientError('access_refused', 'no')],
    [
      'a transaction that failed because of a record',
      new ClientError('transaction_failed', 'abort it', {
        cause: new ClientError('record_too_large', '2 MB'),
      }),
    ],
  ])('%s leaves the decision to the application, because it would happen again', async (_name, error) => {
    expect(await commitOrRecover(world({ 'a outputs': error }))).toBe('uncaught');
  });

  it('state that could not be kept is given up, because its changelog has the same rows', async () => {
    const made = world({ 'b state': new Error('disk full') });

    expect(await commitOrRecover(made)).toBe('uncaught');
    expect(made.history).toEqual([...beforeTheLog, theLog, 'a state', 'b state', ...givenUp]);
  });
});
