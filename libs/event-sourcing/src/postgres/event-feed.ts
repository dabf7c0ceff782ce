import { createPrefixReader, type PositionedRow, type SqlDatabase } from '@millrace/streaming-core/postgres';
import type { RecordedEvent } from '../event-store.ts';
import { scannedEventsMax } from '../limits.ts';
import type { PostgresEventStore } from './postgres-event-store.ts';
import { presentUnopened, toRecordedEvent, type EventRow } from './stored-event.ts';

/**
 * The events after a position ($1), without gaps, as the prefix reader requires: at most $5 of them,
 * and at most $4 that match a type ($2) and a stream ($3). Null matches all. Only those that match
 * come with their contents.
 */
const READ_FEED = `
  SELECT position, matches,
         CASE WHEN matches THEN id END AS id,
         CASE WHEN matches THEN stream END AS stream,
         CASE WHEN matches THEN version END AS version,
         CASE WHEN matches THEN type END AS type,
         CASE WHEN matches THEN schema_version END AS schema_version,
         CASE WHEN matches THEN data END AS data,
         CASE WHEN matches THEN personal END AS personal,
         CASE WHEN matches THEN metadata END AS metadata,
         CASE WHEN matches THEN recorded_at END AS recorded_at
  FROM (
    SELECT scanned.*, count(*) FILTER (WHERE matches) OVER (ORDER BY position) AS matched
    FROM (
      SELECT event.*, ($2::text IS NULL OR type = $2) AND ($3::text IS NULL OR stream = $3) AS matches
      FROM event
      WHERE position > $1::bigint
      ORDER BY position
      LIMIT $5::integer
    ) AS scanned
  ) AS counted
  WHERE matched <= $4::integer
  ORDER BY position`;

const READ_POSITIONS =
  'SELECT position FROM event WHERE position > $1::bigint ORDER BY position LIMIT $2::integer';

const READ_LAST_POSITION = 'SELECT coalesce(max(position), 0) AS position FROM event';

export interface FeedQuery {
  /** The events after this position are read. 0 is the beginning. */
  readonly after: bigint;
  readonly type?: string | undefined;
  readonly stream?: string | undefined;
  readonly limit: number;
}

interface FedEvent {
  readonly position: bigint;
  readonly recorded: RecordedEvent;
}

export interface FeedPage {
  readonly items: readonly FedEvent[];
  /** The position up to which events were searched. The next page begins after it. */
  readonly position: bigint;
  /**
   * Whether every event was read that can be read now. Later ones follow when they are recorded, or
   * when a transaction ends that may have recorded one at the next position.
   */
  readonly caughtUp: boolean;
}

/** Reads the events of all streams in the order of their positions. */
export interface EventFeed {
  /**
   * Searches at most `scannedEventsMax` events, so that a filter that matches little still answers. A
   * reader that goes on from the position of each page misses no event, however late its transaction
   * commits.
   */
  read(query: FeedQuery): Promise<FeedPage>;
  /**
   * Returns the position from which a reader gets what is recorded from now on. While a transaction
   * may still record an event at a lower position than others, it returns the position before. It
   * looks for such a transaction among the last `scannedEventsMax` positions.
   */
  end(): Promise<bigint>;
}

type Row = PositionedRow & EventRow & { readonly stream: string; readonly matches: boolean };

export interface EventFeedOptions {
  /** The primary, because a standby assigns no transaction ids. */
  readonly database: SqlDatabase;
  readonly store: PostgresEventStore;
}

/**
 * Reads without personal data. Keep one feed for all readers of a process: it passes a gap that a
 * rollback left once the transactions have ended that ran when any reader first met it.
 */
export function createEventFeed({ database, store }: EventFeedOptions): EventFeed {
  const events = createPrefixReader<Row>({ database, statement: READ_FEED });
  const positions = createPrefixReader<PositionedRow>({ database, statement: READ_POSITIONS });

  const present = (rows: readonly Row[]): readonly FedEvent[] => {
    const matching = rows.filter(({ matches }) => matches);
    const stored = matching.map((row) => toRecordedEvent(row.stream, row));
    return presentUnopened(stored, store.settings).map((recorded, index) => ({
      recorded,
      position: BigInt(matching[index]!.position),
    }));
  };

  return {
    async read({ after, type = null, stream = null, limit }) {
      const isFiltered = type !== null || stream !== null;
      const items: FedEvent[] = [];
      let position = after;
      let scanned = 0;
      while (items.length < limit && scanned < scannedEventsMax) {
        const wanted = limit - items.length;
        const left = scannedEventsMax - scanned;
        const rows = await events.read(
          position,
          type,
          stream,
          wanted,
          isFiltered ? left : Math.min(wanted, left),
        );
        const last = rows.at(-1);
        if (last === undefined) return { items, position, caughtUp: true };
        items.push(...present(rows));
        position = BigInt(last.position);
        scanned += rows.length;
      }
      return { items, position, caughtUp: false };
    },
    async end() {
      const { rows } = await database.query<PositionedRow>(READ_LAST_POSITION);
      const last = BigInt(rows[0]?.position ?? 0);
      let position = last > scannedEventsMax ? last - BigInt(scannedEventsMax) : 0n;
      while (position < last) {
        const next = (await positions.read(position, scannedEventsMax)).at(-1);
        if (next === undefined) break;
        position = BigInt(next.position);
      }
      return position;
    },
  };
}
