import type { runtimeBench } from '../runtime.bench.ts';

/** A row of `parked_message`, in short. */
export interface ParkedRow {
  readonly offset: number;
  readonly attempts: number;
  readonly error: string | null;
}

/** What the tests of parked messages look at, and how their handler fails. */
export function parkingBench(bench: ReturnType<typeof runtimeBench>) {
  const failing = new Set<number>();
  const tried: number[] = [];

  return {
    /** Numbers of messages that fail now. */
    failing,
    /** Every attempt, by the number of its message. */
    tried,
    reset() {
      failing.clear();
      tried.length = 0;
    },
    handler: () =>
      bench.handler(async (number) => {
        tried.push(number);
        if (failing.has(number)) throw new Error(`${number} is not possible yet`);
      }),
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
