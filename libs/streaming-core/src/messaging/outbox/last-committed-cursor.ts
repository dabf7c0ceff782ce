import { ClientError, type GroupConsumer, type LagReader, type TopicPartition } from '../../client/index.ts';
import type { Clock, DurationMs } from '../../runtime/index.ts';
import { readMark, type PublishedMark } from './published-mark.ts';

export interface CursorReading {
  readonly at: TopicPartition;
  /** Answers with ends that include open transactions. */
  readonly ends: Pick<LagReader, 'identify' | 'beginningOffsets' | 'endOffsets'>;
  /** Reads with `read_committed`. */
  readonly reader: Pick<GroupConsumer, 'identify' | 'fetch'>;
  readonly clock: Clock;
  readonly timeoutMs: DurationMs;
}

/** The number of offsets to read at first. Compaction may not have run for a long time. */
const firstWindow = 1_000n;
const windowGrowth = 10n;

/**
 * Reads the last committed cursor in the partition. The caller has fenced its earlier producers, so
 * none of them commits another one.
 *
 * The end counts open transactions. The last stable offset would not do: with a foreign transaction
 * open in the partition, it lies before the cursor's records that have been committed since.
 */
export async function lastCommittedCursor(reading: CursorReading): Promise<PublishedMark | undefined> {
  const { at, ends, reader, clock, timeoutMs } = reading;
  const deadline = clock.monotonic() + timeoutMs;
  await Promise.all([ends.identify([at.topic]), reader.identify([at.topic])]);
  const [begin] = await ends.beginningOffsets([at]);
  const [end] = await ends.endOffsets([at]);
  if (begin === undefined || end === undefined) return undefined;
  for (let window = firstWindow; ; window *= windowGrowth) {
    const from = end.offset - window > begin.offset ? end.offset - window : begin.offset;
    const cursor = await lastBetween(reading, from, end.offset, deadline);
    if (cursor !== undefined || from === begin.offset) return cursor;
  }
}

async function lastBetween(
  { at, reader, clock, timeoutMs }: CursorReading,
  from: bigint,
  end: bigint,
  deadline: number,
): Promise<PublishedMark | undefined> {
  let last: PublishedMark | undefined;
  for (let offset = from; offset < end;) {
    const [fetched] = await reader.fetch([{ ...at, offset }]);
    if (fetched?.error) throw fetched.error;
    for (const { value } of fetched?.records ?? [])
      last = readMark(value === null ? null : value.toString()) ?? last;
    if (fetched === undefined || (fetched.nextOffset === offset && clock.monotonic() >= deadline))
      throw new ClientError(
        'timeout',
        `the relay's cursor in ${at.topic} cannot be read to its end: a foreign transaction is open ` +
          `at offset ${offset} for longer than ${timeoutMs} ms; end it with kafka-transactions.sh abort`,
      );
    offset = fetched.nextOffset;
  }
  return last;
}
