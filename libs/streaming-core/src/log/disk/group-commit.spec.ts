import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { ProtocolError } from '../../protocol/errors.ts';
import { GroupCommit, type FlushPolicy } from './group-commit.ts';

/** A disk whose syncs end only when the test ends them. */
function slowDisk(policy: FlushPolicy = 'commit') {
  const syncs: Array<{ finish: () => void; fail: (cause: Error) => void }> = [];
  const flushed: bigint[] = [];
  const commit: GroupCommit = new GroupCommit({
    policy,
    flushedOffset: 0n,
    sync: () => new Promise<void>((finish, fail) => void syncs.push({ finish, fail })),
    onFlushed: () => flushed.push(commit.flushedOffset),
    onFailed: (cause) => new ProtocolError('KAFKA_STORAGE_ERROR', 'offline', { cause }),
  });
  return { commit, syncs, flushed };
}

function settled(promise: Promise<void>): { state: string } {
  const watched = { state: 'pending' };
  promise.then(
    () => (watched.state = 'done'),
    (error: { errorName: string }) => (watched.state = error.errorName),
  );
  return watched;
}

describe('group commit', () => {
  it('shares a sync among all writes of one turn, and makes later writes wait for the next sync', async () => {
    const { commit, syncs, flushed } = slowDisk();
    const early = [settled(commit.wrote(1n)), settled(commit.wrote(2n))];
    await turn();
    const late = settled(commit.wrote(3n));
    expect(syncs).toHaveLength(1);
    syncs[0]!.finish();
    await turn();
    expect([...early, late].map(({ state }) => state)).toEqual(['done', 'done', 'pending']);
    expect(syncs).toHaveLength(2);
    syncs[1]!.finish();
    await turn();
    expect(late.state).toBe('done');
    expect(flushed).toEqual([2n, 3n]);
  });

  it('makes a repeated batch wait for the sync that covers it and no longer', async () => {
    const { commit, syncs } = slowDisk();
    void commit.wrote(1n);
    await turn();
    void commit.wrote(2n);
    const first = settled(commit.durable(1n));
    const second = settled(commit.durable(2n));
    await turn();
    expect([first, second].map(({ state }) => state)).toEqual(['pending', 'pending']);
    syncs[0]!.finish();
    await turn();
    const third = settled(commit.durable(1n));
    await turn();
    expect([first, third, second].map(({ state }) => state)).toEqual(['done', 'done', 'pending']);
    syncs[1]!.finish();
    await turn();
    expect(second.state).toBe('done');
    expect(syncs).toHaveLength(2);
  });

  it('rejects all waiters after a failed sync and never syncs again', async () => {
    const { commit, syncs, flushed } = slowDisk();
    const first = settled(commit.wrote(1n));
    await turn();
    const second = settled(commit.wrote(2n));
    syncs[0]!.fail(new Error('EIO'));
    await turn();
    const third = settled(commit.wrote(3n));
    await turn();
    expect([first, second, third].map(({ state }) => state)).toEqual(Array(3).fill('KAFKA_STORAGE_ERROR'));
    await expect(commit.flush()).rejects.toMatchObject({ errorName: 'KAFKA_STORAGE_ERROR' });
    await commit.idle();
    expect(syncs).toHaveLength(1);
    expect(flushed).toEqual([]);
  });

  it('does not advance if the partition became unavailable during a sync, even if the sync succeeds', async () => {
    const { commit, syncs, flushed } = slowDisk();
    const waiting = settled(commit.wrote(1n));
    await turn();
    commit.fail(new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', 'deleted'));
    syncs[0]!.finish();
    await commit.idle();
    expect(waiting.state).toEqual('UNKNOWN_TOPIC_OR_PARTITION');
    expect(commit.flushedOffset).toEqual(0n);
    expect(flushed).toEqual([]);
  });

  it.each(['interval', 'none'] as const)(
    'with policy %s waits for a sync only on request',
    async (policy) => {
      const { commit, syncs } = slowDisk(policy);
      await commit.wrote(1n);
      expect(commit.flushedOffset).toBe(0n);
      const flush = settled(commit.flush());
      await turn();
      expect(flush.state).toEqual('pending');
      expect(syncs.length).toEqual(1);
      syncs[0]!.finish();
      await turn();
      expect(flush.state).toEqual('done');
      expect(commit.flushedOffset).toEqual(1n);
      await commit.flush();
      expect(syncs).toHaveLength(1);
    },
  );
});
