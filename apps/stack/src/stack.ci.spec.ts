import { readFileSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { sampleOrders } from './shop/sample-orders.ts';
import {
  endStacks,
  launchStack,
  leftBehind,
  newFolder,
  nothing,
  processesOf,
  until,
  type Report,
  type StackProcess,
} from './stack-process.fixture.ts';

interface Row {
  readonly orderId: string;
  readonly correlationId: string;
  readonly expected: string;
  readonly outcome: string;
  readonly reason: string | null;
}

const sigintExit = 130;

/**
 * Returns settings for the ports of an earlier run, so that a process that still holds one is in
 * the way.
 */
const samePorts = ({ urls, postgresUrl, keysUrl, bootstrapServers }: Report): Record<string, string> => ({
  POSTGRES_PORT: new URL(postgresUrl).port,
  KEYS_PORT: new URL(keysUrl).port,
  BROKER_PORT: bootstrapServers.split(':')[1] ?? '',
  BROKER_HTTP_PORT: '0',
  ...Object.fromEntries(
    Object.entries(urls).map(([name, url]) => [`${name.toUpperCase()}_PORT`, new URL(url).port]),
  ),
});

describe('a stack over its lifetime, on one data folder', () => {
  let folder: string;
  let data: string;
  let placed: readonly Row[] = [];

  beforeAll(async () => {
    folder = await newFolder();
    data = join(folder, 'data');
  });
  afterAll(async () => {
    endStacks();
    await rm(folder, { recursive: true, force: true });
  });

  const orderStatus = async ({ urls }: Report, orderId: string) =>
    ((await (await fetch(`${urls.order}/orders/${orderId}`)).json()) as { status: string }).status;

  it('prints only the table to standard output with --once --json and exits with 0; --trace adds the page of each order', async () => {
    const stack = launchStack(data, ['--once', '--json', '--trace']);

    const code = await stack.ended;
    expect({ code, output: code === 0 ? '' : stack.stdout() + stack.stderr() }).toEqual({
      code: 0,
      output: '',
    });
    placed = JSON.parse(stack.stdout()) as Row[];
    expect(placed).toHaveLength(sampleOrders.length);
    for (const row of placed)
      expect(row).toEqual({
        orderId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        scenario: expect.any(String),
        expected: row.reason === null ? row.outcome : `${row.outcome} (${row.reason})`,
        outcome: expect.stringMatching(/^(completed|cancelled|returned|return closed)$/),
        reason: ['completed', 'returned'].includes(row.outcome) ? null : expect.any(String),
        steps: expect.arrayContaining(['reserve']),
        compensations: expect.any(Array),
        durationMs: expect.any(Number),
      });
    expect(stack.stderr()).toContain('| ');
    const pages = stack.stderr().matchAll(/^trace +http:\/\/127\.0\.0\.1:\d+\/trace\/([0-9a-f-]{36}) {3}/gm);
    expect([...pages].map(([, correlationId]) => correlationId)).toEqual(
      placed.map(({ correlationId }) => correlationId),
    );
    expect(leftBehind(data)).toEqual(nothing);
  });

  it('keeps its data across a restart, refuses a second stack, restarts whatever dies or hangs, and drains on SIGTERM', async () => {
    const stack = launchStack(data, ['--no-samples', '--no-console'], { MILLRACE_UNANSWERED_MS_MAX: '5000' });
    const report = await stack.ready();
    // An order that came back stays completed.
    const statusAfter = (outcome: string) => (outcome.startsWith('return') ? 'completed' : outcome);
    for (const { orderId, outcome } of placed)
      expect(await orderStatus(report, orderId)).toBe(statusAfter(outcome));

    const second = launchStack(data, []);
    expect(await second.ended).toBe(1);
    expect(second.stderr()).toContain(
      `${data} is in use by a running stack (process ${stack.pid}): stop that one, or set MILLRACE_DATA`,
    );

    const { postgres, keys, broker, ...services } = report.pids;
    for (const wave of [{ postgres, keys }, { broker }, services]) {
      for (const pid of Object.values(wave)) process.kill(pid as number, 'SIGKILL');
      for (const [name, pid] of Object.entries(wave)) {
        await stack.says(
          `${name} ended (SIGKILL); it starts again in 100 ms (log: ${join(data, 'logs', `${name}.log`)})`,
        );
        await until(
          `a report of the new ${name}`,
          () => ![undefined, pid].includes(stack.report().pids[name]),
        );
      }
    }
    expect(await orderStatus(report, placed[0]?.orderId ?? '')).toBe('completed');

    const { postgres: left = 0, broker: hung = 0, order = 0 } = stack.report().pids;
    for (const pid of [left, hung, order]) process.kill(pid, 'SIGSTOP');
    await stack.says(`broker (process ${hung}) has not answered for 5 s: it was stopped, or`);
    await stack.says(`order (process ${order}) has not answered for 5 s: it was stopped, or`);
    await stack.says(`postgres (process ${left}) has not answered for 5 s. Leaving it alone`);
    process.kill(left, 'SIGCONT');
    await stack.says('postgres answers again');
    await until('the broker and the order service to be back', () => {
      const { broker: newBroker, order: newOrder } = stack.report().pids;
      return ![undefined, hung].includes(newBroker) && ![undefined, order].includes(newOrder);
    });
    expect(stack.report().pids.postgres).toBe(left);
    expect(await orderStatus(report, placed[0]?.orderId ?? '')).toBe('completed');

    stack.kill('SIGTERM');
    expect(await stack.ended).toBe(0);
    expect(leftBehind(data)).toEqual(nothing);
  });

  it('reports a service that cannot start in one line, and stops the others', async () => {
    // This is not an address of this machine.
    const stack = launchStack(data, [], { ORDER_HOST: '203.0.113.1' });

    expect(await stack.ended).toBe(1);
    expect(stack.stderr()).toMatch(
      /^millrace: order did not start: cannot start: listen EADDRNOTAVAIL[^\n]+\(log: [^\n]+order\.log\)\n$/,
    );
    expect(leftBehind(data)).toEqual(nothing);
  });

  it('leaves no services running if it is killed while it starts them', async () => {
    const killed = launchStack(data, ['--no-samples', '--no-console']);
    await killed.says('starting the services');
    await until(
      'its services to run',
      () => processesOf(data).filter((pid) => !isPostgres(pid)).length === 7,
    ); // two more: stack, broker
    killed.kill('SIGKILL');
    await killed.ended;

    await until('its services and broker to end', () => processesOf(data).every(isPostgres));
  });

  it('waits for what a kill -9 has left behind, stops PostgreSQL, and gets the same ports and data', async () => {
    const killed = launchStack(data, ['--no-samples', '--no-console']);
    const before = await killed.ready();
    await command(before, 'CREATE TABLE kept AS SELECT 1');
    killed.kill('SIGKILL');
    await killed.ended;

    const stack = launchStack(data, ['--no-samples', '--no-console'], samePorts(before));
    const report = await stack.ready();

    expect(stack.stdout()).toContain(
      `stopping the PostgreSQL that was left over (pid ${before.pids.postgres})`,
    );
    expect(report.urls).toEqual(before.urls);
    await command(report, 'SELECT * FROM kept');
    const leftovers = Object.values(before.pids);
    expect(processesOf(data).filter((pid) => leftovers.includes(pid))).toEqual([]);
    await dropMigrations(report);
    stack.disconnect();
    await stack.ended;
    expect(leftBehind(data)).toEqual(nothing);
  });

  it('reports a migration that fails in one line', async () => {
    const stack = launchStack(data, ['--once']);

    expect(await stack.ended).toBe(1);
    expect(stack.stderr()).toMatch(
      /^millrace: the tables of shipping could not be prepared: [^\n]+already exists[^\n]+--fresh\n$/,
    );
    expect(leftBehind(data)).toEqual(nothing);
  });

  it.each([
    ['broker', 'broker', /^millrace: broker did not start: [^\n]+\(log: [^\n]+broker\.log\)\n$/],
    [
      'PostgreSQL',
      'postgres/global',
      /^millrace: PostgreSQL did not start: [^\n]+\(log: [^\n]+postgres\.log\)\n$/,
    ],
  ])('reports in one line a %s whose data are corrupt', async (_part, place, line) => {
    await rm(join(data, place), { recursive: true, force: true });
    await writeFile(join(data, place), 'no folder');
    const stack = launchStack(data, []);

    expect(await stack.ended).toBe(1);
    expect(stack.stderr()).toMatch(line);
    expect(leftBehind(data)).toEqual(nothing);
  });

  it('starts over after all of that with --fresh', async () => {
    const stack = launchStack(data, ['--fresh', '--no-samples', '--no-console']);
    const report = await stack.ready();

    expect((await fetch(`${report.urls.order}/orders/${placed[0]?.orderId}`)).status).toBe(404);
    expect(await readdir(report.mailFolder)).toEqual([]);

    process.kill(report.pids.payment ?? 0, 'SIGSTOP'); // its drain never ends
    stack.kill('SIGINT');
    stack.kill('SIGINT'); // npm also sends it twice
    await stack.says('stopping');
    const { payment, postgres: _postgres, keys: _keys, broker: _broker, ...others } = report.pids;
    await until('the other services to drain', () =>
      Object.values(others).every((pid) => !processesOf(data).includes(pid)),
    );
    expect(processesOf(data)).toEqual(expect.arrayContaining([stack.pid, payment]));
    await untilEnded(stack, () => stack.kill('SIGINT'));
    expect(await stack.ended).toBe(sigintExit);
    await until('everything to be gone', () => processesOf(data).length === 0);
    expect(leftBehind(data)).toEqual(nothing);
  });

  it.each(['starting PostgreSQL', 'creating databases', 'starting the services'])(
    'leaves nothing behind after Ctrl-C at "%s"',
    async (moment) => {
      const stack = launchStack(data, ['--once', '--fresh']);
      await stack.says(moment);
      stack.kill('SIGINT');

      expect(await stack.ended).toBe(sigintExit);
      expect(stack.stderr()).toBe('');
      expect(leftBehind(data)).toEqual(nothing);
    },
  );
});

/** Repeats the call until the stack has ended. It ignores a second Ctrl-C that follows at once. */
async function untilEnded({ ended }: StackProcess, call: () => void): Promise<void> {
  let over = false;
  void ended.then(() => (over = true));
  await until('the stack to end', () => {
    if (!over) call();
    return over;
  });
}

function isPostgres(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('postgres');
  } catch {
    return true; // it has just ended
  }
}

async function command({ postgresUrl }: Report, text: string, database = 'postgres'): Promise<void> {
  const client = new Client({ connectionString: `${postgresUrl}/${database}` });
  await client.connect();
  await client.query(text).finally(() => client.end());
}

/** Makes the next start believe that the tables are missing. */
const dropMigrations = (report: Report): Promise<void> =>
  command(report, 'DROP TABLE schema_migration', 'millrace_shipping');
