import { existsSync } from 'node:fs';
import { chmod, cp, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { baseImages, exactImages, floatingImages, type ImageSettings } from './base-images.ts';
import { run, succeeds } from './run-command.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A running container engine, and what compose needs to use it. */
export interface Engine {
  readonly environment: Environment;
  /** `docker compose`, or `docker-compose` if that does not exist. */
  readonly compose: readonly [command: string, ...args: string[]];
  /** Stops the engine, unless it was already running. */
  stop(): Promise<void>;
}

const workspace = join(import.meta.dirname, '../../..');
const attemptsMax = 3;

/**
 * Uses the running engine, or starts one with the script of this machine. Rejects with the remedy.
 */
export async function provideEngine(inherited: Environment, print: (line: string) => void): Promise<Engine> {
  const buildKit = { DOCKER_BUILDKIT: '1', COMPOSE_DOCKER_CLI_BUILD: '1' };
  const there = { ...inherited, ...buildKit };
  if (await answers(there)) return withCompose(there, () => Promise.resolve());
  const script = findScript(inherited);
  if (script === undefined)
    throw new Error(
      'no container engine: start Docker (docker info has to answer), or set MILLRACE_ENGINE_SCRIPT to ' +
        'a program that takes "up" and "down" and prints what to export',
    );
  const wasRunning = await answers({ ...there, DOCKER_HOST: socketOf(inherited) });
  const copy = await writableCopy(script);
  try {
    const environment = await startByScript(copy, there, print);
    if (!wasRunning) await removeLeftovers(environment, print);
    return await withCompose(environment, async () => {
      if (!wasRunning) await callScript(copy, there, 'down');
      await rm(dirname(copy), { recursive: true, force: true });
    });
  } catch (error) {
    await rm(dirname(copy), { recursive: true, force: true });
    throw error;
  }
}

const answers = (environment: Environment): Promise<boolean> =>
  succeeds('docker', ['info'], { environment, timeoutMs: 20_000 });

async function withCompose(environment: Environment, stop: () => Promise<void>): Promise<Engine> {
  const images: ImageSettings = await baseImages(environment);
  const complete = { ...environment, ...images };
  for (const compose of [['docker', 'compose'], ['docker-compose']] as const)
    if (await succeeds(compose[0], [...compose.slice(1), 'version'], { environment }))
      return { environment: complete, compose, stop };
  await stop();
  throw new Error(
    'the engine has no compose: install the docker compose plugin, ' +
      'or docker-compose 1.29.2 (on Debian: apt-get install docker-compose)',
  );
}

/** The engine's socket, as the script places it. */
const socketOf = (environment: Environment): string =>
  `unix://${join(environment.MILLRACE_CONTAINERS ?? join(homedir(), '.cache/millrace/containers'), 'docker.sock')}`;

/** Finds the script beside the workspace or beside one of the folders above it. */
function findScript({ MILLRACE_ENGINE_SCRIPT: named }: Environment): string | undefined {
  if (named && !existsSync(named))
    throw new Error(`MILLRACE_ENGINE_SCRIPT names ${named}, which does not exist`);
  if (named) return named;
  for (let folder = workspace; folder !== dirname(folder); folder = dirname(folder)) {
    const script = join(folder, '../shared/tools/containers/engine.mjs');
    if (existsSync(script)) return script;
  }
  return undefined;
}

/**
 * Makes writable copies of the script's files. The script copies the modes of its files into the
 * images, and a container could not write to a read-only file.
 */
async function writableCopy(script: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-engine-'));
  await cp(dirname(script), folder, { recursive: true });
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    await chmod(path, (await stat(path)).mode | 0o200);
  }
  return join(folder, basename(script));
}

const callScript = (script: string, environment: Environment, ...args: readonly string[]): Promise<string> =>
  run(process.execPath, [script, ...args], { environment });

async function startByScript(
  script: string,
  environment: Environment,
  print: (line: string) => void,
): Promise<Environment> {
  print('starting a container engine and its base images, which takes a minute and a half the first time');
  for (let attempt = 1; ; attempt++)
    try {
      const exported = exportsOf(await callScript(script, environment, 'up', 'node', 'postgres', 'kafka'));
      const path = exported.PATH?.replace('$PATH', environment.PATH ?? '') ?? environment.PATH;
      const started = { ...environment, ...exported, PATH: path };
      await dropReadOnlyKafka(started, () => callScript(script, environment, 'up', 'kafka'));
      return started;
    } catch (error) {
      if (attempt === attemptsMax) throw error;
      print(
        `the engine did not start (${(error as Error).message.slice(-300)}); attempt ${attempt + 1} of ${attemptsMax}`,
      );
    }
}

/**
 * Removes the containers of a run that was killed. Otherwise the engine would start them too, and
 * they would compete with this run for the machine.
 */
async function removeLeftovers(environment: Environment, print: (line: string) => void): Promise<void> {
  const docker = (...args: readonly string[]) => run('docker', args, { environment });
  const listed = async (...args: readonly string[]) =>
    (await docker(...args, '--quiet', '--filter', 'name=millrace-test-')).split('\n').filter(Boolean);
  const containers = await listed('ps', '--all');
  if (containers.length > 0) {
    print(`removing ${containers.length} containers of a run that was interrupted`);
    await docker('rm', '--force', '--volumes', ...containers);
  }
  for (const kind of ['network', 'volume']) {
    const left = await listed(kind, 'ls');
    if (left.length > 0) await docker(kind, 'rm', ...left);
  }
}

/** Reads the script's last line, `export NAME=value NAME=value`. */
function exportsOf(output: string): Readonly<Record<string, string>> {
  const line = output.split('\n').findLast((each) => each.startsWith('export '));
  if (line === undefined) throw new Error(`the engine's script did not say what to export: ${output}`);
  return Object.fromEntries(
    [...line.matchAll(/(\w+)=(\S*)/g)].map(([, name = '', value = '']) => [name, value]),
  );
}

/**
 * Removes a stand-in image that an earlier run built from read-only files, so that it is built
 * again. Its container cannot write its own configuration.
 */
async function dropReadOnlyKafka(environment: Environment, makeAgain: () => Promise<string>): Promise<void> {
  const image = floatingImages.KAFKA_IMAGE ?? exactImages.KAFKA_IMAGE;
  const isWritable = [
    'run',
    '--rm',
    '--entrypoint',
    'test',
    image,
    '-w',
    '/opt/kafka/config/server.properties',
  ];
  if (await succeeds('docker', isWritable, { environment })) return;
  await run('docker', ['rmi', '--force', image], { environment });
  await makeAgain();
}
