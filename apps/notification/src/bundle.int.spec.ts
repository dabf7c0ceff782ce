import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { programCommand, programEnvironment } from '@millrace/testing/program-command';
import { inTime } from '@millrace/testing/within';
import { openNotification, type NotificationFixture } from './notification.fixture.ts';

let fixture: NotificationFixture;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-bundle-'));
  fixture = await openNotification();
});
afterAll(async () => {
  await fixture.close();
  await rm(folder, { recursive: true });
});

const recorder = join(import.meta.dirname, 'loaded-modules.program.ts');

/** Makes a process of the service fail a request. Returns what it wrote until it had drained. */
async function failingRequest(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, programCommand('apps/notification/src/main.ts'), {
    env: { ...programEnvironment(), ...fixture.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const written = Promise.all([text(child.stdout!), text(child.stderr!)]);
  const early = written.then(([, errors]) => Promise.reject(new Error(`the service has ended: ${errors}`)));
  early.catch(() => undefined);
  const [{ url }] = (await inTime(
    Promise.race([once(child, 'message'), early]),
    () => 'the service to be ready',
  )) as [{ readonly url: string }];
  await fixture.database.sql.query('ALTER TABLE notification RENAME TO elsewhere');
  const { status } = await fetch(`${url}/notifications?orderId=${randomUUID()}`);
  await fixture.database.sql.query('ALTER TABLE elsewhere RENAME TO notification');
  child.kill('SIGTERM');
  const [logs, errors] = await written;
  const failure = logs
    .split('\n')
    .filter((line) => line.includes('a request failed'))
    .map((line) => JSON.parse(line) as { readonly err: { readonly stack: string } });
  return { status, stack: failure[0]?.err.stack ?? '', errors };
}

/** Lists the npm packages in whose folders these files are. */
const packagesIn = (files: string): readonly string[] => [
  ...new Set([...files.matchAll(/\/node_modules\/((?:@[^/"]+\/)?[^/"]+)\//g)].map(([, name = '']) => name)),
];

const inSource = /at .*\(\/.*\/apps\/notification\/src\/http\.ts:\d+:\d+\)/;

describe('a service', () => {
  it('answers from its bundle, and logs stacks that name its sources', async () => {
    const { status, stack, errors } = await failingRequest({ MILLRACE_BUNDLE: 'on' });

    expect({ status, errors }).toEqual({ status: 500, errors: '' });
    expect(stack).toMatch(inSource);
    expect(stack).not.toContain('main.mjs');
  });

  it('has each package once: in its bundle, or from node_modules', async () => {
    const file = join(folder, 'loaded');
    await failingRequest({ NODE_OPTIONS: `--import=${recorder}`, MILLRACE_LOADED_MODULES: file });
    const loaded = (await readFile(file, 'utf8')).split('\n');
    const bundle = loaded.find((url) => url.endsWith('/main.mjs')) ?? '';
    const bundled = packagesIn(await readFile(new URL('sources.json', bundle), 'utf8'));

    const fromModules = packagesIn(loaded.join('\n'));
    expect(fromModules).toContain('pg');
    expect(fromModules.filter((name) => bundled.includes(name))).toEqual([]);
  });

  it('runs from source if MILLRACE_BUNDLE is off', async () => {
    const { status, stack, errors } = await failingRequest({ MILLRACE_BUNDLE: 'off' });

    expect({ status, errors }).toEqual({ status: 500, errors: '' });
    expect(stack).toContain('apps/notification/src/http.ts');
  });

  it('R35 runs from source, with one warning, if the cache cannot be written', async () => {
    const { status, errors } = await failingRequest({ MILLRACE_CACHE: '/dev/null' });

    expect(status).toBe(500);
    expect(errors).toMatch(
      /^could not bundle the programs in \/dev\/null\/bundles, so they start from source[^\n]*ENOTDIR[^\n]*\n$/,
    );
  });
});
