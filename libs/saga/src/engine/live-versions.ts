import { BlockedError, type SkipGuard } from '@millrace/streaming-core/consumer';
import type { SqlRow, SqlTransaction } from '@millrace/streaming-core/postgres';
import { SagaError } from '../errors.ts';
import { LIVE_VERSIONS, UNKNOWN_INSTANCE } from '../postgres/saga.sql.ts';
import type { Definitions } from './definitions.ts';

/** Instances of each version are counted up to here. */
const countedMax = 10_000;

/** Instances that have not ended, by the version that they were started with. */
export interface LiveVersion extends SqlRow {
  readonly definition: string;
  readonly version: number;
  readonly instances: number;
}

/** Versions that live instances need and that are not registered, each with its instances, counted up to 10,000. */
export async function unknownLiveVersions(
  definitions: Definitions,
  database: SqlTransaction,
): Promise<readonly LiveVersion[]> {
  const { rows } = await database.query<LiveVersion>(LIVE_VERSIONS, [countedMax]);
  return rows.filter(({ definition, version }) => definitions.version(definition, version) === undefined);
}

/** Rejects with `SagaError` (`unknown_version`) while an instance that has not ended was started by a version that is not registered. */
export async function assertLiveVersionsKnown(
  definitions: Definitions,
  database: SqlTransaction,
): Promise<void> {
  const missing = await unknownLiveVersions(definitions, database);
  if (missing.length === 0) return;
  const list = missing
    .map(({ definition, version, instances }) => `${definition} version ${version} (${instances} live)`)
    .join(', ');
  throw new SagaError(
    'unknown_version',
    `this code lacks ${list}: register these versions until their last instance has ended`,
  );
}

/**
 * Keeps a message that nobody here handles while the saga of its key is live and of a version that is not registered: it may be the
 * reply that this saga waits for. Whoever answers a command answers it after the commit of the transaction that wrote the command and
 * the saga's row, so a reply that is on the log finds that row.
 */
export const guardUnknownVersions =
  ({ versions }: Definitions): SkipGuard =>
  async (transaction, skipped) => {
    const keys = [...new Set(skipped.map(({ key }) => key))];
    const names = versions.map(({ name }) => name);
    const numbers = versions.map(({ version }) => version);
    const { rows } = await transaction.query<UnknownInstance>(UNKNOWN_INSTANCE, [keys, names, numbers]);
    const [found] = rows;
    if (found !== undefined) throw needsVersion(found.definition, found.saga_id, found.version);
  };

interface UnknownInstance extends SqlRow {
  readonly definition: string;
  readonly saga_id: string;
  readonly version: number;
}

/** No fault of the message: a process that knows the version can take it. */
export const needsVersion = (name: string, sagaId: string, version: number): BlockedError => {
  const message = `saga ${name} ${sagaId} needs version ${version}, which this process does not know: start a process that knows it, and stop this one`;
  return new BlockedError(message, { cause: new SagaError('unknown_version', message) });
};
