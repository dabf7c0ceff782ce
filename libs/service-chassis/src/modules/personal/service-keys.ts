import { Client } from 'pg';
import { keysDatabaseId } from '@millrace/personal-data';
import { PersonalDataError } from '@millrace/streaming-core/personal';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { seconds } from '@millrace/streaming-core/runtime';
import { ServiceError } from '../../ground/errors.ts';
import type { CheckResult } from '../../observability/health/health.ts';

/**
 * Ties the service to a database of keys at its first use, or after the previous database was
 * declared lost ($2).
 */
const CLAIM_KEYS = `
  INSERT INTO keys_database (id) VALUES ($1::uuid)
  ON CONFLICT (single) DO UPDATE SET id = excluded.id, claimed_at = excluded.claimed_at
  WHERE keys_database.id = $2::uuid`;

const OWN_KEYS = 'SELECT id FROM keys_database';

interface OwnKeysOptions {
  readonly service: string;
  /** The URL of the service's own database, which remembers the database of the keys. */
  readonly databaseUrl: string;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  readonly keys: SqlDatabase;
  /** The setting `KEYS_DATABASE_LOST`. */
  readonly lostId?: string | undefined;
}

/** Resolves once the database of the keys is known to be the service's own. */
export type KeysClaim = () => Promise<void>;

/**
 * Returns the claim of a service on its database of keys, which succeeds once for the life of the process.
 * It rejects with `foreign_keys` if the service's data were sealed with the keys of another database: this
 * one would get new keys for the same people. It rejects with `keys_unavailable` while that database does
 * not answer. All callers wait for the same claim. It has a connection of its own, because the callers may
 * hold all of the service's pool.
 */
export function keysClaim(options: OwnKeysOptions): KeysClaim {
  const { service, keys, lostId } = options;
  let claiming: Promise<void> | undefined;

  async function claim(): Promise<void> {
    const found = await keysDatabaseId(keys);
    const own = await onConnection(options, async (client) => {
      const read = async () => (await client.query<{ id: string }>(OWN_KEYS)).rows[0]?.id;
      const known = await read();
      if (known === found) return known;
      await client.query(CLAIM_KEYS, [found, lostId ?? null]);
      return read();
    });
    if (own !== found)
      throw new ServiceError(
        'foreign_keys',
        `KEYS_DATABASE_URL leads to the keys ${found}, but the personal data of ${service} were sealed with the ` +
          `keys ${own}: correct the setting, or restore the backup of those keys. If they are lost for good, ` +
          `set KEYS_DATABASE_LOST=${own}; what they sealed then stays unreadable`,
      );
  }

  return () =>
    (claiming ??= claim().catch((error: unknown) => {
      claiming = undefined;
      throw error;
    }));
}

async function onConnection<Result>(
  { databaseUrl, applicationName }: OwnKeysOptions,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: applicationName,
    connectionTimeoutMillis: seconds(5),
    query_timeout: seconds(5),
  });
  client.on('error', () => undefined); // the statement that was sent rejects
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Returns the database of the keys. No statement is sent before `claim` has resolved. */
export function claimedKeys(keys: SqlDatabase, claim: KeysClaim): SqlDatabase {
  const own = () => claim().catch(asUnavailable);
  return {
    query: async (text, values) => (await own(), keys.query(text, values)),
    transaction: async (work) => (await own(), keys.transaction(work)),
  };
}

/** For whoever needs a key, foreign keys are as good as none. */
function asUnavailable(error: unknown): never {
  if (!(error instanceof ServiceError)) throw error;
  throw new PersonalDataError('keys_unavailable', error.message, { cause: error });
}

/** A database that remembers how its last statement has ended. */
interface ObservedDatabase {
  readonly database: SqlDatabase;
  /** Always healthy, because the service can do whatever needs no key. The details say the rest. */
  check(): CheckResult;
}

/**
 * Observes the statements that run anyway. A health check that sent its own would keep a connection
 * to the keys open for ever.
 */
export function observeKeys(
  database: SqlDatabase,
  { sealing }: { readonly sealing: 'on' | 'off' },
): ObservedDatabase {
  let failure: string | undefined;
  const observed = async <Result>(asking: Promise<Result>): Promise<Result> => {
    try {
      const result = await asking;
      failure = undefined;
      return result;
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
      throw error;
    }
  };
  return {
    database: {
      query: (text, values) => observed(database.query(text, values)),
      transaction: (work) => observed(database.transaction(work)),
    },
    check: () => ({
      healthy: true,
      details: {
        sealing,
        ...(sealing === 'off' && {
          warning: 'personal data is stored in plain text (PERSONAL_DATA_SEALING is off)',
        }),
        ...(failure === undefined ? { answers: true } : { answers: false, reason: failure }),
      },
    }),
  };
}
