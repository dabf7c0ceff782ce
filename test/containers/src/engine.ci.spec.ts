import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { provideEngine } from './engine.ts';

/** A folder that stands in for the machine's PATH, so that only its programs exist. */
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
  it('is reported missing together with the setting that is wrong', async () => {
    const script = join(folder, 'none.mjs');

    await expect(provided({ MILLRACE_ENGINE_SCRIPT: script })).rejects.toThrow(
      `MILLRACE_ENGINE_SCRIPT names ${script}, which does not exist`,
    );
  });

  it('is the running one, used with docker-compose if it has no plugin, and is left running', async () => {
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

  it('uses stand-ins for base images if it has only those', async () => {
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

  it('is rejected without compose, with what to install', async () => {
    program('docker-compose', 'exit 1');

    await expect(provided({})).rejects.toThrow(/has no compose: install .* apt-get install docker-compose/);
  });
});
