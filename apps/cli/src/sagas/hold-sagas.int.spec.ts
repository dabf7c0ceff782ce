import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { opsStub, type OpsStub } from '../ops-stub.fixture.ts';
import { millrace } from '../cli.fixture.ts';

const held = {
  kind: 'commands',
  name: 'payment-commands',
  actor: 'ada',
  reason: 'INC-9',
  heldAt: '2026-11-25T10:00:00.000Z',
};

describe('millrace sagas hold', () => {
  let order: OpsStub;
  let other: OpsStub;
  beforeEach(async () => {
    order = await opsStub(() => ({ body: { items: [held] } }));
    other = await opsStub(() => undefined);
  });
  afterEach(() => [order, other].forEach((stub) => stub.close()));
  const run = (...args: string[]) =>
    millrace(['sagas', ...args, '--ops', `payment=${other.url}`, '--ops', `order=${order.url}`]);

  it('Z40 holds back at the service whose sagas send the commands, and releases there', async () => {
    const { exitCode, out } = await run('hold', '--commands', 'payment-commands', '--reason', 'INC-9');
    expect(exitCode).toBe(0);
    expect(out).toContain('order: commands on payment-commands held back');
    await run('release', '--definition', 'fulfillment', '--reason', 'over');

    expect(order.asked.map(({ path, body }) => [path, body])).toEqual([
      ['/ops/saga-holds', { kind: 'commands', name: 'payment-commands', reason: 'INC-9' }],
      ['/ops/saga-holds/release', { kind: 'definition', name: 'fulfillment', reason: 'over' }],
    ]);
  });

  it('lists what is held back, and refuses a command that names nothing or two things', async () => {
    expect((await run('holds')).out).toContain('payment-commands');
    expect(await run('hold', '--reason', 'INC-9')).toMatchObject({ exitCode: 2 });
    const both = ['--definition', 'fulfillment', '--commands', 'payment-commands'];
    expect(await run('hold', ...both, '--reason', 'INC-9')).toMatchObject({ exitCode: 2 });
    expect(order.asked.filter(({ method }) => method === 'POST')).toEqual([]);
  });
});
