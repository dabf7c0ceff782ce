import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { EventCatalog } from '../event-versions.ts';
import { EventStoreError } from '../errors.ts';
import { countedEventsMax } from '../limits.ts';

/**
 * Adds the declared event types ($1) with their present versions ($2), and returns those that
 * earlier releases have added and that these declarations do not cover.
 */
const DECLARE_TYPES = `
  WITH declared AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::integer[]) AS declared (type, present)
  ), added AS (
    INSERT INTO event_type (type, schema_version) SELECT type, present FROM declared ORDER BY type
    ON CONFLICT DO NOTHING
  )
  SELECT known.type, known.schema_version
  FROM event_type AS known
  LEFT JOIN declared ON declared.type = known.type
  WHERE declared.type IS NULL OR known.schema_version > declared.present
  ORDER BY known.type, known.schema_version`;

/** The count of the events of a type ($1) and version ($2), up to $3, and one of their streams. */
const COUNT_EVENTS = `
  SELECT count(*) AS count, min(stream) AS stream
  FROM (SELECT stream FROM event WHERE type = $1 AND schema_version = $2 LIMIT $3::integer) AS found`;

/** The count reads the whole table if there are few such events, which may take minutes. */
const WITHOUT_TIMEOUT = 'SET LOCAL transaction_timeout = 0';

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
