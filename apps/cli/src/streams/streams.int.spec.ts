import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { opsStub, type Asked, type OpsStub } from '../ops-stub.fixture.ts';
import { millrace } from '../cli.fixture.ts';

const event = { version: 1, type: 'OrderCreated', recordedAt: '2026-11-22T09:00:00Z', data: { total: 1 } };
const state = { stream: 'order-42', version: 7, state: { status: 'pending' } };
const changes = [
  { path: '/status', before: 'pending', after: 'completed' },
  { path: '/reason', after: null },
];
const updatedAt = '2026-11-22T09:00:00Z';
const listed = [
  { stream: 'order-42', version: 7, updatedAt },
  { stream: 'order-43', version: 1, updatedAt },
];
const answers: Readonly<Record<string, unknown>> = {
  '/ops/streams': { items: listed, nextCursor: null },
  '/ops/streams/order-42': { items: [event], nextCursor: null },
  '/ops/streams/order-42/state': state,
  '/ops/streams/order-42/difference': { stream: 'order-42', from: 1, to: 9, changes },
};

let payment: OpsStub;
let order: OpsStub;
beforeEach(async () => {
  payment = await opsStub(() => undefined);
  order = await opsStub(({ path }: Asked) =>
    answers[path] === undefined ? undefined : { body: answers[path] },
  );
});
afterEach(() => [payment, order].forEach((stub) => stub.close()));

const run = (...args: string[]) =>
  millrace(['streams', ...args, '--ops', `payment=${payment.url}`, '--ops', `order=${order.url}`], {
    environment: {},
  });

describe('millrace streams', () => {
  it('shows the events as of a moment, from the service that has them', async () => {
    const { out } = await run('show', 'order-42', '--at', '2026-11-22T09:00:00Z');
    expect(out).toMatch(/^ +1 +OrderCreated +2026-11-22T09:00:00Z +\{"data":\{"total":1\}\}$/m);
    expect(order.asked.at(-1)?.query).toEqual({ at: '2026-11-22T09:00:00Z', limit: '100' });
  });

  it('lists the streams of all services that begin with a prefix', async () => {
    const { out } = await run('list', 'order-');
    expect(out).toMatch(/^order +order-42 +7 +2026-11-22T09:00:00Z$/m);
    expect(order.asked.at(-1)?.query).toEqual({ prefix: 'order-', limit: '100' });
    expect(JSON.parse((await run('list', 'order-', '--json')).out)).toEqual(
      listed.map((one) => ({ service: 'order', ...one })),
    );
    expect((await run('list', 'order-', '--limit', '1')).err).toContain('these are the first 1');
  });

  it('shows the state at a version', async () => {
    expect((await run('state', 'order-42', '--version', '7')).out).toMatch(
      /^order-42 at version 7\n{\n {2}"status"/,
    );
    expect(order.asked.at(-1)?.query).toEqual({ version: '7' });
    expect(JSON.parse((await run('state', 'order-42', '--json')).out)).toEqual(state);
  });

  it('shows what has changed between two versions', async () => {
    const { out } = await run('diff', 'order-42', '--from', '1', '--to', '9');
    expect(order.asked.at(-1)?.query).toEqual({ from: '1', to: '9' });
    expect(out).toMatch(/^\/status +"pending" +"completed"$/m);
    expect(out).toMatch(/^\/reason +- +null$/m);
    expect(JSON.parse((await run('diff', 'order-42', '--from', '1', '--json')).out)).toMatchObject({
      changes,
    });
  });

  it('says that a service which does not answer may have the stream', async () => {
    order.close();

    const { exitCode, err } = await run('show', 'order-43');

    expect(exitCode).toBe(1);
    expect(err).toMatch(
      /stream order-43 may be at order, which did not answer: try again; .+; payment does not have it/,
    );
  });

  it.each([
    [['show', 'order-42', '--at', 'now', '--version', '1'], 2, 'not both'],
    [['show', 'order-43'], 1, 'no stream order-43 at payment, order'],
    [['state', 'order-43'], 1, 'no state of stream order-43 at payment, order'],
    [['diff', 'order-42'], 2, '--from VERSION'],
  ])('answers %j with exit code %i', async (args, exitCode, problem) => {
    expect(await run(...args)).toMatchObject({ exitCode, err: expect.stringContaining(problem) });
  });
});
