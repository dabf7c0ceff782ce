import { expect } from '@jest/globals';
import { query } from '@millrace/test-support/shop';
import { startReplica } from '@millrace/test-support/stack';
import { Client } from 'pg';
import { alarm, figure, follows, hasStatus } from './operator.fixture.ts';
import { allComplete, without, type RunbookStack } from './runbook-stack.fixture.ts';

interface OutboxView {
  readonly service: string;
  readonly publisher: string | null;
  readonly blocker: { readonly pid: number } | null;
}

const publishing = /^millrace_relay_publishing/;
const watchUp = /^millrace_watch_up\{.*parked messages/;

/** The entries about processes, their database and their relay. */
export function followProcesses({ stack, place }: RunbookStack): void {
  /** Leaves a transaction open in the database of a service, as a forgotten session does. */
  async function forgetTransaction(service: string, statement: string): Promise<Client> {
    const client = new Client({ connectionString: `${stack().postgresUrl}/millrace_${service}` });
    client.on('error', () => undefined); // the operator ends it
    await client.connect();
    await client.query('SET idle_in_transaction_session_timeout = 0; SET transaction_timeout = 0; BEGIN');
    await client.query(statement);
    return client;
  }

  follows(
    ['MillraceServiceDown'],
    'a process that does not answer is named until it is back',
    stack,
    async ({ run }) => {
      const bringBack = stack().takeDown('shipping');
      try {
        expect(await run('status')).toMatch(/^ *shipping +no answer .*ECONNREFUSED/m);
        await run('logs SERVICE', { SERVICE: 'shipping' });
      } finally {
        await bringBack();
      }
      await hasStatus(stack(), 'shipping', 'ready');
      expect(await run('status')).toMatch(/^ *shipping +ready/m);

      const service = { SERVICE: 'shipping' };
      expect(await run('stop SERVICE', service)).toBe('stopped: shipping\n');
      expect(await run('status')).toMatch(/^ *shipping +stopped .*millrace start shipping starts it/m);
      expect(await run('stop SERVICE', service)).toBe('nothing to do: shipping had stopped before\n');
      expect(await run('start SERVICE', service)).toBe('started: shipping\n');
      expect(await run('status')).toMatch(/^ *shipping +ready/m);
    },
  );

  follows(
    ['MillraceHttpErrorBudgetBurnsFast', 'MillraceHttpErrorBudgetBurnsSlowly'],
    'the log says why a request was answered with 500',
    stack,
    async ({ run }) => {
      const orders = `${stack().urls.order}/orders`;
      await without(stack(), 'order', 'order_summary', async () => {
        const failed = await fetch(orders);
        expect(failed.status).toBe(500);
        const correlationId = failed.headers.get('x-correlation-id') ?? '';
        await figure(
          stack(),
          'order',
          /^http_request_duration_seconds_count\{.*status="500"/,
          (sum) => sum > 0,
        );
        expect(await run('status')).toMatch(/^ *order +ready/m);
        expect(await run('logs SERVICE --match ID', { SERVICE: 'order', ID: correlationId })).toContain(
          'order_summary',
        );
      });
      expect((await fetch(orders)).status).toBe(200);
    },
  );

  follows(
    ['MillraceDatabaseUnwritable'],
    'a service whose database takes no writes is named until it takes them again',
    stack,
    async ({ run }) => {
      /** Sessions have the setting from their start. The statements come from another database. */
      const writable = async (setting: string) => {
        await query(stack(), 'order', `ALTER DATABASE millrace_payment ${setting}`);
        const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'millrace_payment'`;
        await query(stack(), 'order', end);
      };
      await writable('SET default_transaction_read_only = on');
      try {
        await alarm(stack(), 'payment', 'database_unwritable', 'raised');
        expect(await run('status')).toMatch(/^ *payment +unhealthy .*the database is read-only/m);
      } finally {
        await writable('RESET default_transaction_read_only');
      }
      await alarm(stack(), 'payment', 'database_unwritable', 'cleared');
      await allComplete(await place(1));
    },
  );

  follows(
    ['MillraceNobodyConsumes'],
    'a process that another one with its name has shut out consumes after its restart',
    stack,
    async ({ run, json }) => {
      const owned = /^millrace_consumer_partitions_owned\{.*group="shipping"/;
      const namesake = await startReplica(stack(), 'shipping', 'shipping-1');
      await hasStatus(stack(), 'shipping', 'unhealthy');
      await namesake.leave();
      await figure(stack(), 'shipping', owned, (partitions) => partitions === 0);
      const lags = await json<ReadonlyArray<{ owner: string | null }>>('lag GROUP', { GROUP: 'shipping' });
      expect(lags.filter(({ owner }) => owner !== null)).toEqual([]);
      expect(await run('status')).toMatch(/shipping +unhealthy .*consumer: .*"shipping-1"/);

      await stack().kill('shipping');
      await figure(stack(), 'shipping', owned, (partitions) => partitions > 0);
      await allComplete(await place(1));
    },
  );

  follows(
    ['MillraceFiguresStale', 'MillraceOutboxAge', 'MillraceNobodyPublishes'],
    'messages and figures that wait for a forgotten transaction move once it is ended',
    stack,
    async ({ run, json }) => {
      const forgotten = await forgetTransaction(
        'order',
        `INSERT INTO outbox (id, topic, key) VALUES (gen_random_uuid(), 'order-events', 'none');
         LOCK TABLE parked_message IN ACCESS EXCLUSIVE MODE`,
      );
      const orders = await place(1);
      await alarm(stack(), 'order', 'outbox_age', 'raised');
      await figure(stack(), 'order', watchUp, (up) => up === 0);
      const outboxOf = async (wanted: string) =>
        (await json<readonly OutboxView[]>('outbox')).find(({ service }) => service === wanted);
      expect(await outboxOf('order')).toMatchObject({ pending: expect.any(Number), publisher: 'order-1' });
      expect(await run('status')).toContain('outbox_age');
      expect(await run('logs SERVICE', { SERVICE: 'order' })).toContain('parked messages');

      await forgotten.query('LOCK TABLE relay_cursor IN EXCLUSIVE MODE');
      await figure(stack(), 'order', publishing, (processes) => processes === 0);
      const found = await outboxOf('order');
      expect(found?.publisher).toBeNull();
      await run('sql SERVICE --write -c "SELECT pg_terminate_backend(PID)"', {
        SERVICE: 'order',
        PID: String(found?.blocker?.pid),
      });
      await forgotten.end();
      await allComplete(orders);
      await figure(stack(), 'order', publishing, (processes) => processes === 1);
      await figure(stack(), 'order', watchUp, (up) => up > 0);
      await alarm(stack(), 'order', 'outbox_age', 'cleared');
    },
  );
}
