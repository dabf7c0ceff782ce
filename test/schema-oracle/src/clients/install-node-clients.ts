import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The clients of registries for Node that others have written. */
const packages = {
  '@kafkajs/confluent-schema-registry': '4.1.0',
  '@confluentinc/schemaregistry': '1.10.1',
} as const;

const installMsMax = 300_000;
const marker = 'complete';

/**
 * Installs the clients into a folder of `$MILLRACE_CACHE`, unless it exists, and resolves to it. They
 * bring 180 packages, which the workspace does without. No script of theirs runs.
 */
export async function installNodeClients(): Promise<string> {
  const cache = process.env['MILLRACE_CACHE'] || join(homedir(), '.cache/millrace');
  const folder = join(cache, `registry-clients-${Object.values(packages).join('-')}`);
  if (existsSync(join(folder, marker))) return folder;
  await mkdir(cache, { recursive: true });
  const staging = await mkdtemp(`${folder}.fetching-`);
  try {
    await writeFile(join(staging, 'package.json'), JSON.stringify({ private: true, dependencies: packages }));
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
    await run('npm', ['install', ...options], { cwd: staging, timeout: installMsMax });
    await writeFile(join(staging, marker), '');
    await rename(staging, folder).catch((error: unknown) => {
      if (!existsSync(join(folder, marker))) throw error; // another process was faster
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return folder;
}
