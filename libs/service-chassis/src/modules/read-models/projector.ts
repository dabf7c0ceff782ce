import type { MessageHandler, ConsumerRuntime, PartitionStatus } from '@millrace/streaming-core/consumer';
import { pause, seconds, systemClock, type Logger } from '@millrace/streaming-core/runtime';
import { pendingMigrations, type MigrationFolder, type SqlDatabase } from '@millrace/streaming-core/postgres';
import type { CheckResult } from '../../observability/health/health.ts';
import type { Component } from '../../ground/lifecycle/lifecycle.ts';
import { topicsOf, type MessageBus } from '../messaging/message-bus.ts';
import { claimClusterOf, waitForTopics } from '../messaging/required-topics.ts';
import { consumerHealth } from '../messaging/consumer-health.ts';
import { checkTables, lostOffsets, type CheckedTable } from '@millrace/read-models';

export interface ProjectorOptions {
  /**
   * The message bus of the projector's group. If the database is separate, its relay publishes the
   * dead letters from there.
   */
  readonly bus: MessageBus;
  readonly group: string;
  readonly database: SqlDatabase;
  /**
   * Whether the read models have a separate database. If so, the projector must wait for its tables
   * and relay its outbox.
   */
  readonly separate: boolean;
  readonly migrations: readonly MigrationFolder[];
  /** The tables that the handlers maintain. */
  readonly tables: readonly CheckedTable[];
  readonly handlers: readonly MessageHandler[];
  readonly logger: Logger;
}

export interface Projector extends Omit<Component, 'name'> {
  status(): CheckResult;
  /** The partitions from which this process feeds its read models. */
  partitions(): readonly PartitionStatus[];
}

/** A projector is in this state for a moment after each start, which is no fault. */
const joining = 'joining the group';

/**
 * Feeds the read models from the topics. It starts in the background and waits there for its
 * database, its tables and the topics, so that the rest of the process works without them.
 */
export function createProjector(options: ProjectorOptions): Projector {
  const { bus, group, database, separate, handlers, logger } = options;
  const offsets = lostOffsets({ database, group, logger });
  const stopping = new AbortController();
  let runtime: ConsumerRuntime | undefined;
  let starting: Promise<void> | undefined;
  let state = 'stopped';

  async function run(): Promise<void> {
    state = 'waiting for the read database';
    if (separate) await waitForTables(options, stopping.signal);
    if (stopping.signal.aborted) return;
    await checkTables(database, options.tables);
    state = 'waiting for the topics';
    const topics = await waitForTopics({
      topics: topicsOf(handlers),
      describe: bus.describeTopics,
      logger,
      signal: stopping.signal,
    });
    if (topics === undefined) return;
    await claimClusterOf(topics, database);
    if (separate) bus.relay.start();
    runtime = bus.createRuntime(handlers);
    runtime.addOwnershipListener(offsets);
    state = joining;
    await runtime.start();
    offsets.start();
    state = 'running';
  }

  return {
    start() {
      starting = run().catch((err: unknown) => {
        state = `failed: ${err instanceof Error ? err.message : String(err)}`;
        if (!stopping.signal.aborted) logger.error({ err }, 'the projector cannot start');
      });
    },
    async stop() {
      stopping.abort();
      await runtime?.stop();
      await starting;
      await offsets.stop();
      if (separate) await bus.relay.stop();
      await bus.close();
    },
    partitions: () => runtime?.status() ?? [],
    status() {
      const { works, details } = consumerHealth(runtime);
      return {
        healthy: state === 'running' && works,
        degraded: !works || (state !== 'running' && state !== joining),
        details: { state, ...details },
      };
    },
  };
}

/**
 * Waits without a limit for the database and the setup step. Logs that immediately, and again at
 * intervals.
 */
async function waitForTables(
  { database, migrations, logger }: ProjectorOptions,
  signal: AbortSignal,
): Promise<void> {
  let remindAt = systemClock.monotonic();
  while (!signal.aborted) {
    const found = await missingTables(database, migrations).catch((err: unknown) => ({ err }));
    if (Array.isArray(found) && found.length === 0) return;
    if (systemClock.monotonic() >= remindAt) {
      remindAt = systemClock.monotonic() + seconds(30);
      if (Array.isArray(found))
        logger.warn(
          { missing: found },
          'waiting for the setup step to apply migrations to the read database',
        );
      else logger.warn(found, 'waiting for the read database');
    }
    await pause(systemClock, 500, signal);
  }
}

const missingTables = async (
  database: SqlDatabase,
  folders: readonly MigrationFolder[],
): Promise<readonly string[]> =>
  (await pendingMigrations(database, folders)).map(({ library, name }) => `${library}/${name}`);
