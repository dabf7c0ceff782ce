import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { opsStub, type Asked, type OpsStub, type StubAnswer } from '../ops-stub.fixture.ts';
import { millrace } from '../cli.fixture.ts';

const letter = {
  id: 'a.dlq:0:1',
  topic: 'a',
  group: 'order',
  type: 'T',
  key: 'k',
  code: 'c',
  reason: 'c: why',
  attempts: 3,
  redrives: 0,
  at: '2026-11-22T09:00:00Z',
  decision: null,
};
const outcome = (id: string, nextCursor: string | null = null) => ({
  dryRun: false,
  redriven: 1,
  discarded: 0,
  refused: 0,
  edited: [],
  items: [{ id, outcome: 'redriven' }],
  more: nextCursor !== null,
  nextCursor,
});

describe('millrace dlq', () => {
  let order: OpsStub;
  let payment: OpsStub;
  let answer: (asked: Asked) => StubAnswer | undefined;
  beforeEach(async () => {
    order = await opsStub((asked) => answer(asked));
    payment = await opsStub(() => undefined);
  });
  afterEach(() => [order, payment].forEach((stub) => stub.close()));

  const run = (...args: string[]) =>
    millrace(['dlq', ...args, '--ops', `payment=${payment.url}`, '--ops', `order=${order.url}`], {
      environment: {},
    });
  const acts = () => order.asked.filter(({ method }) => method === 'POST');

  it('lists the letters of every service that has any', async () => {
    answer = () => ({ body: { items: [letter], nextCursor: null } });
    expect((await run('list', '--topic', 'a')).out).toMatch(/^a\.dlq:0:1 +order +T +k +c: why +3 +0 /m);
    expect(order.asked[0]).toMatchObject({ path: '/ops/dead-letters', query: { topic: 'a', limit: '50' } });
    answer = () => ({ body: { items: [letter], nextCursor: 'next' } });
    expect((await run('list', '--limit', '1')).err).toContain('there may be more');
  });

  it('shows a reason that came from outside without letting it steer the terminal', async () => {
    const reason = 'c: \u001b[2J\u001b[Hall is well';
    answer = ({ path }) => ({
      body: path.endsWith('/a.dlq:0:1')
        ? { ...letter, reason, value: 'x\u001b]0;y\u0007', headers: {}, stack: '' }
        : { items: [{ ...letter, reason }], nextCursor: null },
    });
    for (const args of [['list'], ['show', 'a.dlq:0:1'], ['list', '--json']])
      expect((await run(...args)).out.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect((await run('list')).out).toContain('\\u001b[2J');
  });

  it('sends letters again by their ids, at the service that has them', async () => {
    answer = ({ method }) => ({ body: method === 'POST' ? outcome('a.dlq:0:1') : letter });
    const edit = ['--value', '{"type":"T","quantity":2}'];
    const { exitCode, out } = await run('redrive', 'a.dlq:0:1', '--reason', 'INC-7', '--yes', ...edit);
    expect({ exitCode, out }).toEqual({
      exitCode: 0,
      out: expect.stringContaining('1 redriven, 0 discarded, 0 refused'),
    });
    expect(acts().map(({ path, body }) => ({ path, body }))).toEqual([
      {
        path: '/ops/dead-letters/redrive',
        body: { ids: ['a.dlq:0:1'], reason: 'INC-7', dryRun: false, value: { type: 'T', quantity: 2 } },
      },
    ]);
    expect(payment.asked.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('sends more ids than one request takes in several, each id once', async () => {
    const ids = Array.from({ length: 205 }, (_, offset) => `a.dlq:0:${offset}`);
    const idsOf = ({ body }: Asked) => (body as { readonly ids: readonly string[] }).ids;
    answer = (asked) => {
      if (asked.method !== 'POST') return { body: letter };
      const items = idsOf(asked).map((id) => ({ id, outcome: 'redriven' }));
      return { body: { ...outcome(''), redriven: items.length, items } };
    };
    const { exitCode, out, drawn } = await run('redrive', ...ids, ...ids, '--reason', 'INC-7', '--yes');
    expect(exitCode).toBe(0);
    expect(out).toContain('205 redriven, 0 discarded, 0 refused');
    expect(acts().map((asked) => idsOf(asked).length)).toEqual([100, 100, 5]);
    expect(acts().flatMap(idsOf)).toEqual(ids);
    const keys = acts().map(({ headers }) => headers['idempotency-key']);
    expect(new Set(keys).size).toBe(3);
    expect(drawn.some((line) => line.includes('redriving') && line.includes('100 %'))).toBe(true);
  });

  it('names the letters that it has decided by id when a later request fails', async () => {
    const ids = Array.from({ length: 150 }, (_, offset) => `a.dlq:0:${offset}`);
    const left: StubAnswer[] = [{ body: outcome('a.dlq:0:1') }, { status: 500, body: {} }];
    answer = ({ method }) => (method === 'POST' ? left.shift() : { body: letter });
    const { exitCode, out, err } = await run('discard', ...ids, '--reason', 'x', '--yes');
    expect({ exitCode, err }).toEqual({
      exitCode: 1,
      err: expect.stringContaining('order: it answered 500'),
    });
    expect(out).toMatch(/^a\.dlq:0:1 +redriven$/m);
  });

  it('repeats a filter until no letter is left', async () => {
    const left = [outcome('a.dlq:0:1', 'c1'), outcome('a.dlq:0:2', 'c2'), outcome('a.dlq:0:3')];
    answer = ({ path }) => ({
      body: path.endsWith('/reasons')
        ? {
            items: [
              { ...letter, letters: 3 },
              { ...letter, topic: 'b', letters: 3 },
            ],
          }
        : left.shift(),
    });
    const { out, drawn } = await run('redrive', '--topic', 'a', '--reason', 'INC-7', '--yes');
    expect(out).toContain('3 redriven, 0 discarded, 0 refused');
    expect(acts().map(({ body }) => body)).toEqual(
      [{}, { after: 'c1' }, { after: 'c2' }].map((place) => ({
        filter: { topic: 'a' },
        reason: 'INC-7',
        dryRun: false,
        limit: 100,
        ...place,
      })),
    );
    expect(drawn.some((line) => line.includes('100 %'))).toBe(true);
  });

  it('says in JSON that there are no more once the last page is done', async () => {
    const left = [outcome('a.dlq:0:1', 'c1'), outcome('a.dlq:0:2')];
    answer = ({ path }) => ({ body: path.endsWith('/reasons') ? { items: [] } : left.shift() });
    const { out } = await run('redrive', '--all', '--reason', 'x', '--yes', '--json');
    expect(JSON.parse(out)).toMatchObject({ redriven: 2, more: false });
  });

  it('names the letters that it has decided when a later request fails', async () => {
    const left: StubAnswer[] = [{ body: outcome('a.dlq:0:1', 'c1') }, { status: 500, body: {} }];
    answer = ({ path }) => (path.endsWith('/reasons') ? { body: { items: [] } } : left.shift());
    const { exitCode, out, err } = await run('redrive', '--all', '--reason', 'x', '--yes');
    expect({ exitCode, err }).toEqual({
      exitCode: 1,
      err: expect.stringContaining('order: it answered 500'),
    });
    expect(out).toMatch(/^a\.dlq:0:1 +redriven$/m);
  });

  it('ends with exit code 1 if Ctrl-C stops it before every letter is decided', async () => {
    const stopped = new AbortController();
    answer = ({ path }) => {
      if (path.endsWith('/reasons')) return { body: { items: [] } };
      stopped.abort();
      return { body: outcome('a.dlq:0:1', 'c1') };
    };
    const args = ['dlq', 'redrive', '--all', '--reason', 'x', '--yes', '--ops', `order=${order.url}`];
    const { exitCode, out, err } = await millrace(args, { environment: {}, signal: stopped.signal });
    expect(exitCode).toBe(1);
    expect(out).toContain('1 redriven');
    expect(err).toContain('stopped: further letters are open');
  });

  it('says that Ctrl-C stopped it before it decided a letter', async () => {
    const stopped = new AbortController();
    answer = () => {
      stopped.abort();
      return { body: { items: [] } };
    };
    const args = ['dlq', 'discard', '--all', '--reason', 'x', '--yes', '--ops', `order=${order.url}`];
    const { exitCode, err } = await millrace(args, { environment: {}, signal: stopped.signal });
    expect({ exitCode, err }).toEqual({ exitCode: 1, err: 'millrace: stopped before a letter was decided' });
    expect(acts()).toEqual([]);
  });

  it('goes on behind letters that are refused, and ends with exit code 1', async () => {
    const refused = {
      ...outcome('a.dlq:0:1', 'c1'),
      redriven: 0,
      refused: 1,
      items: [{ id: 'a.dlq:0:1', outcome: 'redriven_too_often' }],
    };
    const left = [refused, outcome('a.dlq:0:2')];
    answer = ({ path }) => ({ body: path.endsWith('/reasons') ? { items: [] } : left.shift() });
    expect(await run('redrive', '--all', '--reason', 'x', '--yes')).toMatchObject({
      exitCode: 1,
      out: expect.stringMatching(/redriven_too_often[^]*1 redriven, 0 discarded, 1 refused/),
    });
    expect(acts()).toHaveLength(2);
  });

  it('sends no more letters a second than it may', async () => {
    const waits: number[] = [];
    const clock = {
      now: () => 0,
      monotonic: () => 0,
      after: (span: number, work: () => void) => {
        waits.push(span);
        setImmediate(work);
        return () => undefined;
      },
    };
    const two = { ...outcome('a.dlq:0:1', 'c1'), items: [{ id: 'x' }, { id: 'y' }] };
    const left = [two, two, outcome('a.dlq:0:3')];
    answer = ({ path }) => ({ body: path.endsWith('/reasons') ? { items: [] } : left.shift() });
    const args = ['dlq', 'redrive', '--all', '--rate', '2.5', '--reason', 'x', '--yes'];
    await millrace([...args, '--ops', `order=${order.url}`], { environment: {}, clock });
    expect(acts().map(({ body }) => (body as { limit: number }).limit)).toEqual([2, 2, 2]);
    expect(waits).toEqual([0, 800, 800]);
  });

  it('only looks in a dry run, which needs no confirmation', async () => {
    const left = [outcome('a.dlq:0:1', 'c1'), outcome('a.dlq:0:2')];
    answer = ({ path }) => ({
      body: path.endsWith('/reasons') ? { items: [] } : { ...left.shift(), dryRun: true },
    });
    const { exitCode, err } = await run('discard', '--all', '--reason', 'x', '--dry-run');
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: expect.stringContaining('nothing has changed') });
    expect(acts().map(({ body }) => body)).toMatchObject([
      { filter: {}, dryRun: true },
      { filter: {}, dryRun: true, after: 'c1' },
    ]);
  });

  it.each([
    [['redrive', '--reason', 'x', '--yes'], 'give ids, or a filter'],
    [['redrive', 'a.dlq:0:1', '--all', '--reason', 'x', '--yes'], 'only one of them'],
    [['redrive', '--all', '--yes'], '--reason TEXT'],
    [['redrive', 'a.dlq:0:1', '--rate', '1', '--reason', 'x', '--yes'], '--rate goes with a filter'],
    [['redrive', '--all', '--rate', '0', '--reason', 'x', '--yes'], 'a number above 0'],
    [['redrive', '--all', '--reason', 'x'], 'this would send again every open dead letter: add --yes'],
    [
      ['discard', '--topic', 'a', '--reason', 'x'],
      'this would give up for good every open dead letter with topic a',
    ],
    [
      ['redrive', '--topic', 'a', '--value', '{}', '--reason', 'x', '--yes'],
      '--value replaces the value of one letter',
    ],
  ])('refuses %j, and changes nothing', async (args, problem) => {
    expect(await run(...args)).toMatchObject({ exitCode: 2, err: expect.stringContaining(problem) });
    expect(acts()).toEqual([]);
  });
});
