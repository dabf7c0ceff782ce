import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { millrace } from '../cli.fixture.ts';
import { opsStub, type OpsStub } from '../ops-stub.fixture.ts';

const timed = {
  process: 'choreography',
  id: '43',
  status: 'running',
  reason: null,
  waitsFor: [{ step: 'pay', message: 'PaymentProcessed', since: '2026-11-26T10:00:02.000Z' }],
  startedAt: '2026-11-26T10:00:00.000Z',
  updatedAt: '2026-11-26T10:00:02.000Z',
};

describe('millrace sagas', () => {
  let order: OpsStub;
  let other: OpsStub;
  beforeEach(async () => {
    order = await opsStub(({ path, query }) =>
      path === '/ops/timed-processes' ? { body: { items: query['id'] === '42' ? [] : [timed] } } : undefined,
    );
    other = await opsStub(() => undefined);
  });
  afterEach(() => [order, other].forEach((stub) => stub.close()));
  const run = (...args: string[]) =>
    millrace(['sagas', ...args, '--ops', `payment=${other.url}`, '--ops', `order=${order.url}`]);

  it('shows a timed process in place of a saga, and refuses to act on it', async () => {
    const shown = await run('show', '43');
    expect(shown.exitCode).toBe(0);
    expect(shown.out).toContain('43, choreography: running');
    expect(shown.out).toContain('waits for PaymentProcessed since 2026-11-26T10:00:02.000Z');
    expect((await run('show', 'choreography/43')).out).toBe(shown.out);
    expect(order.asked.at(-1)?.query).toEqual({ process: 'choreography', id: '43' });
    expect((await run('timed')).out).toContain('waits for PaymentProcessed since');

    expect(await run('pause', '43', '--reason', 'INC-7')).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('43: no saga directs choreography, so it cannot be retried, skipped'),
    });
    expect(order.asked.every(({ method }) => method === 'GET')).toBe(true);
    expect((await run('show', '42')).err).toContain('no saga 42 at');
  });
});
