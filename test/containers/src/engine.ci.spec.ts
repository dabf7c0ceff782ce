import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { provideEngine } from './engine.ts';

/** A machine that has the programs of this folder and no others. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-no-engine-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const program = (name: string, text: string) =>
  writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
const provided = (environment: Readonly<Record<string, string>>) =>
  provideEngine({ PATH: folder, ...environment }, () => undefined);

describe('a container engine for the tests', () => {
  it('is said to be missing with the setting that is wrong', async () => {
    const script = join(folder, 'none.mjs');

    await expect(provided({ MILLRACE_ENGINE_SCRIPT: script })).rejects.toThrow(
      `MILLRACE_ENGINE_SCRIPT names ${script}, which is not there`,
    );
  });

  it('is the one that is there, with docker-compose where it has no plugin, and is left running', async () => {
    program('docker', 'case "$1" in info|image) exit 0;; *) exit 1;; esac');
    program('docker-compose', 'exit 0');

    const engine = await provided({ NODE_IMAGE: 'mirror/node:24.21.0' });

    expect(engine.compose).toEqual(['docker-compose']);
    expect(engine.environment).toMatchObject({
      NODE_IMAGE: 'mirror/node:24.21.0',
      POSTGRES_IMAGE: 'docker.io/library/postgres:18.4',
    });
    await engine.stop();
  });

  it('takes stand-ins for base images where it has only those', async () => {
    program(
      'docker',
      'case "$1 $2 $3" in info*) exit 0;; *slim|*:18) [ "$3" != "${3%24-bookworm-slim}" ] || [ "$3" != "${3%:18}" ];; *) exit 1;; esac',
    );

    expect((await provided({})).environment).toMatchObject({
      NODE_IMAGE: 'docker.io/library/node:24-bookworm-slim',
      POSTGRES_IMAGE: 'docker.io/library/postgres:18',
      KAFKA_IMAGE: 'docker.io/apache/kafka:4.3.1',
    });
  });

  it('without compose says what to install', async () => {
    program('docker-compose', 'exit 1');

    await expect(provided({})).rejects.toThrow(/has no compose: install .* apt-get install docker-compose/);
  });
});
