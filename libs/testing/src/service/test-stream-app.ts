import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppConfig, ConfigOf, Settings } from '@millrace/service-chassis/config';
import {
  createLogger,
  readConfig,
  startService,
  type RunningService,
  type ServiceDefinition,
} from '@millrace/service-chassis/service';
import { connectAdmin, connectProducer, type Admin, type Producer } from '@millrace/streaming-core/client';
import { startTestBroker } from '../engine/index.ts';

export interface TestStreamAppOptions<Declared extends Settings> {
  readonly name: string;
  readonly settings: Declared;
  readonly module: ServiceDefinition<ConfigOf<Declared> & AppConfig>['module'];
  /** Additional settings. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A stream application over HTTP and the log, on a broker of its own. It has no database. */
export interface TestStreamApp extends AsyncDisposable {
  readonly bootstrapServers: string;
  readonly admin: Admin;
  readonly producer: Producer;
  /** Resolves once its tasks run. Stop it before the next start of a worker. */
  start(env?: Readonly<Record<string, string>>): Promise<RunningService>;
  /** Deletes its state folder, while it does not run. */
  loseState(): void;
}

/** Starts a broker for an application. The test creates the topics, and starts the application. */
export async function openTestStreamApp<Declared extends Settings>({
  name,
  settings,
  module,
  env = {},
}: TestStreamAppOptions<Declared>): Promise<TestStreamApp> {
  const stateDir = mkdtempSync(join(tmpdir(), `${name}-`));
  const { bootstrapServers, stop } = await startTestBroker();
  const connection = { bootstrapServers: [bootstrapServers], clientId: `${name}-test` };
  const admin = connectAdmin(connection);
  const producer = connectProducer(connection);
  const prefix = name.toUpperCase().replaceAll('-', '_');
  const environment = {
    [`${prefix}_PORT`]: '0',
    [`${prefix}_STATE_DIR`]: stateDir,
    KAFKA_BOOTSTRAP_SERVERS: bootstrapServers,
    ...env,
  };
  const loseState = () => rmSync(stateDir, { recursive: true, force: true });
  return {
    bootstrapServers,
    admin,
    producer,
    loseState,
    async start(own = {}) {
      const service = await startService({
        name,
        config: readConfig(settings, { ...environment, ...own }) as ConfigOf<Declared> & AppConfig,
        logger: createLogger({ service: name, level: 'silent' }),
        module,
      });
      await service.started;
      return service;
    },
    async [Symbol.asyncDispose]() {
      await producer.close();
      await admin.close();
      await stop();
      loseState();
    },
  };
}
