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

  it('says of a saga which holds keep it, since when and why, and how to release them', async () => {
    const until = '2026-11-25T11:00:00.000Z';
    const timer = { attempt: 1, dueAt: until, withheld: false };
    const saga = {
      sagaId: '42',
      definition: 'fulfillment',
      holds: [held, { ...held, kind: 'definition', name: 'fulfillment', actor: 'grace' }],
      waitsFor: [{ step: 'pay', role: 'step', commandId: 'c1', replies: ['Paid'], until: null, why: 'Held' }],
      timers: [
        { ...timer, step: 'pay', kind: 'step' },
        { ...timer, step: '(deadline)', kind: 'deadline' },
      ],
      steps: [],
      compensations: [],
      events: [],
    };
    order.close();
    order = await opsStub(({ path }) => (path === '/ops/sagas/42' ? { body: saga } : undefined));

    const { out } = await run('show', '42');

    const release = 'npm run millrace -- sagas release';
    expect(out).toContain(
      [
        `held by ada since ${held.heldAt}, with the commands on payment-commands: INC-9`,
        `  none of them is sent or given up until: ${release} --commands payment-commands --reason TEXT`,
        `held by grace since ${held.heldAt}, with every saga of fulfillment: INC-9`,
        `  nothing is sent or given up until: ${release} --definition fulfillment --reason TEXT`,
        'waits for Paid (step pay)',
        '  Held',
      ].join('\n'),
    );
    expect(out).not.toContain('due');
  });
});
