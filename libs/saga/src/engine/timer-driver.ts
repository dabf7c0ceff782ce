import { FencedError, type OwnershipListener } from '@millrace/streaming-core/consumer';
import { type Clock, Doorbell, type Logger, RetryLog, seconds } from '@millrace/streaming-core/runtime';
import type { SqlDatabase, SqlTransaction } from '@millrace/streaming-core/postgres';
import { MOVE_DUE_TIMERS, POSTPONE_TIMERS, TIMERS_DUE, TIMERS_UNTIL } from '../postgres/saga.sql.ts';
import { timerColumns, type FoundTimer } from '../postgres/saga-rows.ts';
import { holdPartitions, inTransaction, mayFire, type HeldPartition } from './held-partitions.ts';
import type { Held, Holds } from './holds.ts';
import type { TimerSettings } from './options.ts';
import { isWithoutKeys } from '../errors.ts';

export interface TimerDriverOptions {
  readonly database: SqlDatabase;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: TimerSettings;
  /** The start topics, each with every topic whose messages its timers wait for. */
  readonly topicsByStart: ReadonlyMap<string, readonly string[]>;
  readonly holds: Pick<Holds, 'current'>;
  /**
   * Fires timers in a transaction that holds the partition's epoch-checked offset row. It stops as
   * soon as `mayGoOn` returns false.
   */
  fire(transaction: SqlTransaction, timers: readonly FoundTimer[], mayGoOn: () => boolean): Promise<void>;
}

export interface TimerDriver {
  readonly ownership: OwnershipListener;
  start(): void;
  stop(): Promise<void>;
}

/** The longest pause after something failed. */
const retryMsMax = seconds(1);

/**
 * Fires due timers of the partitions that this process owns, those of sagas and those of timed
 * processes. It first moves the due timers of a disrupted partition. A timer fires only once
 * everything that was on the topics of its start topic's sagas and processes when it came due has
 * been handled, so that waiting replies win. A timer whose saga or process has a parked message is
 * postponed: its reply may be that message, or may wait behind it.
 */
export function timerDriver({
  database,
  clock,
  logger,
  settings,
  topicsByStart,
  holds,
  fire,
}: TimerDriverOptions): TimerDriver {
  const { ownership, all } = holdPartitions(new Set(topicsByStart.keys()), settleOrReport);
  const doorbell = new Doorbell(clock);
  const retryMs = Math.min(retryMsMax, settings.timerPollMsMax);
  const reads = new RetryLog({ clock, logger });
  const fires = new RetryLog({ clock, logger });
  const moves = new RetryLog({ clock, logger });
  let heldBefore: Held = { definitions: new Set(), topics: new Set() };
  let running: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;

  return {
    ownership: {
      ...ownership,
      onOwned(owned) {
        ownership.onOwned?.(owned);
        doorbell.ring();
      },
      async onDisrupted(owned) {
        await ownership.onDisrupted?.(owned);
        doorbell.ring(); // a poll tries again if this has failed
      },
    },
    start() {
      if (running !== undefined) return;
      const stop = new AbortController();
      running = { stop, ended: run(stop.signal) };
    },
    async stop() {
      running?.stop.abort();
      doorbell.ring();
      await running?.ended;
      running = undefined;
    },
  };

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const waitMs = await poll(signal).catch((error: unknown) => {
        reads.failed(error, 'saga timers could not be read; retrying');
        return retryMs;
      });
      if (!signal.aborted) await doorbell.sleep(waitMs);
    }
  }

  /** Polls the timers of all held partitions once. Returns the time until the next poll. */
  async function poll(signal: AbortSignal): Promise<number> {
    // What came due while it was held back gets its time again, as after an outage.
    const heldNow = await holds.current(database);
    if (isReleased(heldBefore, heldNow)) for (const held of all()) held.disruptions++;
    heldBefore = heldNow;
    for (const held of all()) if (!mayFire(held)) await settleOrReport(held);
    const ready = all().filter(mayFire);
    const unsettled = ready.length < all().length;
    if (ready.length === 0) return unsettled ? retryMs : settings.timerPollMsMax;
    const now = clock.now();
    const found = await timersUntil(ready, now + settings.timerPollMsMax, heldNow);
    reads.recovered('saga timers can be read again');
    const isDue = ({ due_at }: FoundTimer) => due_at.getTime() <= now;
    let more = false;
    let failed = false;
    let waiting = false;
    for (const held of ready) {
      const due = found.filter((timer) => belongs(timer, held) && isDue(timer));
      const fired = due.length === 0 ? 'all' : await fireAll(held, due, signal);
      more ||= fired === 'all' && due.length === settings.timerBatchMax;
      failed ||= fired === 'failed';
      waiting ||= fired === 'some';
    }
    if (!failed) fires.recovered('saga timers fire again');
    const next = found.find((timer) => !isDue(timer));
    const waitMs = more ? 0 : (next?.due_at.getTime() ?? Infinity) - clock.now();
    const idleMsMax = failed || unsettled ? retryMs : settings.timerPollMsMax;
    const waitMsMax = waiting ? settings.catchUpPollMs : idleMsMax;
    return Math.min(Math.max(waitMs, settings.timerPollMsMin), waitMsMax);
  }

  async function timersUntil(
    ready: readonly HeldPartition[],
    moment: number,
    { definitions, topics }: Held,
  ): Promise<readonly FoundTimer[]> {
    const owned = ready.map((held) => held.owned);
    const values = [
      owned.map(({ topic }) => topic),
      owned.map(({ partition }) => partition),
      new Date(moment),
      settings.timerBatchMax,
      [...definitions],
      [...topics],
    ];
    return (await database.query<FoundTimer>(TIMERS_UNTIL, values)).rows;
  }

  /**
   * Fires the due timers of one partition, and returns whether it tried all of them. A failure
   * affects only this partition.
   */
  async function fireAll(
    held: HeldPartition,
    due: readonly FoundTimer[],
    signal: AbortSignal,
  ): Promise<'all' | 'some' | 'failed'> {
    const { topic, partition } = held.owned;
    try {
      if (!mayFire(held)) return 'some';
      const topics = topicsByStart.get(topic) ?? [];
      const caughtUpTo = await held.owned.caughtUpTo(topics);
      const overtakesNothing = due.filter(({ due_at }) => due_at.getTime() <= caughtUpTo);
      // This query comes last, because everything that was on the log when these timers came due
      // has been handled or parked by now.
      const blocked = await held.owned.parkedAmong(topics, idsOf(overtakesNothing));
      const isBlocked = ({ saga_id }: FoundTimer) => blocked.has(saga_id);
      await postpone(held, overtakesNothing.filter(isBlocked));
      const ready = overtakesNothing.filter((timer) => !isBlocked(timer));
      for (let from = 0; from < ready.length; from += settings.timersPerTransactionMax) {
        if (!mayFire(held) || signal.aborted) return 'some';
        await fireTogether(held, ready.slice(from, from + settings.timersPerTransactionMax));
      }
      return overtakesNothing.length === due.length ? 'all' : 'some';
    } catch (error) {
      fires.failed(error, 'saga timers of a partition could not fire; retrying', { topic, partition });
      return 'failed';
    }
  }

  /**
   * Fires several timers in one transaction. Each transaction waits for the current batch of the
   * partition, so with one transaction each, timers under load would fire more slowly than they
   * come due. If one of them fails, each is retried in its own transaction, unless all would fail:
   * without keys, each after the same long wait, with the partition's offset row locked.
   */
  async function fireTogether(held: HeldPartition, timers: readonly FoundTimer[]): Promise<void> {
    const [timer, ...others] = timers;
    if (timer === undefined) return;
    if (others.length === 0) return fireAlone(held, timer);
    try {
      await inTransaction(held, (transaction) => fire(transaction, timers, () => mayFire(held)));
    } catch (error) {
      if (error instanceof FencedError || isWithoutKeys(error)) throw error;
      for (const each of timers) if (mayFire(held)) await fireAlone(held, each);
    }
  }

  async function fireAlone(held: HeldPartition, timer: FoundTimer): Promise<void> {
    try {
      await inTransaction(held, (transaction) => fire(transaction, [timer], () => mayFire(held)));
    } catch (error) {
      if (error instanceof FencedError || isWithoutKeys(error)) throw error;
      const { definition, saga_id: sagaId, step } = timer;
      await postpone(held, [timer]);
      logger.error({ err: error, definition, sagaId, step }, 'a saga timer failed and was postponed');
    }
  }

  async function postpone(held: HeldPartition, timers: readonly FoundTimer[]): Promise<void> {
    if (timers.length === 0) return;
    const values = [...timerColumns(timers), new Date(clock.now() + settings.timerRetryDelayMs)];
    await inTransaction(held, (transaction) => transaction.query(POSTPONE_TIMERS, values));
  }

  /**
   * Settles a partition, and logs an error instead of passing it to the runtime. Until this has
   * succeeded, the partition stays disrupted, and every poll tries again.
   */
  async function settleOrReport(held: HeldPartition): Promise<void> {
    const { topic, partition } = held.owned;
    await settle(held).then(
      () => moves.recovered('saga timers can be moved again'),
      (error: unknown) =>
        moves.failed(error, 'saga timers could not be moved; retrying', { topic, partition }),
    );
  }

  async function settle(held: HeldPartition): Promise<void> {
    const { disruptions } = held;
    if (held.lost || held.settled === disruptions) return;
    const { topic, partition } = held.owned;
    const values = [topic, partition, new Date(clock.now())];
    const left = await inTransaction(held, async (transaction) => {
      const { rowCount } = await transaction.query(MOVE_DUE_TIMERS, values);
      if (rowCount > 0)
        logger.info(
          { topic, partition, timers: rowCount },
          'saga timers that fell due during a disruption were moved',
        );
      return (await transaction.query<{ due: number }>(TIMERS_DUE, values)).rows[0]?.due ?? 0;
    });
    if (left === 0) held.settled = Math.max(held.settled, disruptions);
  }
}

const isReleased = (before: Held, now: Held): boolean =>
  [...before.definitions].some((name) => !now.definitions.has(name)) ||
  [...before.topics].some((name) => !now.topics.has(name));

const idsOf = (timers: readonly FoundTimer[]): readonly string[] => [
  ...new Set(timers.map(({ saga_id }) => saga_id)),
];

const belongs = (timer: FoundTimer, { owned }: HeldPartition): boolean =>
  timer.start_topic === owned.topic && timer.partition === owned.partition;
