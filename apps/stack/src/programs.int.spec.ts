import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { freePorts } from '@millrace/testing/kafka';
import { runImageProgram } from './image-program.fixture.ts';

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
  ])(
    'says in one line what is wrong with its settings, and exits with 1: %s %j',
    async (program, environment, line) => {
      const { code, output } = await runImageProgram(program, environment).ended;

      expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(line) });
      expect(output).not.toContain('secret');
    },
  );

  it('waits for PostgreSQL, says so, and names the setting when it gives up: migrate', async () => {
    const [port] = await freePorts(1);
    const environment = {
      POSTGRES_URL: `postgres://m:secret@127.0.0.1:${port}`,
      KEYS_DATABASE_URL: `postgres://m:secret@127.0.0.1:${port}/keys`,
      KAFKA_BOOTSTRAP_SERVERS: `127.0.0.1:${port}`,
    };

    const { code, output } = await runImageProgram('migrate', { ...environment, MIGRATE_WAIT_MS: '600' })
      .ended;

    expect(code).toBe(1);
    expect(output).toMatch(/waiting for PostgreSQL/);
    expect(output).toMatch(
      /\nmigrate: PostgreSQL did not answer in time \([^\n]*\): start it, or correct POSTGRES_URL\n$/,
    );
  });

  it('exits with 0 on SIGTERM: mail', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-mail-program-'));
    const mail = runImageProgram('mail', { SMTP_PORT: '0', MAIL_FOLDER: join(folder, 'mail') });
    await once(mail.child.stderr, 'data'); // it listens
    mail.child.kill('SIGTERM');

    expect((await mail.ended).code).toBe(0);
    await rm(folder, { recursive: true, force: true });
  });
});
