import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestBroker, type TestBroker } from '@millrace/testing/engine';
import { logTasks } from './log-tasks.ts';
import { measureQueue } from './measure-queue.ts';
import { queueProblems, taskLoad } from './queue-problems.ts';

/** `npm run verify -- queue` does 100,000 tasks, and RabbitMQ the same. */
const load = {
  ...taskLoad,
  tasks: 400,
  failsAlwaysEvery: 199,
  pacedPerSecond: 200,
  pacedSeconds: 2,
  blockedMs: 1_000,
};

describe('G45 tasks on a partitioned log', () => {
  let broker: TestBroker;
  beforeAll(async () => {
    broker = await startTestBroker();
  });
  afterAll(() => broker.stop());

  it('are done in order per customer, can be read again, and wait behind one that is blocked', async () => {
    const measured = await measureQueue(
      () => logTasks(broker.bootstrapServers),
      load,
      () => undefined,
    );
    expect({ ...measured, problems: queueProblems(load, measured, []) }).toMatchObject({ problems: [] });
  });
});
