import { beforeEach } from '@jest/globals';
import { minutes, seconds, type DurationMs } from '../../runtime/index.ts';
import type { ConsumerLimits } from './limits.ts';
import { until, type runtimeBench } from './runtime.bench.ts';
import { movableClock } from './movable-clock.fixture.ts';

type Bench = ReturnType<typeof runtimeBench>;
type Options = NonNullable<Parameters<Bench['runtime']>[1]>;

/** The columns of a `parked_message` row that the tests compare. */
export interface ParkedRow {
  readonly offset: number;
  readonly attempts: number;
  readonly error: string | null;
}

/** A handler that fails on request, and queries for parked messages. */
export function parkingBench(bench: Bench, limits: Partial<ConsumerLimits> = {}) {
  const failing = new Set<number>();
  const tried: number[] = [];
  let clock = movableClock();
  beforeEach(() => {
    clock = movableClock();
    failing.clear();
    tried.length = 0;
  });

  const handler = () =>
    bench.handler(async (number) => {
      tried.push(number);
      if (failing.has(number)) throw new Error(`${number} is not possible yet`);
    });

  /** A runtime that parks a message at its first failure and retries it every 5 seconds. */
  const parkingRuntime = (options: Options = {}, consumer = bench.member()) =>
    bench.runtime(consumer, {
      handlers: [handler()],
      clock,
      ...options,
      limits: {
        inPlaceMs: 0,
        parkedMs: minutes(1),
        parkedPauseMsMin: seconds(5),
        parkedPauseMsMax: seconds(5),
        ...limits,
        ...options.limits,
      },
    });
  async function started(options?: Options, consumer?: Parameters<Bench['runtime']>[0]) {
    const made = parkingRuntime(options, consumer);
    await made.start();
    return made;
  }

  return {
    parkingRuntime,
    started,
    advance: (spanMs: DurationMs) => clock.advance(spanMs),
    /** Parks message 1 at offset 0, and stops the runtime that parked it. */
    async parkedByPreviousOwner() {
      failing.add(1);
      bench.note(1);
      const previous = await started();
      await until(async () => (await bench.offset()) === '1');
      await previous.stop();
    },
    /** Lets every message succeed from now on, and waits for that number of effects. */
    async recoversWith(effects: number) {
      failing.clear();
      clock.advance(seconds(5));
      await until(async () => (await bench.effects()).length === effects);
    },
    /** The numbers of the messages that fail at the moment. */
    failing,
    /** The number of the message that each attempt was about, in order. */
    tried,
    handler,
    async parked(topic = 'notes'): Promise<readonly ParkedRow[]> {
      const { rows } = await bench.database.sql.query<{
        offset: string;
        attempts: number;
        error: string | null;
      }>(
        `SELECT record_offset AS offset, attempts_in_place + retries AS attempts, last_error AS error
         FROM parked_message WHERE consumer_group = $1 AND topic = $2 ORDER BY position`,
        [bench.group, topic],
      );
      return rows.map((row) => ({ ...row, offset: Number(row.offset) }));
    },
    offsetsParked: async () =>
      (
        await bench.database.sql.query<{ offset: string }>(
          'SELECT record_offset AS offset FROM parked_message WHERE consumer_group = $1 ORDER BY position',
          [bench.group],
        )
      ).rows.map(({ offset }) => Number(offset)),
  };
}
