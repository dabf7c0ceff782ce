import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { testEngine } from '@millrace/testing/engine';
import { freePorts, provideKafka } from '@millrace/testing/kafka';
import { clientSuite } from './client.suite.ts';
import type { Engine } from './client.fixture.ts';
import { startEngineProcess } from './engine-process.fixture.ts';
import { readConnectionSecurity } from './connection/security-settings.ts';

interface RunningEngine extends Engine {
  stop(): Promise<void>;
}

/**
 * The suite runs on the embedded broker in a child process or on Apache Kafka, and kills and
 * restarts it. It kills no cluster that KAFKA_BOOTSTRAP_SERVERS names, because others may use it.
 */
const onKafka = testEngine() === 'kafka';
const isOurs = !onKafka || !process.env.KAFKA_BOOTSTRAP_SERVERS;

let engine: RunningEngine;

beforeAll(async () => {
  engine = await (onKafka ? startKafka() : startEmbedded());
});

afterAll(() => engine?.stop());

clientSuite(() => engine, isOurs);

async function startKafka(): Promise<RunningEngine> {
  const { bootstrapServers, control, stop } = await provideKafka();
  return {
    bootstrapServers,
    stop,
    ...(isOurs ? { control } : { security: readConnectionSecurity(process.env) }),
  };
}

async function startEmbedded(): Promise<RunningEngine> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'millrace-client-'));
  const [port] = await freePorts(1); // chosen here, so that a restarted broker keeps its address
  const script = new URL('./embedded-broker.program.ts', import.meta.url).pathname;
  const args = ['--conditions=@millrace/source', script, dataFolder, String(port)];
  const started = await startEngineProcess(process.execPath, args, `127.0.0.1:${port}`);
  const stop = async () => {
    await started.control.kill();
    await rm(dataFolder, { recursive: true, force: true });
  };
  return { ...started, stop };
}
