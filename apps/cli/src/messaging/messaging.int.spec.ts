import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { opsStub, type OpsStub } from '../ops-stub.fixture.ts';
import { millrace } from '../cli.fixture.ts';

const parkedKey = {
  position: '17',
  group: 'order',
  topic: 'a',
  partition: 2,
  offset: '5',
  key: 'k',
  type: 'T',
  messages: 3,
  attempts: 9,
  parkedAt: null,
  retryAt: '2026-11-22T09:00:00Z',
  lastError: 'no such product',
};
const lag = { group: 'order', topic: 'a', partition: 0, messages: 3, seconds: 1.5 };

const answers: Readonly<Record<string, unknown>> = {
  'GET /ops/outbox': {
    pending: 4,
    oldestAgeMs: 61_000,
    publisher: null,
    position: '9',
    blocker: { pid: 4711, name: 'psql', ageMs: 60_000 },
  },
  'GET /ops/parked-keys': { items: [parkedKey], nextCursor: null },
  'POST /ops/parked-keys/17/retry': { position: '17' },
  'POST /ops/parked-keys/17/give-up': { position: '17', retryAt: '2026-11-22T09:00:00Z' },
};

let order: OpsStub;
let replica: OpsStub;
beforeEach(async () => {
  order = await opsStub(({ method, path }) => {
    const body = answers[`${method} ${path}`] ?? (path === '/ops/projections' ? { items: [lag] } : undefined);
    return body === undefined ? undefined : { body };
  });
  replica = await opsStub(({ path }) =>
    path === '/ops/projections'
      ? {
          body: {
            items: [
              { ...lag, messages: 2 },
              { ...lag, partition: 1, messages: 0 },
            ],
          },
        }
      : undefined,
  );
});
afterEach(() => [order, replica].forEach((stub) => stub.close()));

const run = (...args: string[]) =>
  millrace([...args, '--ops', `order=${order.url}`, '--ops', `order-2=${replica.url}`], { environment: {} });

describe('millrace outbox', () => {
  it('shows what waits for which transaction, and that nobody publishes it', async () => {
    expect((await run('outbox')).out).toMatch(/^order +4 +61 +nobody +9 +backend 4711 \(psql\), 60 s$/m);
  });
});

describe('a service that does not answer', () => {
  const nobody = 'payment=http://127.0.0.1:1';

  it('is named beside what the others answer, and the exit code is 1', async () => {
    const { exitCode, out, err } = await run('outbox', '--ops', nobody);
    expect(exitCode).toBe(1);
    expect(out).toMatch(/^order +4 /m);
    expect(err).toMatch(/^millrace: payment does not answer on http:\/\/127.0.0.1:1 /m);
  });

  it('is named if what is searched for may be there', async () => {
    const { exitCode, err } = await run('streams', 'show', 'order-43', '--ops', nobody);
    expect(exitCode).toBe(1);
    expect(err).toMatch(
      /stream order-43 may be at payment, which did not answer: try again; payment does not answer/,
    );
  });

  it('fails a command that no other one answers', async () => {
    const { exitCode, err } = await millrace(['outbox', '--ops', nobody], { environment: {} });
    expect({ exitCode, err }).toEqual({
      exitCode: 1,
      err: expect.stringContaining('payment does not answer'),
    });
  });
});

describe('millrace projections', () => {
  it('shows each partition once, by the highest lag that a process reports', async () => {
    expect(JSON.parse((await run('projections', 'lag', '--json')).out)).toMatchObject([
      { partition: 0, messages: 3 },
      { partition: 1, messages: 0 },
    ]);
    expect(JSON.parse((await run('projections', 'lag', '--json', '--behind')).out)).toHaveLength(1);
  });
});

describe('millrace projections rebuild', () => {
  const rebuild = {
    projection: 'order_summary',
    version: 2,
    paused: false,
    startedAt: '2026-11-22T09:00:00Z',
    revision: 34,
    position: '50',
    last: '100',
    lagEvents: 50,
    eventsPerSecond: 100,
    remainingMs: 500,
  };

  it('waits, with a bar, until the read model has been swapped in', async () => {
    let looks = 0;
    const stub = await opsStub(({ path }) =>
      path.startsWith('/ops/projections/') ? { body: { items: looks++ < 2 ? [rebuild] : [] } } : undefined,
    );
    const { exitCode, drawn } = await millrace(
      [
        'projections',
        'rebuild',
        'order',
        'order_summary',
        '--reason',
        'INC-7',
        '--wait',
        '--ops',
        `order=${stub.url}`,
      ],
      { environment: {} },
    );
    stub.close();
    expect(exitCode).toBe(0);
    expect(drawn[0]).toContain('rebuilding order_summary [###############');
    expect(stub.asked[0]).toMatchObject({
      path: '/ops/projections/order_summary/actions',
      body: { action: 'rebuild', reason: 'INC-7' },
    });
    expect(stub.asked).toHaveLength(3);
  });

  it('says how a read model that follows topics is rebuilt', async () => {
    const stub = await opsStub(() => ({
      status: 409,
      body: { title: 'There is none', code: 'rebuild_not_possible' },
    }));
    const asked = ['projections', 'rebuild', 'order', 'order_overview', '--reason', 'x', '--ops'];
    const { exitCode, err } = await millrace([...asked, `order=${stub.url}`], {
      environment: { ORDER_READ_DATABASE_URL: 'postgres://a:b@127.0.0.1:1/read' },
    });
    stub.close();
    expect(exitCode).toBe(1);
    expect(err).toContain('sql order --read-models --write -c "SELECT rebuild_order_overview()"');
  });

  it('shows how far the rebuild is if Ctrl-C ends the wait', async () => {
    const stopped = new AbortController();
    const stub = await opsStub(({ method }) => {
      if (method === 'GET') stopped.abort();
      return { body: { items: [rebuild] } };
    });
    const args = [
      'rebuild',
      'order',
      'order_summary',
      '--reason',
      'x',
      '--wait',
      '--ops',
      `order=${stub.url}`,
    ];
    const { exitCode, out, err } = await millrace(['projections', ...args], {
      environment: {},
      signal: stopped.signal,
    });
    stub.close();
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(out).toMatch(/^order_summary +2 +running/m);
  });

  it('is cancelled only with a yes, and as it was seen', async () => {
    const stub = await opsStub(() => ({ body: { items: [rebuild] } }));
    const args = ['projections', 'cancel', 'order', 'order_summary', '--reason', 'x'];
    const cancel = (...more: string[]) =>
      millrace([...args, ...more, '--ops', `order=${stub.url}`], { environment: {} });
    expect(await cancel()).toMatchObject({ exitCode: 2, err: expect.stringContaining('add --yes') });
    expect(stub.asked.map(({ method }) => method)).toEqual(['GET']);
    expect((await cancel('--yes')).exitCode).toBe(0);
    stub.close();
    expect(stub.asked.at(-1)).toMatchObject({ method: 'POST', headers: { 'if-match': '"34"' } });
  });

  it.each(['pause', 'resume', 'cancel'])(
    'that nobody has seen is left alone if somebody begins it meanwhile: %s',
    async (act) => {
      const stub = await opsStub(() => ({ body: { items: [] } }));
      const args = ['projections', act, 'order', 'order_summary', '--reason', 'x'];
      const yes = act === 'cancel' ? ['--yes'] : [];
      await millrace([...args, ...yes, '--ops', `order=${stub.url}`], { environment: {} });
      stub.close();
      expect(stub.asked.at(-1)).toMatchObject({ method: 'POST', headers: { 'if-match': '"0"' } });
    },
  );
});

describe('millrace parked', () => {
  it('lists keys with their errors', async () => {
    expect((await run('parked', 'list')).out).toMatch(
      /^order +17 +a\/2@5 +k +T +3 +9 +\S+ +no such product$/m,
    );
  });

  it('has a message tried now, with a reason', async () => {
    const { exitCode, out } = await run('parked', 'retry', 'order', '17', '--reason', 'INC-7');
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: expect.stringContaining('tried within seconds') });
    expect(order.asked.at(-1)).toMatchObject({
      path: '/ops/parked-keys/17/retry',
      body: { reason: 'INC-7' },
    });
    expect(await run('parked', 'retry', 'order', '17')).toMatchObject({ exitCode: 2 });
  });

  it('gives a message up, with a reason', async () => {
    const { exitCode, out } = await run('parked', 'give-up', 'order', '17', '--reason', 'INC-7', '--yes');
    expect({ exitCode, out }).toEqual({
      exitCode: 0,
      out: expect.stringContaining('the last attempt is due 2026'),
    });
    expect(order.asked.at(-1)?.body).toEqual({ reason: 'INC-7' });
  });

  it.each([
    [['order', '18', '--reason', 'x', '--yes'], 1, 'not_found'],
    [['shop', '17', '--reason', 'x', '--yes'], 1, 'no service shop here'],
    [['order', '17', '--reason', 'x'], 2, 'add --yes'],
    [['order', '17', '--yes'], 2, '--reason TEXT'],
  ])('refuses to give up %j', async (args, exitCode, problem) => {
    expect(await run('parked', 'give-up', ...args)).toMatchObject({
      exitCode,
      err: expect.stringContaining(problem),
    });
  });
});
