import { setTimeout as sleep } from 'node:timers/promises';
import { connectAdmin } from '@millrace/streaming-core/client';
import type { Logger } from '@millrace/streaming-core/runtime';
import { Client } from 'pg';
import type { LogTarget } from '../setup/log.ts';
import { orAborted } from '../stop-request.ts';

export interface Engines {
  readonly postgresUrl: string;
  /** The database of the keys, which may not exist yet. */
  readonly keysUrl: string;
  readonly log: Pick<LogTarget, 'bootstrapServers' | 'security'>;
}

export interface EngineWait {
  readonly waitMsMax: number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

const retryDelayMs = 500;
const connectTimeoutMs = 3_000;

/**
 * Resolves once both servers of PostgreSQL accept connections and a broker answers. Logs what it waits for.
 * Rejects at the limit, or at once if waiting cannot help.
 */
export async function waitForEngines(
  engines: Engines,
  { waitMsMax, logger, signal }: EngineWait,
): Promise<void> {
  const deadline = performance.now() + waitMsMax;
  const servers = { POSTGRES_URL: engines.postgresUrl, KEYS_DATABASE_URL: engines.keysUrl };
  for (const [setting, url] of Object.entries(servers))
    await orAborted(waitForPostgres({ setting, url }, deadline, logger), signal);
  await orAborted(waitForLog(engines.log, deadline, logger), signal);
}

interface Server {
  readonly setting: string;
  readonly url: string;
}

async function waitForPostgres({ setting, url }: Server, deadline: number, logger: Logger): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await answers(url);
    } catch (error) {
      const { code, message } = error as Error & { code?: string };
      const why = message || code || 'no answer';
      if (isPermanent(code)) throw new Error(`PostgreSQL refuses ${setting}: ${why}`, { cause: error });
      if (performance.now() > deadline)
        throw new Error(`PostgreSQL did not answer in time (${why}): start it, or correct ${setting}`, {
          cause: error,
        });
      if (attempt === 1) logger.info({ setting, why }, 'waiting for PostgreSQL');
      await sleep(retryDelayMs);
    }
  }
}

/** A class 28 error means a wrong name or password, which waiting does not fix. */
const isPermanent = (code: string | undefined): boolean => code?.startsWith('28') === true;

async function answers(url: string): Promise<void> {
  const client = new Client({
    connectionString: Object.assign(new URL(url), { pathname: '/postgres' }).href,
    connectionTimeoutMillis: connectTimeoutMs,
  });
  client.on('error', () => undefined); // a lost server already fails the pending call
  try {
    await client.connect();
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function waitForLog(
  { bootstrapServers, security }: Engines['log'],
  deadline: number,
  logger: Logger,
): Promise<void> {
  const admin = connectAdmin({ bootstrapServers, security, clientId: 'millrace-setup', logger });
  try {
    if (await admin.ping()) return;
    logger.info({ bootstrapServers }, 'waiting for the log');
    await admin.waitUntilReachable(Math.max(deadline - performance.now(), 0));
  } catch (error) {
    throw new Error(`no broker of KAFKA_BOOTSTRAP_SERVERS answered in time: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    await admin.close();
  }
}
