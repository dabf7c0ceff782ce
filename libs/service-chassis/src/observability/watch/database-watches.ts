import { externalCallFigures, type ExternalCallFigures } from '@millrace/streaming-core/external-calls';
import { outboxFigures, type OutboxFigures } from '@millrace/streaming-core/outbox';
import type { SqlDatabase, SqlRow } from '@millrace/streaming-core/postgres';
import type { Registry } from 'prom-client';
import { figureGauge, presentGauge } from '../metrics/metrics.ts';
import type { Watch } from './watcher.ts';

const leastMemory = `SELECT set_config('work_mem', '64kB', true)`;
/**
 * Spills 20,000 rows into a temporary file, so that PostgreSQL has to take new space on its disk. A
 * row that is updated would not do: it fits into a page that is there. Nothing is logged or kept.
 */
const takeSpace = `
  SELECT count(*) AS taken, pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean AS read_only
  FROM generate_series(1, 20000)`;

interface Probe extends SqlRow {
  readonly read_only: boolean;
}

interface WriteWatch {
  readonly watch: Watch;
  /** Why the database takes no writes, as the last look found; undefined if it takes them. */
  refusal(): string | undefined;
}

/** Watches whether a database that answers also takes writes. */
export function watchWrites({
  database,
  registry,
}: {
  readonly database: SqlDatabase;
  readonly registry: Registry;
}): WriteWatch {
  let refusal: string | undefined;
  presentGauge(
    registry,
    'millrace_database_unwritable',
    '1 while the database of the service answers but takes no writes (its disk is full, or it is read-only), else 0',
    () => (refusal === undefined ? 0 : 1),
  );
  return {
    refusal: () => refusal,
    watch: {
      name: 'writes to the database',
      async look() {
        refusal = await probe(database);
        const value = refusal === undefined ? 0 : 1;
        return [{ alarm: 'database_unwritable', value }];
      },
    },
  };
}

async function probe(database: SqlDatabase): Promise<string | undefined> {
  try {
    const { rows } = await database.transaction(async (transaction) => {
      await transaction.query(leastMemory);
      return transaction.query<Probe>(takeSpace);
    });
    return rows[0]?.read_only === true ? 'the database is read-only' : undefined;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return `the database takes no writes: ${error.message}`;
  }
}

/**
 * True for the classes 53 (such as `disk_full`) and 58 (such as `io_error`) of PostgreSQL's error
 * codes, but not for too many connections.
 */
const isRefusal = (error: unknown): error is Error & { readonly code: string } =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  /^5[38]...$/.test(error.code) &&
  error.code !== '53300';

/** The watches of outbox rows, and of external calls in the database of a service that makes some. */
export const backlogWatches = (
  registry: Registry,
  database: SqlDatabase,
  { callsOutside }: { readonly callsOutside: boolean },
): readonly Watch[] => [
  outboxWatch(registry, database),
  ...(callsOutside ? [externalCallWatch(registry, database)] : []),
];

/** Watches messages that wait to be published, whether or not a process holds the relay's lease. */
function outboxWatch(registry: Registry, database: SqlDatabase): Watch {
  let found: OutboxFigures | undefined;
  figureGauge(registry, {
    name: 'millrace_outbox_pending',
    help: 'Outbox rows that are not known to be published, counted up to 10000',
    labels: [],
    figures: () => (found === undefined ? [] : [{ labels: {}, value: found.pending }]),
  });
  return {
    name: 'outbox',
    async look() {
      found = await outboxFigures(database);
      return [{ alarm: 'outbox_age', value: found.oldestAgeMs / 1_000 }];
    },
  };
}

/** Watches external calls that have no result yet. */
function externalCallWatch(registry: Registry, database: SqlDatabase): Watch {
  let found: readonly ExternalCallFigures[] = [];
  const gauge = (name: string, help: string, valueOf: (figures: ExternalCallFigures) => number) =>
    figureGauge(registry, {
      name,
      help,
      labels: ['kind'],
      figures: () => found.map((figures) => ({ labels: { kind: figures.kind }, value: valueOf(figures) })),
    });
  gauge(
    'millrace_external_calls_pending',
    'External calls that have no result yet, by kind, counted up to 10000',
    ({ pending }) => pending,
  );
  gauge(
    'millrace_external_calls_oldest_age_seconds',
    'Age of the oldest external call that has no result yet, by kind',
    ({ oldestAgeMs }) => oldestAgeMs / 1_000,
  );
  return {
    name: 'external calls',
    async look() {
      found = await externalCallFigures(database);
      return found.map(({ kind, oldestAgeMs }) => ({
        alarm: 'external_call_age',
        place: { kind },
        value: oldestAgeMs / 1_000,
      }));
    },
  };
}
