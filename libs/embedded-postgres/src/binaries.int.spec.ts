import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { copyPrograms, findBinaries } from './binaries.ts';

const run = promisify(execFile);

describe("copies of PostgreSQL's programs", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-programs-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('run without the package that they come from', async () => {
    const packaged = await findBinaries(undefined, folder);
    const installed = join(folder, 'installed');
    await cp(dirname(dirname(dirname(packaged.postgres))), installed, {
      recursive: true,
      verbatimSymlinks: true,
    });
    const bin = join(installed, 'native/bin');

    const copied = await copyPrograms(
      { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') },
      join(folder, 'copies'),
    );
    await rm(installed, { recursive: true });

    for (const program of [copied.initdb, copied.postgres])
      expect((await run(program, ['--version'])).stdout).toMatch(/PostgreSQL\) 18\./);
  });
});
