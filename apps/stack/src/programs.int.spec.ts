import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { programCommand, programEnvironment } from '@millrace/testing/program-command';
import { inTime } from '@millrace/testing/within';

/** Runs a program of the images with only a few settings from this process's environment. */
function run(program: string, environment: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, programCommand(`apps/stack/src/${program}/main.ts`), {
    env: { ...programEnvironment(), ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = Promise.all([once(child, 'exit'), text(child.stderr)]).then(([[code], output]) => ({
    code: code as number,
    output,
  }));
  return { child, ended: inTime(exited, () => `${program} to end`) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('a program that an image starts', () => {
  it.each([
    ['migrate', {}, /^migrate: wrong settings: POSTGRES_URL is missing; KEYS_DATABASE_URL is missing\n$/],
    [
      'migrate',
      { POSTGRES_URL: 'postgres://m:secret@h:1/db', KEYS_DATABASE_URL: 'postgres://m:secret@h:1' },
      /^migrate: wrong settings: POSTGRES_URL must be [^\n]* without a database; KEYS_DATABASE_URL must be [^\n]*\n$/,
    ],
    [
      'migrate',
      { POSTGRES_URL: 'postgres://m:secret@h:1', KEYS_DATABASE_URL: 'postgres://m:secret@h:1/keys' },
      /^migrate: wrong settings: KAFKA_BOOTSTRAP_SERVERS is missing\n$/,
    ],
    ['mail', { SMTP_PORT: 'x' }, /^mail: wrong settings: SMTP_PORT must be a port\n$/],
    ['gateway', { GATEWAY_ROUTES: '1=a' }, /^gateway: wrong settings: [^\n]*must be PORT=HOST:PORT[^\n]*\n$/],
    [
      'samples',
      { ORDER_URL: 'order' },
      /^samples: wrong settings: ORDER_URL must be a URL that begins with http:\/\/\n$/,
    ],
  ])(
    'says in one line what is wrong with its settings, and exits with 1: %s %j',
    async (program, environment, line) => {
      const { code, output } = await run(program, environment).ended;

      expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(line) });
      expect(output).not.toContain('secret');
    },
  );

  it('waits for PostgreSQL, says so, and names the setting when it gives up: migrate', async () => {
    const port = await freePort();
    const environment = {
      POSTGRES_URL: `postgres://m:secret@127.0.0.1:${port}`,
      KEYS_DATABASE_URL: `postgres://m:secret@127.0.0.1:${port}/keys`,
      KAFKA_BOOTSTRAP_SERVERS: `127.0.0.1:${port}`,
    };

    const { code, output } = await run('migrate', { ...environment, MIGRATE_WAIT_MS: '600' }).ended;

    expect(code).toBe(1);
    expect(output).toMatch(/waiting for PostgreSQL/);
    expect(output).toMatch(
      /\nmigrate: PostgreSQL did not answer in time \([^\n]*\): start it, or correct POSTGRES_URL\n$/,
    );
  });

  it('waits for the services, and names those that are not ready: samples', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const urls = {
      ORDER_URL: url,
      INVENTORY_URL: url,
      PAYMENT_URL: url,
      SHIPPING_URL: url,
      NOTIFICATION_URL: url,
    };

    const { code, output } = await run('samples', {
      ...urls,
      KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1',
      SAMPLES_WAIT_MS: '300',
    }).ended;

    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringMatching(/^samples: not ready after 0.3 s: order \(http:[^\n]+\n$/),
    });
  });

  it('exits with 0 on SIGTERM: mail', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-mail-program-'));
    const mail = run('mail', { SMTP_PORT: '0', MAIL_FOLDER: join(folder, 'mail') });
    await once(mail.child.stderr, 'data'); // it listens
    mail.child.kill('SIGTERM');

    expect((await mail.ended).code).toBe(0);
    await rm(folder, { recursive: true, force: true });
  });
});
