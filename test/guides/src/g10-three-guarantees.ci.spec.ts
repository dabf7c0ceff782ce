import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/test-support/stack';
import { PaymentRun, type Counts } from './payment-run.ts';
import type { CommittingTask } from './programs/committing-consumer.ts';
import type { ExactlyOnceTask, Place } from './programs/exactly-once-consumer.ts';
import { killPrograms, runUntilDone, startProgram } from './programs/start-program.ts';

const records = 1_000;
const pollRecords = 50;

describe('G10 the three guarantees', () => {
  let run: PaymentRun;
  const printed: string[] = [];
  beforeEach(async () => {
    run = await PaymentRun.open(1);
    await run.send(records);
  });
  afterEach(async () => {
    await killPrograms();
    await run.close();
  });
  afterAll(() => void process.stdout.write(`${printed.join('\n')}\n`));

  async function counted(guarantee: string, kills: number): Promise<Counts> {
    const counts = await run.counts();
    const { effects, lost, repeated } = counts;
    printed.push(
      `G10 ${guarantee.padEnd(14)} ${records} records, ${kills} kill -9: ${effects} effects, ${lost} lost, ${repeated} twice`,
    );
    return counts;
  }

  /**
   * Kills a consumer with SIGKILL between the commit and the handling, in two polls, and then lets
   * one read to the end.
   */
  async function committing(commits: CommittingTask['commits']): Promise<number> {
    const places = [220, 710, undefined];
    return runUntilDone(
      'committing-consumer.ts',
      places.map((diesAtOffset) => ({ ...run.task, commits, diesAtOffset }) satisfies CommittingTask),
    );
  }

  it('at most once: a record committed before it is handled may be lost in a crash, and is never repeated', async () => {
    const kills = await committing('before');

    expect(kills).toBe(2);
    expect(await counted('at most once', kills)).toEqual({
      sent: records,
      effects: 900,
      lost: 2 * pollRecords,
      repeated: 0,
    });
  });

  it('at least once: a record committed after it is handled is never lost, and may be repeated after a crash', async () => {
    const kills = await committing('after');

    expect(kills).toBe(2);
    expect(await counted('at least once', kills)).toEqual({
      sent: records,
      effects: 1_100,
      lost: 0,
      repeated: 2 * pollRecords,
    });
  });

  it('exactly once: with offset and effect in one transaction, a kill at either place neither loses nor repeats a record', async () => {
    const deaths: ReadonlyArray<readonly [Place, number]> = [
      ['offset', 200],
      ['handled', 450],
      ['committed', 700],
    ];
    const task: ExactlyOnceTask = { ...run.task, groupInstanceId: 'payment-writer' };
    const kills = await runUntilDone(
      'exactly-once-consumer.ts',
      deaths.map(([place, atOffset]) => ({ ...task, dies: { place, atOffset } })),
    );
    const last = startProgram('exactly-once-consumer.ts', task);
    await until(
      () => `${records} effects ${last.errors()}`,
      60_000,
      async () => (await run.counts()).effects >= records,
    );
    last.kill('SIGTERM');
    await last.ended;

    expect(kills).toBe(deaths.length);
    expect(await counted('exactly once', kills)).toEqual({
      sent: records,
      effects: records,
      lost: 0,
      repeated: 0,
    });
  });
});
