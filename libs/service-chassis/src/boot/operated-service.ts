import type { AppConfig } from '../ground/config/app-config.ts';
import type { Settings } from '../ground/config/setting.ts';
import { createOps } from '../ops/ops-server.ts';
import { bootService as boot, type BootOptions } from './boot-service.ts';
import { startService as start, type RunningService, type ServiceDefinition } from './start-service.ts';

/**
 * Runs a service with its operator API as a process, and drains it on SIGTERM or SIGINT. If it
 * cannot start, it writes one line to standard error (one per wrong setting) and exits with code 1.
 * An app without a database uses `bootService` of `@millrace/service-chassis/app`, whose bundle is
 * without the libraries of the database.
 *
 * @example
 * ```ts
 * import { bootService } from '@millrace/service-chassis/service';
 *
 * await bootService({ name: 'rooms', settings, module: () => RoomsModule, logSubject: 'roomId' });
 * ```
 */
export const bootService = <Declared extends Settings>(options: BootOptions<Declared>): Promise<void> =>
  boot({ ...options, operators: createOps });

/** Builds a service with its operator API and listens, without touching the process. */
export const startService = <Config extends AppConfig>(
  definition: ServiceDefinition<Config>,
): Promise<RunningService> => start({ ...definition, operators: createOps });
