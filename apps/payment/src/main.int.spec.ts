import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { openPayment, type PaymentFixture } from './payment-fixture.features.ts';

const root = join(import.meta.dirname, '../../..');
let payment: PaymentFixture;
const children: ChildProcess[] = [];

beforeAll(async () => {
  payment = await openPayment();
});
afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));
afterAll(() => payment.close());

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

function run(env: NodeJS.ProcessEnv): { child: ChildProcess; ready: Promise<{ type: string; url: string }>; ended: Promise<Ended> } {
  const flags = ['--conditions=@millrace/source', '--import', join(root, 'tools/register.mjs'), join(import.meta.dirname, 'main.ts')];
  const child = spawn(process.execPath, flags, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  children.push(child);
  if (child.stdout === null || child.stderr === null) throw new TypeError('both outputs are piped');
  let stderr = '';
  child.stdout.resume();
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  return {
    child,
    ready: once(child, 'message').then(([message]) => message as { type: string; url: string }),
    // Not `close`: node does not emit it for a child that its parent has disconnected.
    ended: Promise.all([once(child, 'exit'), once(child.stderr, 'end')]).then(([[code]]) => ({ code: code as number | null, stderr })),
  };
}

const settings = () => ({
  PAYMENT_PORT: '0',
  PAYMENT_DATABASE_URL: payment.database.url,
  KAFKA_BOOTSTRAP_SERVERS: payment.bootstrapServers,
});

describe('the payment service as a process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('says that it is ready, serves, and drains on %s', async (signal) => {
    const { child, ready, ended } = run(settings());
    const { type, url } = await ready;
    expect([type, (await fetch(`${url}/readyz`)).status]).toEqual(['ready', 200]);
    child.kill(signal);
    expect(await ended).toEqual({ code: 0, stderr: '' });
  });

  it('drains when its parent is gone', async () => {
    const { child, ready, ended } = run(settings());
    await ready;
    child.disconnect();
    expect(await ended).toEqual({ code: 0, stderr: '' });
  });

  it('ends with one line when its port is taken', async () => {
    const { ended } = run({ ...settings(), PAYMENT_PORT: new URL(payment.service().url).port });
    const { code, stderr } = await ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^payment: port \d+ is taken: .*PAYMENT_PORT[^\n]*\n$/);
  });

  it('ends with one line when its database does not answer', async () => {
    const { ended } = run({ ...settings(), PAYMENT_DATABASE_URL: 'postgres://u:topsecret@127.0.0.1:9/x', STARTUP_WAIT_MS: '0' });
    const { code, stderr } = await ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^payment: cannot start: cannot reach the database 127\.0\.0\.1:9\/x[^\n]*\n$/);
    expect(stderr).not.toContain('topsecret');
  });

  it('ends with a line for each wrong setting', async () => {
    const { code, stderr } = await run({ PAYMENT_PORT: 'x', LOG_LEVEL: 'loud' }).ended;
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^payment: PAYMENT_PORT: must be a whole number/),
      expect.stringMatching(/^payment: PAYMENT_DATABASE_URL: is missing/),
      expect.stringMatching(/^payment: KAFKA_BOOTSTRAP_SERVERS: is missing/),
      expect.stringMatching(/^payment: LOG_LEVEL: must be/),
    ]);
  });
});
