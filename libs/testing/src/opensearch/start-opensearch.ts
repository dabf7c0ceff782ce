import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { compileJava, installJars, javaArguments } from '@millrace/embedded-kafka';
import { freePorts } from '../kafka/free-ports.ts';
import { inTime } from '../within.ts';

export interface TestOpenSearch {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Pauses the process (SIGSTOP). The function that it returns resumes it. */
  freeze(): () => void;
  /** Kills it with SIGKILL, and returns a function that starts it again with its data. */
  kill(): Promise<() => Promise<void>>;
  /** Stops it and deletes its data. */
  stop(): Promise<void>;
}

const pomFile = join(import.meta.dirname, '../../opensearch/pom.xml');
const sources = join(import.meta.dirname, '../../opensearch');
const startMsMax = 180_000;

/** Starts one node of OpenSearch in a folder of its own. Its jars are fetched if they are missing. */
export async function startOpenSearch(): Promise<TestOpenSearch> {
  const version = /<opensearch\.version>([^<]+)</.exec(readFileSync(pomFile, 'utf8'))?.[1] ?? '';
  const name = `OpenSearch ${version}`;
  const jars = await installJars({ name, folder: `opensearch-${version}`, pomFile, megabytes: 60 });
  const classes = await compileJava({ sources, jars });
  const folder = await mkdtemp(join(tmpdir(), 'millrace-opensearch-'));
  const [port = 0, transportPort = 0] = await freePorts(2);
  const args = [folder, String(port), String(transportPort)];
  const [program, ...command] = javaArguments(
    { jars, classes, mainClass: 'OpenSearchNode', args, heapMegabytesMax: 512, diesWithParent: true },
    'ERROR',
  );
  const forget = () => rm(folder, { recursive: true, force: true });
  let node = await startNode(program, command).catch(async (error: unknown) => {
    await forget();
    throw error;
  });
  const kill = async () => {
    const exited = once(node, 'exit');
    node.kill('SIGKILL');
    await exited;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    freeze() {
      node.kill('SIGSTOP');
      return () => void node.kill('SIGCONT');
    },
    async kill() {
      await kill();
      return async () => void (node = await startNode(program, command));
    },
    async stop() {
      if (node.exitCode === null && node.signalCode === null) await kill();
      await forget();
    },
  };
}

async function startNode(program: string, command: readonly string[]): Promise<ChildProcess> {
  const node = spawn(program, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  node.stderr.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  const started = new Promise<void>((resolve, reject) => {
    const lines = createInterface(node.stdout);
    lines.on('line', (line) => {
      if (line === 'started') resolve();
      else output += `${line}\n`;
    });
    node.once('exit', () => reject(new Error(`OpenSearch has ended:\n${output}`)));
    node.once('error', reject);
  });
  try {
    await inTime(started, () => `OpenSearch to start: ${output}`, startMsMax);
  } catch (error) {
    node.kill('SIGKILL');
    throw error;
  }
  return node;
}
