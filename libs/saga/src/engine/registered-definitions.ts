import type { Queryable, SqlRow } from '@millrace/streaming-core/postgres';
import { describeDefinition, type DescribedDefinition } from '../definition/describe-definition.ts';
import { LIVE_VERSIONS, WAITING_BY_PART } from '../postgres/saga.sql.ts';
import { countedMax, type Definitions, type LiveVersion } from './definitions.ts';

/** The number of live instances that wait at a part. */
interface WaitingInstances {
  /** The name of the part, or `(closing)`. */
  readonly part: string;
  /** `compensating` if they wait for the part's compensation. */
  readonly status: 'running' | 'compensating' | 'closing';
  readonly instances: number;
}

/** A definition that this process knows, with its live instances, counted up to 10,000. */
export interface RegisteredDefinition extends DescribedDefinition {
  /** True if new instances start with this version. */
  readonly startsNew: boolean;
  readonly instances: number;
  /** An instance that waits for several things counts at each of them. A paused one counts, too. */
  readonly waiting: readonly WaitingInstances[];
}

interface WaitingRow extends WaitingInstances, SqlRow {
  readonly definition: string;
  readonly version: number;
}

/**
 * Describes every registered version, the newest of each definition first. It counts with two statements,
 * which read at most 10,000 instances of each version through an index.
 */
export async function registeredDefinitions(
  definitions: Definitions,
  database: Queryable,
): Promise<readonly RegisteredDefinition[]> {
  const versions = definitions.names.flatMap((name) =>
    definitions.versions.filter((version) => version.name === name),
  );
  const { rows: live } = await database.query<LiveVersion>(LIVE_VERSIONS, [countedMax]);
  const { rows: waiting } = await database.query<WaitingRow>(WAITING_BY_PART, [
    versions.map(({ name }) => name),
    versions.map(({ version }) => version),
    countedMax,
  ]);
  return versions.map((definition) => {
    const isOfVersion = (row: { readonly definition: string; readonly version: number }) =>
      row.definition === definition.name && row.version === definition.version;
    return {
      ...describeDefinition(definition),
      startsNew: definitions.starting(definition.name) === definition,
      instances: live.find(isOfVersion)?.instances ?? 0,
      waiting: waiting
        .filter(isOfVersion)
        .map(({ part, status, instances }) => ({ part, status, instances })),
    };
  });
}
