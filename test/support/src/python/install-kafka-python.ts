import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** The version with which the programs in Python are tested. */
export const kafkaPythonVersion = '3.0.12';

/**
 * librdkafka for Python, with its serializers for Avro. Unlike kafka-python, it can have several
 * requests for one partition in flight.
 */
const confluentKafkaVersion = '2.16.1';

const attemptsMax = 4;
const attemptDelayMs = 5_000;
const stepMsMax = 300_000;
const marker = 'complete';

/**
 * Installs kafka-python and confluent-kafka into a virtual environment, unless it exists, and
 * resolves to its interpreter. The folder is in `$MILLRACE_CACHE` or `~/.cache/millrace`, so that
 * clones share it. It appears only when it is complete. If PyPI is down, the installation is
 * retried and the error names PyPI.
 */
export async function installKafkaPython(): Promise<string> {
  const cache = process.env.MILLRACE_CACHE || join(homedir(), '.cache/millrace');
  const folder = join(cache, `kafka-python-${kafkaPythonVersion}-confluent-kafka-${confluentKafkaVersion}-avro`);
  await mkdir(cache, { recursive: true });
  for (let attempt = 1; !existsSync(join(folder, marker)); attempt += 1) {
    const staging = await mkdtemp(`${folder}.fetching-`);
    try {
      await fill(staging);
      await publish(staging, folder);
    } catch (cause) {
      const said = cause instanceof Error ? cause.message : String(cause);
      if (attempt >= attemptsMax)
        throw new Error(
          `kafka-python could not be installed in ${attemptsMax} attempts: is pypi.org up? ${said}`,
          { cause },
        );
      await pause(attemptDelayMs);
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }
  return join(folder, 'bin/python');
}

async function fill(folder: string): Promise<void> {
  await step('python3', ['-m', 'venv', folder]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  await step(join(folder, 'bin/python'), [
    ...pip,
    `kafka-python==${kafkaPythonVersion}`,
    `confluent-kafka[avro]==${confluentKafkaVersion}`,
  ]);
  await writeFile(join(folder, marker), '');
}

/**
 * Moves the finished folder into place, unless another process was faster. Replaces a folder that a
 * killed process left incomplete.
 */
async function publish(staging: string, folder: string): Promise<void> {
  if (existsSync(folder) && !existsSync(join(folder, marker)))
    await rm(folder, { recursive: true, force: true });
  await rename(staging, folder).catch((error: unknown) => {
    if (!existsSync(join(folder, marker))) throw error;
  });
}

async function step(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, [...args], {
    timeout: stepMsMax,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  const [code] = (await once(child, 'close').catch((cause: unknown) => {
    throw new Error(
      `${command} does not start: install it with \`npm run program -- tools/install/test-tools.ts\``,
      {
        cause,
      },
    );
  })) as [number | null];
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${output.slice(-2_000)}`);
}
