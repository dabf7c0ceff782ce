import type { Queryable, SqlRow } from '@millrace/streaming-core/postgres';

/**
 * The first $4 streams in the order of their names: from $1 on, after $2 and before $3. A row of
 * version 0 was locked and never written. The names have the collation "C", so the primary key
 * finds the range, and the key of the last event finds when each was written.
 */
export const LIST_STREAMS = `
  SELECT found.id, found.version,
         (SELECT recorded_at FROM event WHERE event.stream = found.id AND event.version = found.version) AS updated_at
  FROM (
    SELECT id, version
    FROM stream
    WHERE id >= $1::text AND id > $2::text AND ($3::text IS NULL OR id < $3::text) AND version > 0
    ORDER BY id
    LIMIT $4::integer
  ) AS found
  ORDER BY found.id`;

export interface StreamsQuery {
  /** What the names begin with. Empty for all streams. */
  readonly prefix: string;
  /** The streams after this name are listed. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface ListedStream {
  readonly stream: string;
  readonly version: bigint;
  /** When the last event was recorded. */
  readonly updatedAt: Date;
}

interface StreamRow extends SqlRow {
  readonly id: string;
  readonly version: string;
  readonly updated_at: Date;
}

/** Lists the streams whose names begin with a prefix, in the order of their names by code points. */
export async function listStreams(
  database: Queryable,
  { prefix, after = '', limit }: StreamsQuery,
): Promise<readonly ListedStream[]> {
  const { rows } = await database.query<StreamRow>(LIST_STREAMS, [prefix, after, endOf(prefix), limit]);
  return rows.map((row) => ({
    stream: row.id,
    version: BigInt(row.version),
    updatedAt: row.updated_at,
  }));
}

const lastCodePoint = 0x10_ffff;
const lastBeforeSurrogates = 0xd7ff;
const firstAfterSurrogates = 0xe000;

/**
 * Returns the first text after all that begin with the prefix, or null if there is none. The bytes of
 * UTF-8, by which "C" compares, have the order of code points.
 */
function endOf(prefix: string): string | null {
  const characters = Array.from(prefix);
  for (let character = characters.pop(); character !== undefined; character = characters.pop()) {
    const codePoint = character.codePointAt(0)!;
    if (codePoint === lastCodePoint) continue;
    const next = codePoint === lastBeforeSurrogates ? firstAfterSurrogates : codePoint + 1;
    return characters.join('') + String.fromCodePoint(next);
  }
  return null;
}
