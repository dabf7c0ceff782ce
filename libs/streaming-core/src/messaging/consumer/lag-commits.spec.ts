import { describe, expect, it } from '@jest/globals';
import type { GroupConsumer } from '../../client/index.ts';
import { silentLogger, systemClock, type Clock } from '../../runtime/index.ts';
import { LagCommits } from './lag-commits.ts';
import { Reports } from './reports.ts';

/** A clock whose timers fire only when the test says so. */
function handClock() {
  const waiting: Array<() => void> = [];
  const clock: Clock = {
    ...systemClock,
    after: (_span, work) => (waiting.push(work), () => void waiting.splice(waiting.indexOf(work), 1)),
  };
  const fire = async () => {
    for (const work of waiting.splice(0)) work();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { clock, fire, waiting };
}

describe('committing offsets to Kafka', () => {
  it('is retried after a failure even if no offset moves any more', async () => {
    const { clock, fire, waiting } = handClock();
    const committed: bigint[] = [];
    let broken = true;
    const consumer = {
      commit: (offsets: ReadonlyArray<{ readonly offset: bigint }>) => {
        if (broken) return Promise.reject(new Error('the group rebalances'));
        committed.push(...offsets.map(({ offset }) => offset));
        return Promise.resolve();
      },
    } as unknown as GroupConsumer;
    const reports = new Reports('clerk', silentLogger, clock);
    const offsets = () => [{ topic: 'orders', partition: 0, offset: 7n }];
    const commits = new LagCommits({ consumer, clock, delayMs: 1_000, reports, offsets });

    commits.schedule();
    await fire();
    expect(committed).toEqual([]);
    broken = false;
    await fire();

    expect(committed).toEqual([7n]);
    expect(waiting).toEqual([]);
  });
});
