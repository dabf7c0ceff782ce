import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createHash } from 'node:crypto';
import { cacheFolderByDefault, requireJava, requireMaven } from './java-programs.ts';

export interface InstallOptions {
  /** The folder that gets a folder for the jars; `cacheFolderByDefault()` if absent. */
  readonly cacheFolder?: string;
  readonly maven?: string;
  readonly attemptsMax?: number;
  readonly retryDelayMs?: number;
  readonly print?: (line: string) => void;
}

const pomFile = join(import.meta.dirname, '../pom.xml');

/** The version of Apache Kafka that `pom.xml` names, such as `4.3.1`. Empty if it names none. */
export const kafkaVersion = (pom = readFileSync(pomFile, 'utf8')): string =>
  /<kafka\.version>([^<]+)</.exec(pom)?.[1] ?? '';

/** Returns the folder with the jars of Apache Kafka, as `installJars` does. */
export const installKafka = (options: InstallOptions = {}): Promise<string> =>
  installJars(
    { name: `Apache Kafka ${kafkaVersion()}`, folder: `kafka-${kafkaVersion()}`, pomFile, megabytes: 128 },
    options,
  );

/** The jars of a Java program, which a pom names as its dependencies. */
export interface Jars {
  /** The program as a message names it, such as `Apache Kafka 4.3.1`. */
  readonly name: string;
  /** The name of its folder in the cache. */
  readonly folder: string;
  readonly pomFile: string;
  readonly megabytes: number;
}

/**
 * Returns the folder with the jars, and fetches them from Maven Central if they are missing. The
 * folder appears only when all jars are there, so no process starts with half of them. Several
 * processes may install at the same time.
 */
export async function installJars(jars: Jars, options: InstallOptions = {}): Promise<string> {
  requireJava();
  const pom = readFileSync(jars.pomFile, 'utf8');
  const folder = join(options.cacheFolder ?? cacheFolderByDefault(), jars.folder, 'libs');
  if (isWhole(folder, pom)) return folder;
  requireMaven(options.maven);
  await mkdir(dirname(folder), { recursive: true });
  const staging = await mkdtemp(`${folder}.fetching-`);
  try {
    await fetchJars(jars, staging, options);
    sealJars(staging, pom);
    await chmod(staging, 0o755);
    await publish(staging, folder, pom);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return folder;
}

async function publish(staging: string, folder: string, pom: string): Promise<void> {
  if (existsSync(folder)) {
    if (isWhole(folder, pom)) return; // another process was faster
    const aside = `${staging}.replaced`;
    await rename(folder, aside);
    await rm(aside, { recursive: true, force: true });
  }
  await rename(staging, folder).catch((error: unknown) => {
    if (!isWhole(folder, pom)) throw error;
  });
}

async function fetchJars(jars: Jars, folder: string, options: InstallOptions): Promise<void> {
  const { maven = 'mvn', attemptsMax = 4, retryDelayMs = 5_000, print = () => undefined } = options;
  for (let attempt = 1; ; attempt += 1) {
    print(`fetching the jars of ${jars.name} with Maven (${jars.megabytes} MB)`);
    const { ok, output } = await copyDependencies(maven, jars.pomFile, folder);
    if (ok) return;
    if (attempt >= attemptsMax)
      throw new Error(
        `the jars of ${jars.name} could not be fetched in ${attemptsMax} attempts: ` +
          `is ${unreachable(output)} up?\n${output}`,
      );
    print(
      `Maven could not fetch the jars (${unreachable(output)}); ` +
        `attempt ${attempt + 1} of ${attemptsMax} in ${retryDelayMs / 1000} s`,
    );
    await pause(retryDelayMs);
  }
}

/** Passes `--strict-checksums`, so that a damaged jar is refused. */
async function copyDependencies(
  maven: string,
  pom: string,
  folder: string,
): Promise<{ readonly ok: boolean; readonly output: string }> {
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${folder}`, '-DincludeScope=runtime'];
  const child = spawn(maven, ['-q', '-B', '--strict-checksums', '-f', pom, ...goal], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  const [code] = (await once(child, 'close')) as [number | null];
  return { ok: code === 0, output };
}

function unreachable(output: string): string {
  const hosts = [...output.matchAll(/https?:\/\/([a-z0-9.-]+)/gi)].map(([, host = '']) => host);
  return (
    [...new Set(hosts.filter((host) => !/^(cwiki|maven)\.apache\.org$/.test(host)))].join(', ') ||
    'repo.maven.apache.org'
  );
}

/**
 * The list of fetched jars, which is written last. A folder without it, or that differs from it, is
 * not complete.
 */
interface Manifest {
  /** SHA-256 of the pom that named the jars. */
  readonly pom: string;
  /** Size in bytes by file name. */
  readonly jars: Readonly<Record<string, number>>;
}

const manifestFile = 'manifest.json';
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const jarsIn = (folder: string): Manifest['jars'] =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((file) => file.endsWith('.jar'))
      .sort()
      .map((file) => [file, statSync(join(folder, file)).size]),
  );

export function sealJars(folder: string, pom: string): void {
  const manifest: Manifest = { pom: hashOf(pom), jars: jarsIn(folder) };
  writeFileSync(join(folder, manifestFile), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** Tells whether the folder holds every jar of this pom in full size, and no other jar. */
export function isWhole(folder: string, pom: string): boolean {
  const path = join(folder, manifestFile);
  if (!existsSync(path)) return false;
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  return manifest.pom === hashOf(pom) && JSON.stringify(manifest.jars) === JSON.stringify(jarsIn(folder));
}
