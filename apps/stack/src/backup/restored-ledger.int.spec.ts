import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { programCommand, programEnvironment } from '@millrace/testing/program-command';

const line = (subject: string) => `{"version":1,"at":"2026-11-20T10:00:00.000Z","subject":"${subject}"}\n`;

describe('restore --erasures', () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'millrace-ledger-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const restore = (environment: Readonly<Record<string, string>>, ...args: readonly string[]) =>
    promisify(execFile)(
      process.execPath,
      [...programCommand('apps/stack/src/backup/main.ts'), 'restore', ...args],
      { env: { ...programEnvironment(), MILLRACE_DATA: folder, ...environment } },
    );

  it('R26 adds the erasures of a lost data folder to the ledger, and says how to repeat them', async () => {
    await writeFile(join(folder, 'erasures.jsonl'), line('ada'));
    await writeFile(join(folder, 'lost'), line('zora') + line('ada'));

    const { stdout } = await restore({}, '--erasures', join(folder, 'lost'));

    expect(stdout).toBe(
      `${folder}/erasures.jsonl has 2 erasures: once the stack has started, repeat them with ` +
        '`npm run millrace -- erase --replay --reason TEXT`\n',
    );
    expect(await readFile(join(folder, 'erasures.jsonl'), 'utf8')).toBe(line('ada') + line('zora'));
  });

  it('R26 adds them to the ledger that ERASURE_LEDGER names', async () => {
    await writeFile(join(folder, 'lost'), line('zora'));

    await restore({ ERASURE_LEDGER: join(folder, 'kept') }, '--erasures', join(folder, 'lost'));

    expect(await readFile(join(folder, 'kept'), 'utf8')).toBe(line('zora'));
  });

  it('names a ledger that is missing or damaged', async () => {
    const missing = join(folder, 'missing');
    const damaged = join(folder, 'damaged');
    await writeFile(damaged, '{"version":1}\n');

    await expect(restore({}, '--erasures', missing)).rejects.toMatchObject({
      stderr: `millrace: there is no ledger ${missing}: correct --erasures, or leave it out\n`,
    });
    await expect(restore({}, '--erasures', damaged)).rejects.toMatchObject({
      stderr: expect.stringContaining(`line 1 of ${damaged} is no erasure`),
    });
  });
});
