import { BlockedError, type SkipGuard } from '@millrace/streaming-core/consumer';
import type { SqlRow, SqlTransaction } from '@millrace/streaming-core/postgres';
import { SagaError } from '../errors.ts';
import { LIVE_VERSIONS, UNKNOWN_INSTANCE } from '../postgres/saga.sql.ts';
import type { Definitions } from './definitions.ts';

/** The limit up to which the live instances of a version are counted. */
const countedMax = 10_000;

/** The number of live instances that were started with one version. */
export interface LiveVersion extends SqlRow {
  readonly definition: string;
  readonly version: number;
  readonly instances: number;
}

/**
 * Returns the versions that live instances need and that are not registered, each with the number
 * of its instances, counted up to 10,000.
 */
export async function unknownLiveVersions(
  definitions: Definitions,
  database: SqlTransaction,
): Promise<readonly LiveVersion[]> {
  const { rows } = await database.query<LiveVersion>(LIVE_VERSIONS, [countedMax]);
  return rows.filter(({ definition, version }) => definitions.version(definition, version) === undefined);
}

/**
 * Rejects with `SagaError` (`unknown_version`) while a live instance has a version that is not
 * registered.
 */
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
 * Prevents a message that has no handler from being skipped if its key is that of a live saga of a
 * version that is not registered: it may be the reply that this saga waits for. Such a reply always
 * finds the saga's row, because a command can be answered only after the transaction that wrote the
 * command and the row has committed.
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

/**
 * Reports a fault of this process and not of the message: a process that knows the version can
 * handle it.
 */
export const needsVersion = (name: string, sagaId: string, version: number): BlockedError => {
  const message =
    `saga ${name} ${sagaId} needs version ${version}, which this process does not know: ` +
    'start a process that knows it, and stop this one';
  return new BlockedError(message, { cause: new SagaError('unknown_version', message) });
};
