import { createPolling, type Clock, type Finding, type Logger } from '@millrace/streaming-core/runtime';
import type { Holder } from '@millrace/streaming-core/personal';
import { type SqlDatabase, type SqlTransaction } from '@millrace/streaming-core/postgres';
import {
  createAsyncProjection,
  type RunningProjection,
  projectionProgress,
  type ProjectionProgress,
} from './async-projection.ts';
import { EventStoreError } from './errors.ts';
import type { EventCatalog } from './event-versions.ts';
import { LOCK_REVISION, PAUSE, RESUME } from './postgres/async-projection.sql.ts';
import { BEGIN_CHECKPOINT, DELETE_CHECKPOINTS } from './postgres/shadow-tables.sql.ts';
import { createShadows, dropShadows, intoShadows, swapIn } from './postgres/shadow-tables.ts';
import type { RebuildableProjection } from './projection.ts';

export interface RebuildsOptions {
  readonly database: SqlDatabase;
  /**
   * The database in which callers begin, pause, resume or cancel, so that this can be part of their
   * transaction. The default is `database`.
   */
  readonly callersDatabase?: SqlDatabase;
  readonly projections: readonly RebuildableProjection[];
  readonly catalog: EventCatalog;
  /** The holder of the event store. */
  readonly holder?: Holder;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Rebuilds the read models of inline projections while these stay in use. */
export interface Rebuilds {
  /** The projections that can be rebuilt. */
  readonly names: readonly string[];
  /** Works on the rebuilds that any process has begun, and continues those that a process has left. */
  start(): void;
  stop(): Promise<void>;
  /**
   * Begins a rebuild, which a process that has started works on. The new tables are filled from the
   * first event on, beside the live ones. Once all events are in them, they replace the live ones in
   * one transaction; only for that moment do appends wait. Rejects with `rebuild_running`, or with
   * `rebuild_not_possible` for an unknown projection or table.
   */
  begin(projection: string): Promise<void>;
  /**
   * Rejects, as `resume` and `cancel` do, with `rebuild_unknown` if nothing is being rebuilt, and with
   * `rebuild_moved` if the rebuild no longer has the revision that the caller has seen. No rebuild has
   * the revision 0, so a caller that has seen none passes that.
   */
  pause(projection: string, seen?: bigint): Promise<void>;
  resume(projection: string, seen?: bigint): Promise<void>;
  /** Ends the rebuild, and leaves the live tables as they are. */
  cancel(projection: string, seen?: bigint): Promise<void>;
  /** Returns the rebuilds that have not ended, under the names of their projections. */
  progress(): Promise<readonly ProjectionProgress[]>;
}

const batchSizeMax = 2_000;
/** A process learns this late of a rebuild that another one has begun. */
const lookMsMax = 15_000;

/**
 * Creates the rebuilds of these projections. Nothing runs before `start`. A rebuild that another
 * process has begun is noticed within 15 seconds.
 */
export function createRebuilds({
  database,
  callersDatabase = database,
  projections,
  catalog,
  holder,
  clock,
  logger,
}: RebuildsOptions): Rebuilds {
  const names = projections.map(({ name }) => name);
  const running = new Map<RebuildableProjection, RunningProjection>();
  const polling = createPolling(look, { clock, logger, name: 'rebuilds', idleMsMax: lookMsMax });

  /** Starts the rebuilds that were begun, and stops those that have ended. */
  async function look(): Promise<Finding> {
    const begun = await progressIn(database);
    for (const projection of projections) {
      const isBegun = begun.some(
        ({ projection: name, version }) => name === projection.name && version === projection.version,
      );
      const worker = running.get(projection);
      if (isBegun && worker === undefined) running.set(projection, startWorker(projection));
      if (!isBegun && worker !== undefined) {
        running.delete(projection);
        await worker.stop();
      }
    }
    return 'nothing';
  }

  function startWorker(projection: RebuildableProjection): RunningProjection {
    const intoShadow = intoShadows(projection, rebuildOf(projection.name), batchSizeMax);
    const worker = createAsyncProjection({
      database,
      projection: intoShadow,
      catalog,
      holder,
      clock,
      logger,
      begins: 'when begun',
      async onCaughtUp() {
        const swapped = await swapIn(database, projection, { intoShadow, catalog, holder });
        if (swapped)
          logger.info({ projection: projection.name }, 'a rebuilt read model has replaced the live one');
      },
    });
    worker.start();
    return worker;
  }

  /** Looks once the transaction has committed, which may be the caller's and end much later. */
  const lookAfter = (transaction: SqlTransaction): void =>
    void transaction.onEnd((committed) => committed && polling.notify());

  const named = (name: string): RebuildableProjection => {
    const projection = projections.find((candidate) => candidate.name === name);
    if (projection !== undefined) return projection;
    const known = names.join(', ') || 'none';
    throw new EventStoreError(
      'rebuild_not_possible',
      `there is no projection ${name} that is written with the events: name one of these: ${known}`,
    );
  };

  const change = (
    projection: RebuildableProjection,
    statement: string,
    seen: bigint | undefined,
  ): Promise<void> =>
    callersDatabase.transaction(async (transaction) => {
      await assertRevision(transaction, projection.name, seen);
      const { rowCount } = await transaction.query(statement, [
        rebuildOf(projection.name),
        projection.version,
      ]);
      if (rowCount === 0) throw unknown(projection.name);
    });

  async function progressIn(reading: SqlDatabase): Promise<readonly ProjectionProgress[]> {
    const found = await projectionProgress(reading, names.map(rebuildOf), new Date(clock.now()));
    return found.map((each) => ({ ...each, projection: each.projection.slice(rebuildPrefix.length) }));
  }

  return {
    names,
    start: () => polling.start(),
    async stop() {
      await polling.stop();
      await Promise.all([...running.values()].map((worker) => worker.stop()));
      running.clear();
    },
    async begin(name) {
      await callersDatabase.transaction((transaction) => {
        lookAfter(transaction);
        return beginRebuild(transaction, named(name));
      });
    },
    pause: async (name, seen) => change(named(name), PAUSE, seen),
    resume: async (name, seen) => change(named(name), RESUME, seen),
    async cancel(name, seen) {
      await callersDatabase.transaction(async (transaction) => {
        lookAfter(transaction);
        const projection = named(name);
        await assertRevision(transaction, name, seen);
        const { rowCount } = await transaction.query(DELETE_CHECKPOINTS, [rebuildOf(name)]);
        if (rowCount === 0) throw unknown(name);
        await dropShadows(transaction, projection);
      });
    },
    progress: () => progressIn(callersDatabase),
  };
}

const rebuildPrefix = 'rebuild of ';
const rebuildOf = (name: string): string => `${rebuildPrefix}${name}`;

async function beginRebuild(transaction: SqlTransaction, projection: RebuildableProjection): Promise<void> {
  const { name, version } = projection;
  const { rowCount } = await transaction.query(BEGIN_CHECKPOINT, [rebuildOf(name), version]);
  if (rowCount === 0)
    throw new EventStoreError(
      'rebuild_running',
      `projection ${name} is already being rebuilt: wait for its end, or cancel it`,
    );
  await createShadows(transaction, projection);
}

async function assertRevision(
  transaction: SqlTransaction,
  name: string,
  seen: bigint | undefined,
): Promise<void> {
  if (seen === undefined) return;
  const { rows } = await transaction.query<{ revision: string }>(LOCK_REVISION, [rebuildOf(name)]);
  const [found] = rows;
  if (found !== undefined && BigInt(found.revision) !== seen)
    throw new EventStoreError(
      'rebuild_moved',
      `the rebuild of ${name} has revision ${found.revision} and not ${seen}: look at it again`,
    );
}

const unknown = (name: string): EventStoreError =>
  new EventStoreError('rebuild_unknown', `projection ${name} is not being rebuilt: begin a rebuild first`);
