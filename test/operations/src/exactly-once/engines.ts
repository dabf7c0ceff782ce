import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testEngine } from '@millrace/testing/engine';
import { freePorts, startKafka } from '@millrace/testing/kafka';
import { startChild } from './child.ts';

/** A broker in a process of its own, of the engine that the suites run on. */
export interface KillableBroker {
  readonly bootstrapServers: string;
  /** Sends SIGKILL, and returns a function that brings the broker back with its data. */
  kill(): Promise<() => Promise<void>>;
  stop(): Promise<void>;
}

export const startKillableBroker = (): Promise<KillableBroker> =>
  testEngine() === 'kafka' ? startKafkaNode() : startEmbedded();

async function startKafkaNode(): Promise<KillableBroker> {
  const { bootstrapServers, control, stop } = await startKafka();
  return {
    bootstrapServers: bootstrapServers.join(),
    async kill() {
      await control.kill();
      return () => control.start();
    },
    stop,
  };
}

async function startEmbedded(): Promise<KillableBroker> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'millrace-exactly-once-'));
  const [port] = await freePorts(1);
  const start = () => startChild('broker.program.ts', { dataFolder, port });
  let child = await start();
  return {
    bootstrapServers: `127.0.0.1:${port}`,
    async kill() {
      await child.kill();
      return async () => {
        child = await start();
      };
    },
    async stop() {
      await child.kill();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}
