import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { EventCatalog } from '../event-catalog.ts';
import { EventStoreError } from '../errors.ts';
import { countedEventsMax } from '../limits.ts';
import { COUNT_EVENTS, DECLARE_TYPES, WITHOUT_TIMEOUT } from './event-types.sql.ts';

type StoredType = { readonly type: string; readonly schema_version: number };

/**
 * Rejects with `event_not_readable` if the database has events of a type or version that the
 * catalog does not cover, and names each of them. Call it before the first append: it also notes
 * the declared types, so that a later release is checked against them. Costs one statement if all
 * is well, however many events there are.
 */
export async function assertReadable(
  database: SqlDatabase,
  { declared }: Pick<EventCatalog, 'declared'>,
): Promise<void> {
  if (declared.size === 0) return;
  const { rows } = await database.query<StoredType>(DECLARE_TYPES, [
    [...declared.keys()],
    [...declared.values()],
  ]);
  const problems: string[] = [];
  for (const unknown of rows) {
    const found = await describeEvents(database, unknown);
    if (found !== undefined) problems.push(`${found}, but ${knownOf(declared.get(unknown.type))}`);
  }
  if (problems.length > 0)
    throw new EventStoreError(
      'event_not_readable',
      `the store has events that this release cannot read: ${problems.join('; ')}: ` +
        'run the release that wrote them or a newer one, or declare them with `declareEvents`',
    );
}

/** Returns undefined for a type that was declared once, but of which nothing is stored. */
async function describeEvents(
  database: SqlDatabase,
  { type, schema_version: version }: StoredType,
): Promise<string | undefined> {
  const { rows } = await database.transaction(async (transaction) => {
    await transaction.query(WITHOUT_TIMEOUT);
    return transaction.query<{ count: string; stream: string | null }>(COUNT_EVENTS, [
      type,
      version,
      countedEventsMax + 1,
    ]);
  });
  const { count = '0', stream = null } = rows[0] ?? {};
  if (stream === null) return undefined;
  const events = Number(count) > countedEventsMax ? `more than ${countedEventsMax}` : count;
  return `${events} of ${type} v${version}, for instance in stream ${stream}`;
}

const knownOf = (present: number | undefined): string =>
  present === undefined ? 'the type is unknown' : `the type is known up to v${present}`;
