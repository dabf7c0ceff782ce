import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from '@jest/globals';
import { programCommand, programEnvironment } from '@millrace/testing/program-command';
import { beforeExit, inTime } from '@millrace/testing/within';

export const workspace = join(import.meta.dirname, '../../..');

/**
 * Starts the app as a process, with a new data folder for each test, and kills all processes after
 * the test.
 */
export function launchedBrokers() {
  let dataFolder: string;
  let children: ChildProcess[] = [];

  beforeEach(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), 'millrace-broker-app-'));
    children = [];
  });
  afterEach(async () => {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    await rm(dataFolder, { recursive: true, force: true });
  });

  function launch(settings: Readonly<Record<string, string>> = {}, options: readonly string[] = []) {
    const [runner, program] = programCommand('apps/broker/src/main.ts');
    const child = fork(runner, [program, ...options], {
      cwd: workspace,
      execArgv: [],
      env: {
        ...programEnvironment(),
        BROKER_PORT: '0',
        BROKER_HTTP_PORT: '0',
        BROKER_DATA: join(dataFolder, 'broker'),
        ...settings,
      },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    children.push(child);
    let output = '';
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ended = Promise.all([once(child, 'exit'), once(child.stderr!, 'close')]).then(
      ([exit]) => exit as [number | null, string | null],
    );
    return {
      child,
      output: () => output,
      /** Resolves when the process has ended. Rejects if that takes too long. */
      get ended() {
        return inTime(ended, () => `the broker to end: ${output}`);
      },
    };
  }

  return {
    launch,
    /** Adds a process to those that are killed after the test. */
    add: (child: ChildProcess) => void children.push(child),
    /** The data folder of the current test. */
    get dataFolder() {
      return dataFolder;
    },
  };
}

export type LaunchedBroker = ReturnType<ReturnType<typeof launchedBrokers>['launch']>;

export const ready = async (broker: LaunchedBroker): Promise<string> => (await readyMessage(broker)).url;

export async function readyMessage({ child, output }: LaunchedBroker) {
  const [message] = (await beforeExit(
    child,
    once(child, 'message'),
    () => `the broker to be ready: ${output()}`,
  )) as [{ type: string; url: string; http: string }];
  expect(message.type).toBe('ready');
  return message;
}
