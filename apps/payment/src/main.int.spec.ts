import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestService } from '@millrace/testing/service';
import { openPayment } from './payment.fixture.ts';

let payment: TestService;

beforeAll(async () => {
  payment = await openPayment();
});
afterAll(() => payment.close());

describe('the payment service as a process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'reports that it is ready, serves, and drains on %s',
    async (signal) => {
      const child = payment.spawn();
      const { type, url } = await child.ready;
      expect(type).toEqual('ready');
      expect((await fetch(`${url}/readyz`)).status).toEqual(200);
      child.kill(signal);
      expect(await child.ended).toEqual({ code: 0, stderr: '' });
    },
  );

  it('drains when its parent is gone', async () => {
    const child = payment.spawn();
    await child.ready;
    child.disconnect();
    expect(await child.ended).toEqual({ code: 0, stderr: '' });
  });

  it('exits with one line when its port is taken', async () => {
    const { code, stderr } = await payment.spawn({ PAYMENT_PORT: new URL(payment.service().url).port }).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^payment: port \d+ is taken: .*PAYMENT_PORT[^\n]*\n$/);
  });

  it('exits with one line when its database does not answer', async () => {
    const { code, stderr } = await payment.spawn({
      PAYMENT_DATABASE_URL: 'postgres://u:topsecret@127.0.0.1:9/x',
      STARTUP_WAIT_MS: '0',
    }).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^payment: cannot start: cannot reach the database 127\.0\.0\.1:9\/x[^\n]*\n$/);
    expect(stderr).not.toContain('topsecret');
  });

  it('exits with a line for each wrong setting', async () => {
    const { code, stderr } = await payment.spawn({
      PAYMENT_PORT: 'x',
      PAYMENT_DATABASE_URL: '',
      KAFKA_BOOTSTRAP_SERVERS: '',
      LOG_LEVEL: 'loud',
    }).ended;
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^payment: PAYMENT_PORT: must be a whole number/),
      expect.stringMatching(/^payment: LOG_LEVEL: must be/),
      expect.stringMatching(/^payment: PAYMENT_DATABASE_URL: is missing/),
      expect.stringMatching(/^payment: KAFKA_BOOTSTRAP_SERVERS: is missing/),
    ]);
  });
});
