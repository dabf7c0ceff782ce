import { expect } from '@jest/globals';
import { query } from '@millrace/test-support/shop';
import { until } from '@millrace/test-support/stack';
import { kcat } from '@millrace/testing/kcat';
import { alarm, follows, hasStatus } from './operator.fixture.ts';
import { allComplete, type RunbookStack } from './runbook-stack.fixture.ts';

const app = { SERVICE: 'analytics' };
const internalTopic = 'analytics-days-repartition';

/** The entries about stream applications. */
export function followStreams({ stack, place }: RunbookStack): void {
  const placedOrders = async () => {
    const answer = await fetch(`${stack().instances.analytics}/analytics/summary`);
    return answer.ok ? ((await answer.json()) as { readonly placed: number }).placed : undefined;
  };

  /** Resolves with the number of orders, once analytics has counted each of them. */
  const allCounted = async (): Promise<number> => {
    const [row] = await query(
      stack(),
      'order',
      `SELECT count(*)::int AS placed FROM event WHERE type = 'OrderCreated'`,
    );
    const placed = Number(row?.['placed']);
    await until('analytics to count each order', 60_000, async () => (await placedOrders()) === placed);
    return placed;
  };

  follows(
    ['MillraceStreamsFailed'],
    'an application that cannot process a record passes over it, and counts what comes then',
    stack,
    async ({ run }) => {
      await allComplete(await place(1));
      const before = await allCounted();
      await kcat(['-P', '-b', stack().bootstrapServers, '-t', internalTopic, '-K', ':'], 'today:{}');
      await alarm(stack(), 'analytics', 'streams_failed', 'raised');

      expect(await run('applications list')).toMatch(/^analytics +analytics +failed .*outcome/m);
      expect(await run('logs SERVICE', app)).toContain('the stream application has failed');
      await run('stop SERVICE --reason TEXT', { ...app, TEXT: 'INC-7: a record cannot be processed' });
      await run('offsets reset GROUP --topic TOPIC --to-latest --execute', {
        GROUP: 'analytics',
        TOPIC: internalTopic,
      });
      await run('start SERVICE', app);

      await hasStatus(stack(), 'analytics', 'ready');
      await alarm(stack(), 'analytics', 'streams_failed', 'cleared');
      await allComplete(await place(1));
      await until('analytics to count again', 60_000, async () => (await placedOrders()) === before + 1);
    },
  );

  follows(
    ['MillraceStreamsNotRunning'],
    'an application that waits for the brokers goes on once they answer',
    stack,
    async ({ run, json }) => {
      const before = await allCounted();
      const goOn = stack().pause('broker');
      try {
        process.kill(stack().pid('analytics')!, 'SIGKILL'); // it is back only once it runs
        await alarm(stack(), 'analytics', 'streams_not_running', 'raised');
        expect(await run('applications list')).toMatch(/^analytics +analytics +rebalancing /m);
      } finally {
        goOn();
      }
      await hasStatus(stack(), 'analytics', 'ready');
      await alarm(stack(), 'analytics', 'streams_not_running', 'cleared');
      await allComplete(await place(1));
      await until('analytics to go on counting', 60_000, async () => (await placedOrders()) === before + 1);
      expect(await json('lag GROUP', { GROUP: 'analytics' })).toContainEqual(
        expect.objectContaining({ topic: 'order-events', owner: expect.stringContaining('analytics') }),
      );
    },
  );
}
