import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { opsStub, type Asked, type OpsStub, type StubAnswer } from '../ops-stub.fixture.ts';
import { millrace, millraceJson } from '../cli.fixture.ts';

const saga = {
  sagaId: '42',
  definition: 'fulfillment',
  status: 'running',
  waitsFor: [],
  timers: [],
  steps: [],
  compensations: [],
  events: [],
};

describe('millrace sagas', () => {
  let order: OpsStub;
  let other: OpsStub;
  let answer: (asked: Asked) => StubAnswer | undefined;
  beforeEach(async () => {
    order = await opsStub((asked) => answer(asked));
    other = await opsStub(() => undefined);
    answer = ({ path, method }) =>
      path === '/ops/sagas/42' || method === 'POST' ? { etag: '"7"', body: saga } : undefined;
  });
  afterEach(() => [order, other].forEach((stub) => stub.close()));

  const run = (...args: string[]) =>
    millrace(['sagas', ...args, '--ops', `payment=${other.url}`, '--ops', `order=${order.url}`], {
      environment: { OPS_TOKEN: 'a-long-random-text' },
    });

  it('finds the service that has the saga, and acts on the state that it has seen', async () => {
    expect(await run('retry', '42', '--reason', 'INC-7', '--actor', 'ada')).toMatchObject({ exitCode: 0 });

    const { headers, body, path } = order.asked.at(-1)!;
    expect(path).toBe('/ops/sagas/42/actions');
    expect(body).toEqual({ action: 'retry', reason: 'INC-7' });
    expect(headers).toMatchObject({
      'if-match': '"7"',
      'millrace-actor': 'ada',
      'idempotency-key': expect.stringMatching(/^[0-9a-f-]{36}$/),
      authorization: 'Bearer a-long-random-text',
    });
    expect(other.asked.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('Z35 takes a saga by its definition and its id', async () => {
    answer = () => ({ etag: '"7"', body: saga });
    expect(await run('retry', 'fulfillment/4/2', '--reason', 'INC-7')).toMatchObject({ exitCode: 0 });

    expect(order.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /ops/sagas/fulfillment/4%2F2',
      'POST /ops/sagas/fulfillment/4%2F2/actions',
    ]);
  });

  it('Z35 refuses an id that sagas of a service or of several services have, and names them', async () => {
    answer = () => ({
      status: 409,
      body: {
        title: 'Ambiguous',
        code: 'several_sagas',
        detail: 'fulfillment/42 and returns/42: name one',
      },
    });
    expect(await run('retry', '42', '--reason', 'INC-7')).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('Ambiguous (several_sagas): fulfillment/42 and returns/42: name one'),
    });

    answer = () => ({ etag: '"7"', body: saga });
    const club = await opsStub(() => ({ etag: '"3"', body: { ...saga, definition: 'loyalty' } }));
    const refused = await run('retry', '42', '--reason', 'INC-7', '--ops', `club=${club.url}`);
    club.close();
    expect(refused).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining(
        'several sagas have the id 42: loyalty/42 of club, fulfillment/42 of order: name one as DEFINITION/ID',
      ),
    });
    expect([...order.asked, ...club.asked].every(({ method }) => method === 'GET')).toBe(true);
  });

  it('finds the saga although another service does not answer', async () => {
    const args = [
      'sagas',
      'show',
      '42',
      '--ops',
      'payment=http://127.0.0.1:1',
      '--ops',
      `order=${order.url}`,
    ];
    expect(await millrace(args, { environment: {} })).toMatchObject({ exitCode: 0, err: '' });
  });

  it('takes operator APIs, token and actor from the environment, as in a container', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-token-'));
    const file = join(folder, 'token');
    writeFileSync(file, 'a-token-in-a-file\n');
    const environment = {
      MILLRACE_OPS: `payment=${other.url},order=${order.url}`,
      MILLRACE_ACTOR: 'grace',
      OPS_TOKEN_FILE: file,
    };
    const retry = (more: object) =>
      millrace(['sagas', 'retry', '42', '--reason', 'x'], { environment: { ...environment, ...more } });

    expect(await retry({})).toMatchObject({ exitCode: 0 });
    expect(order.asked.at(-1)?.headers).toMatchObject({
      authorization: 'Bearer a-token-in-a-file',
      'millrace-actor': 'grace',
    });
    expect(await retry({ OPS_TOKEN_FILE: `${file}-none` })).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('cannot be read (ENOENT)'),
    });
    expect(await retry({ MILLRACE_OPS: 'nonsense' })).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('MILLRACE_OPS nonsense: give NAME=URL'),
    });
    rmSync(folder, { recursive: true });
  });

  it('takes a result for a step that is skipped', async () => {
    await run('skip', '42', '--reason', 'INC-7', '--result', '{"type":"ShipmentScheduled"}', '--yes');
    expect(order.asked.at(-1)?.body).toMatchObject({ action: 'skip', result: { type: 'ShipmentScheduled' } });
    expect(await run('skip', '42', '--reason', 'INC-7', '--result', 'x', '--yes')).toMatchObject({
      exitCode: 2,
    });
  });

  it('says before it skips a wait without a result that the wait ends as if its time were over', async () => {
    const open = { commandId: 'c', until: null, why: 'The saga waits', replies: ['ReturnApproved'] };
    const body = { ...saga, waitsFor: [{ ...open, step: 'approval', role: 'wait' }] };
    answer = () => ({ etag: '"7"', body });

    const { exitCode, err } = await run('skip', '42', '--reason', 'INC-7');
    expect(exitCode).toBe(2);
    expect(err).toContain(
      'this would end the wait approval, as if its time were over, of saga fulfillment/42 (running): add --yes',
    );
    const result = '{"type":"ReturnApproved"}';
    expect((await run('skip', '42', '--reason', 'INC-7', '--result', result)).err).toContain(
      'this would skip the step of saga fulfillment/42',
    );
    expect(order.asked.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('names one of several steps, and ends a wait without a result', async () => {
    await run('retry', '42', '--reason', 'INC-7', '--step', 'ship');
    expect(order.asked.at(-1)?.body).toEqual({ action: 'retry', reason: 'INC-7', step: 'ship' });
    await run('skip', '42', '--reason', 'INC-7', '--step', 'approval', '--yes');
    expect(order.asked.at(-1)?.body).toEqual({ action: 'skip', reason: 'INC-7', step: 'approval' });
  });

  it('shows each thing that the saga waits for, until when and why, and the paths that it took', async () => {
    const until = '2026-11-25T09:00:00.000Z';
    const open = { commandId: 'c', until, why: 'The saga waits, and then goes on' };
    const step = { status: 'sent', attempts: 1, sentAt: '2026-11-25T08:00:00.000Z', repliedAt: null };
    const body = {
      ...saga,
      waitsFor: [
        { ...open, step: 'parts', role: 'step', replies: ['PartsReserved', 'PartsRefused'] },
        { ...open, step: 'burn-in', role: 'delay', replies: [] },
      ],
      waits: [{ name: 'burn-in', status: 'open', until }],
      branches: { dear: 'otherwise' },
      timers: [
        { step: 'parts', kind: 'step', attempt: 1, dueAt: until },
        { step: '(deadline)', kind: 'deadline', attempt: 1, dueAt: '2026-11-28T08:00:00.000Z' },
      ],
      steps: [
        { ...step, name: 'parts' },
        { ...step, name: 'engineer', status: 'pending', attempts: 0, sentAt: null },
      ],
    };
    answer = () => ({ etag: '"7"', body });
    const { out } = await run('show', '42');

    expect(out).toContain(
      [
        `waits for PartsReserved or PartsRefused (step parts), until ${until}`,
        '  The saga waits, and then goes on',
        `waits (delay burn-in), until ${until}`,
        '  The saga waits, and then goes on',
        'timer of deadline (deadline), attempt 1: due 2026-11-28T08:00:00.000Z',
        'took the path "otherwise" of the branch dear',
      ].join('\n'),
    );
    expect(out).toMatch(/^engineer +pending +0 +- +-$/m);
    expect(out).toMatch(/^wait burn-in +open +- +- +-$/m);
  });

  it('says what to do if another operator was faster', async () => {
    answer = ({ method }) =>
      method === 'GET'
        ? { etag: '"7"', body: saga }
        : { status: 412, body: { title: 'The saga has moved', code: 'version_moved', detail: 'it is at 8' } };
    expect(await run('pause', '42', '--reason', 'x')).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining(
        'The saga has moved (version_moved): it is at 8: it has changed since it was read',
      ),
    });
  });

  it.each([
    [['retry', '42'], 2, '--reason TEXT'],
    [['compensate', '42', '--reason', 'x'], 2, 'add --yes'],
    [['show', '43'], 1, 'no saga 43 at payment, order'],
    [['show', 'returns/'], 2, 'returns/ names no saga: give its ID, or DEFINITION/ID'],
  ])('refuses %j', async (args, exitCode, problem) => {
    expect(await run(...args)).toMatchObject({ exitCode, err: expect.stringContaining(problem) });
    expect(order.asked.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('says that a service which does not answer may have the saga', async () => {
    order.close();

    const { exitCode, out, err } = await run('show', '43');

    expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' });
    expect(err).toMatch(
      /saga 43 may be at order, which did not answer: try again; order does not answer on http\S+ \(.+\): millrace status says what runs; payment does not have it/,
    );
    expect(err).not.toContain('no saga');
  });

  it('reads as many pages as it needs', async () => {
    answer = ({ query }) => ({
      body:
        query.after === undefined
          ? { items: [saga], nextCursor: 'next' }
          : { items: [{ ...saga, sagaId: '43' }], nextCursor: null },
    });
    const listed = await millraceJson<{ sagaId: string }[]>([
      'sagas',
      'list',
      '--state',
      'all',
      '--ops',
      `order=${order.url}`,
    ]);
    expect(listed.map(({ sagaId }) => sagaId)).toEqual(['42', '43']);
    expect(order.asked[0]?.query).toEqual({ state: 'all', limit: '50' });
    expect((await run('list', '--limit', '1')).out.split('\n')).toHaveLength(2);
  });

  it('says that there may be more, also in a service that has filled only a part of the limit', async () => {
    const second = await opsStub(() => ({ body: { items: [saga], nextCursor: null } }));
    const more =
      /^these are the first \d, and there may be more: raise --limit, or name one service with --ops$/m;
    const list = async (limit: string) =>
      (await run('list', '--limit', limit, '--ops', `shop=${second.url}`)).err;
    answer = () => ({ body: { items: [saga], nextCursor: null } });
    expect(await list('1')).toMatch(more);
    expect(await list('2')).toBe('');
    second.close();
  });

  it('lists all events of a saga', async () => {
    const event = { type: 'CommandSent', at: '2026-11-22T09:00:00Z', streamVersion: 2, step: 'ship' };
    answer = ({ path }) =>
      path.endsWith('/events')
        ? { body: { items: [event], nextCursor: 'next' } }
        : { etag: '"7"', body: { ...saga, sagaId: '4/2' } };
    const { out, err } = await run('events', '4/2', '--limit', '1');
    expect(out).toMatch(/^ +2 +2026-11-22T09:00:00Z +CommandSent +\{"step":"ship"\}$/m);
    expect(err).toContain('these are the first 1');
    expect(order.asked.at(-1)).toMatchObject({
      path: '/ops/sagas/fulfillment/4%2F2/events',
      query: { limit: '1' },
    });
  });

  it('names a service that does not answer', async () => {
    order.close();
    const { exitCode, err } = await run('show', '42');
    expect({ exitCode, err }).toEqual({
      exitCode: 1,
      err: expect.stringContaining('order does not answer on'),
    });
  });
});
