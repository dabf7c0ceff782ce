import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kafkaVersion, propertiesOf, type KafkaSettings } from '@millrace/embedded-kafka';
import { startKafka } from '@millrace/testing/kafka';
import { programCommand, programEnvironment } from '@millrace/testing/program-command';

export const engineNames = ['embedded', 'kafka'] as const;
export type EngineName = (typeof engineNames)[number];

/** A broker that belongs to the run, empty at first. */
export interface Engine {
  readonly name: EngineName;
  readonly version: string;
  /** The address of the broker, such as `127.0.0.1:9092`. */
  readonly bootstrapServers: string;
  readonly logFolder: string;
  readonly logFile: string;
  /** Stops the broker and deletes its data. */
  stop(): Promise<void>;
}

export const startEngine = (name: EngineName): Promise<Engine> =>
  name === 'embedded' ? startEmbedded() : startApacheKafka();

const workspace = join(import.meta.dirname, '../../..');
const readyLimitMs = 30_000;

/**
 * The settings that the clients' own suites expect of either engine. Internal topics are as small
 * as in our other tests.
 */
const settings: KafkaSettings = {
  'auto.create.topics.enable': 'true',
  'num.partitions': 4,
  'group.initial.rebalance.delay.ms': 0,
  'group.min.session.timeout.ms': 1_000,
  'offsets.topic.num.partitions': 5,
  'transaction.state.log.num.partitions': 5,
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': 1_000,
};

const packageVersion = (): string =>
  (JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8')) as { readonly version: string }).version;

/** Starts `apps/broker` in its own process, as `npm run broker` does. */
async function startEmbedded(): Promise<Engine> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-conformance-'));
  const logFile = join(folder, 'broker.log');
  const logFolder = join(folder, 'data');
  const config = join(folder, 'server.properties');
  await writeFile(config, propertiesOf(settings));
  const log = openSync(logFile, 'a');
  const [runner, program] = programCommand('apps/broker/src/main.ts');
  const child = fork(runner, [program], {
    execArgv: [],
    env: {
      ...programEnvironment(),
      BROKER_PORT: '0',
      BROKER_HTTP_PORT: '0',
      BROKER_DATA: logFolder,
      BROKER_CONFIG: config,
    },
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const gone = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGKILL');
    await gone;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const early = gone.then(([code, signal]) =>
      Promise.reject(new Error(`ended with ${String(code ?? signal)}`)),
    );
    const signal = AbortSignal.timeout(readyLimitMs);
    const [{ url }] = (await Promise.race([once(child, 'message', { signal }), early])) as [
      { readonly url: string },
    ];
    return { name: 'embedded', version: packageVersion(), bootstrapServers: url, logFolder, logFile, stop };
  } catch (cause) {
    const end = readFileSync(logFile, 'utf8').slice(-2_000);
    await stop();
    throw new Error(`the embedded broker does not start: ${end}`, { cause });
  }
}

async function startApacheKafka(): Promise<Engine> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-conformance-kafka-'));
  const { bootstrapServers, control } = await startKafka({ folder, settings });
  return {
    name: 'kafka',
    version: kafkaVersion(),
    bootstrapServers: bootstrapServers.join(','),
    logFolder: join(folder, 'data'),
    logFile: control.logFile,
    async stop() {
      await control.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Returns a function that reads what the engine has logged since this call. */
export function watchLog({ logFile }: Engine): () => string {
  const from = statSync(logFile).size;
  return () => {
    const bytes = Buffer.alloc(Math.min(statSync(logFile).size - from, 1024 * 1024));
    const file = openSync(logFile, 'r');
    readSync(file, bytes, { position: statSync(logFile).size - bytes.length });
    closeSync(file);
    return bytes.toString('utf8');
  };
}
