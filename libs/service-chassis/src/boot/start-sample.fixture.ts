import 'reflect-metadata';
import { Module, type ModuleMetadata } from '@nestjs/common';
import { silentLogger, type Logger } from '@millrace/streaming-core/runtime';
import { readConfig } from '../ground/config/read-config.ts';
import { serviceConfig, type ServiceConfig } from '../ground/config/service-config.ts';
import { startService } from './operated-service.ts';
import type { RunningService } from './start-service.ts';

interface SampleService {
  /** The name, which begins the variables of its settings; by default `sample`. */
  readonly name?: string;
  /** The database. Without one, nothing answers at its URL. */
  readonly database?: { readonly url: string };
  /** The broker. Without one, nothing answers at its address. */
  readonly broker?: { readonly port: number };
  /** Further settings. */
  readonly env?: NodeJS.ProcessEnv;
  readonly logger?: Logger;
  readonly module: (config: ServiceConfig) => ModuleMetadata;
}

@Module({})
class SampleModule {}

/** Starts a service of these parts on a free port, and stops it again if a part cannot start. */
export async function startSampleService({
  name = 'sample',
  database,
  broker,
  env = {},
  logger = silentLogger,
  module,
}: SampleService): Promise<RunningService> {
  const own = name.toUpperCase();
  const settings = {
    [`${own}_PORT`]: '0',
    [`${own}_DATABASE_URL`]: database?.url ?? 'postgres://u:p@127.0.0.1:1/none',
    KAFKA_BOOTSTRAP_SERVERS: `127.0.0.1:${broker?.port ?? 1}`,
    ...env,
  };
  const service = await startService({
    name,
    config: readConfig(serviceConfig(name, 0), settings),
    logger,
    module: (config) => ({ module: SampleModule, ...module(config) }),
  });
  await service.started.catch(async (error: unknown) => {
    await service.stop();
    throw error;
  });
  return service;
}
