import type { AppConfig } from '../ground/config/app-config.ts';
import type { Settings } from '../ground/config/setting.ts';
import { createOps } from '../ops/ops-server.ts';
import { bootService as boot, type BootOptions } from './boot-service.ts';
import { startService as start, type RunningService, type ServiceDefinition } from './start-service.ts';

/**
 * Runs a service with its operator API as a process. The operator API brings the libraries of the
 * database, so an app without one runs `boot-service.ts`, whose bundle is without them.
 */
export const bootService = <Declared extends Settings>(options: BootOptions<Declared>): Promise<void> =>
  boot({ ...options, operators: createOps });

/** Builds a service with its operator API and listens, without touching the process. */
export const startService = <Config extends AppConfig>(
  definition: ServiceDefinition<Config>,
): Promise<RunningService> => start({ ...definition, operators: createOps });
