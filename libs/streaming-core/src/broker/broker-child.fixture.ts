import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';
import { beforeExit } from '@millrace/testing/within';
import { WireClient } from '../protocol/testing/wire-client.ts';

/**
 * A broker in its own process, with an empty data folder for each test. `start` starts it, also
 * after `kill`, and connects a client.
 */
export function brokerChild(): { start(): Promise<WireClient>; kill(): Promise<void> } {
  let dataFolder: string;
  let child: ChildProcess | undefined;
  const kill = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  beforeEach(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), 'millrace-crash-'));
  });
  afterEach(async () => {
    await kill();
    await rm(dataFolder, { recursive: true, force: true });
  });
  return {
    kill,
    async start() {
      child = fork(join(import.meta.dirname, 'broker.program.ts'), [dataFolder], {
        execArgv: ['--conditions=@millrace/source', '--no-warnings'],
        env: { ...process.env, NODE_OPTIONS: '' },
      });
      const [{ port }] = (await beforeExit(
        child,
        once(child, 'message'),
        () => 'the broker process to be ready',
      )) as [{ port: number }];
      return WireClient.connect({ host: '127.0.0.1', port });
    },
  };
}
