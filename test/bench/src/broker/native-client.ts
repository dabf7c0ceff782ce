import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../cache-folder.ts';

/** An npm package that contains librdkafka's source and its examples. */
const source = Object.freeze({
  npmPackage: 'node-rdkafka@3.6.1',
  integrity:
    'sha512-sfpTbrT35429cs0RE8Yb9avGX9BiRRvpV7aweQsghKTjtrVZP3jBrKOPItWXAqHb8doyh3SkuGuUVBLgig1SRg==',
  folder: 'package/deps/librdkafka',
});
const librdkafkaVersion = '2.12.0';
const program = 'rdkafka_performance';
const limitMs = 600_000;
const withoutWhatIsNotMeasured = ['ssl', 'gssapi', 'curl', 'zlib', 'zstd', 'lz4-ext'].map(
  (part) => `--disable-${part}`,
);

const run = promisify(execFile);

/**
 * Resolves with the path of librdkafka's own load generator, the client with which every engine is
 * measured. If it does not exist yet, its source is fetched from npm, compared with the checksum
 * above, and built with gcc and make (without TLS and compression). The program appears complete or
 * not at all.
 */
export async function provideNativeClient(say: (line: string) => void): Promise<string> {
  const path = join(cacheFolder(), `librdkafka-${librdkafkaVersion}`, program);
  if (existsSync(path)) return path;
  await mkdir(dirname(path), { recursive: true });
  const staging = await mkdtemp(`${dirname(path)}/building-`);
  try {
    say(`fetching the source of librdkafka ${librdkafkaVersion} (${source.npmPackage}, 5 MB)`);
    const sourceFolder = await fetchSource(staging);
    say(`building ${program} with gcc and make, about a minute`);
    await build(sourceFolder);
    await rename(join(sourceFolder, 'examples', program), path);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return path;
}

async function fetchSource(folder: string): Promise<string> {
  const { stdout } = await tried(
    'npm',
    ['pack', source.npmPackage, '--silent'],
    folder,
    'is registry.npmjs.org up?',
  );
  const archive = join(folder, stdout.trim().split('\n').at(-1) ?? '');
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (found !== source.integrity)
    throw new Error(
      `${source.npmPackage} has the checksum ${found} instead of ${source.integrity}, so it is not used`,
    );
  await tried('tar', ['xzf', archive], folder, 'is there room on the disk?');
  return join(folder, source.folder);
}

async function build(folder: string): Promise<void> {
  const remedy = 'on Debian: apt-get install gcc g++ make';
  await tried('./configure', withoutWhatIsNotMeasured, folder, remedy);
  await tried('make', ['-C', 'src', `-j${cpus().length}`, 'librdkafka.a'], folder, remedy);
  await tried('make', ['-C', 'examples', program], folder, remedy);
}

async function tried(
  command: string,
  args: readonly string[],
  cwd: string,
  remedy: string,
): Promise<{ readonly stdout: string }> {
  try {
    return await run(command, [...args], { cwd, timeout: limitMs, maxBuffer: 64 * 1024 * 1024 });
  } catch (cause) {
    const { stderr = '' } = cause as { stderr?: string };
    throw new Error(
      `${program} could not be built: ${command} failed (${remedy}): ${stderr.trim().split('\n').slice(-5).join('\n')}`,
      {
        cause,
      },
    );
  }
}
