import { startPostgresServer } from '../postgres/index.ts';
import { keepUntilTeardown } from './project-servers.ts';

/** The log that a project's tests share. */
export interface ProjectLog {
  readonly bootstrapServers: string;
  stop(): Promise<void>;
}

/**
 * Starts one PostgreSQL and one log per Jest project, whose addresses the test files find in the
 * environment. If one fails to start, the other is stopped. Servers that the environment already
 * names are neither started nor stopped here.
 */
export async function startProjectServers(startLog: () => Promise<ProjectLog>): Promise<void> {
  if (process.env.MILLRACE_TEST_POSTGRES !== undefined && process.env.MILLRACE_TEST_BROKER !== undefined)
    return;
  const starting = [startPostgresServer(), startLog()] as const;
  const stop = async () => {
    const stopped = await Promise.allSettled(
      starting.map(async (server) => (await server.catch(() => undefined))?.stop()),
    );
    for (const outcome of stopped) if (outcome.status === 'rejected') throw outcome.reason;
  };
  try {
    const [postgres, log] = await Promise.all(starting);
    process.env.MILLRACE_TEST_POSTGRES = postgres.url;
    process.env.MILLRACE_TEST_BROKER = log.bootstrapServers;
  } catch (error) {
    await stop(); // Jest does not call the teardown after a failed setup
    throw error;
  }
  keepUntilTeardown({ stop });
}
