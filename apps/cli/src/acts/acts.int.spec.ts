import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { opsStub, type OpsStub } from '../ops-stub.fixture.ts';
import { millrace } from '../cli.fixture.ts';

const actAt = (second: number) => ({
  at: `2026-11-22T09:00:0${second}.000Z`,
  actor: 'ada',
  action: 'rebuild projection',
  subject: 'order_summary',
  reason: 'INC-7',
});

describe('millrace acts', () => {
  let order: OpsStub;
  let payment: OpsStub;
  let nobody: OpsStub;
  const ofActs = (items: readonly object[]) =>
    opsStub(({ path }) => (path === '/ops/acts' ? { body: { items, nextCursor: null } } : undefined));
  beforeEach(async () => {
    order = await ofActs([actAt(4), actAt(1)]);
    payment = await ofActs([actAt(3)]);
    nobody = await opsStub(() => undefined);
  });
  afterEach(() => [order, payment, nobody].forEach((stub) => stub.close()));

  const run = (...args: string[]) => {
    const services = Object.entries({ order, payment, nobody });
    const urls = services.flatMap(([name, { url }]) => ['--ops', `${name}=${url}`]);
    return millrace(['acts', ...args, ...urls], { environment: {} });
  };

  it('lists the acts on all services, the newest first', async () => {
    const { exitCode, out } = await run();
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^2026-11-22T09:00:04.000Z +order +ada +rebuild projection +order_summary +INC-7$/m);
    expect(JSON.parse((await run('--json')).out)).toEqual([
      { service: 'order', ...actAt(4) },
      { service: 'payment', ...actAt(3) },
      { service: 'order', ...actAt(1) },
    ]);
  });

  it('says that there may be more', async () => {
    const { out, err } = await run('--limit', '2', '--json');
    expect(JSON.parse(out)).toMatchObject([actAt(4), actAt(3)]);
    expect(err).toContain('these are the first 2');
  });
});
