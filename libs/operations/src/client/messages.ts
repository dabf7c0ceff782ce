import {
  isRetriableError,
  type FetchedRecord,
  type FetchPosition,
  type OpenLogReader,
  type PartitionOffset,
} from '@millrace/streaming-core/client';

export interface Reading {
  readonly from: readonly PartitionOffset[];
  /** The offset before which each partition ends, in the order of `from`. Absent for no end. */
  readonly to?: readonly PartitionOffset[];
  readonly signal: AbortSignal;
  /** Called with the offsets read so far and in all, unless there is no end. */
  readonly onProgress: (done: number, total: number) => void;
}

interface Position extends FetchPosition {
  readonly begin: bigint;
  readonly end: bigint | undefined;
}

/**
 * Yields the records of each partition in order, up to the ends or until the signal aborts. An
 * offset without a visible record, such as the marker of a transaction, counts as read.
 */
export async function* readMessages(
  reader: Pick<OpenLogReader, 'fetch'>,
  { from, to, signal, onProgress }: Reading,
): AsyncGenerator<FetchedRecord, void> {
  const all = from.map((at, index): Position => ({ ...at, begin: at.offset, end: to?.[index]?.offset }));
  const total = all.reduce((sum, { begin, end }) => sum + Number((end ?? begin) - begin), 0);
  let positions = all.filter(isOpen);
  while (positions.length > 0 && !signal.aborted) {
    const fetched = await untilAborted(reader.fetch(positions), signal);
    if (fetched === undefined) return;
    for (const [index, { records, error }] of fetched.entries()) {
      if (error !== undefined && !isRetriableError(error)) throw error;
      const end = positions[index]?.end;
      for (const record of records) if (end === undefined || record.offset < end) yield record;
    }
    positions = positions
      .map((position, index) => ({ ...position, offset: fetched[index]?.nextOffset ?? position.offset }))
      .filter(isOpen);
    if (to !== undefined) onProgress(total - remaining(positions), total);
  }
}

const isOpen = ({ offset, end }: Position): boolean => end === undefined || offset < end;

const remaining = (positions: readonly Position[]): number =>
  positions.reduce((sum, { offset, end }) => sum + Number((end ?? offset) - offset), 0);

/** Resolves to undefined once the signal aborts. */
async function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result | undefined> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<undefined>((resolve) => (stop = () => resolve(undefined)));
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
    work.catch(() => undefined); // closing the reader ends the fetch that nobody waits for
  }
}

/** A record with its headers and value decoded. */
export interface Message {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly key: string | null;
  /** The CloudEvents attributes without their prefix, such as `type`, `id` and `correlationid`. */
  readonly event: Readonly<Record<string, string>>;
  /** The other headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** The value: parsed if it is JSON, else its text, else its bytes in base64. */
  readonly value: unknown;
}

/** The prefix of the headers that are CloudEvents attributes. */
export const eventPrefix = 'ce_';

export function messageOf(record: FetchedRecord): Message {
  const headers = [...record.headers];
  const isEvent = (name: string) => name.startsWith(eventPrefix);
  return {
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    time: new Date(record.timestampMs).toISOString(),
    key: record.key === null ? null : textOf(record.key),
    event: Object.fromEntries(
      headers.flatMap(([name, value]) => (isEvent(name) ? [[name.slice(eventPrefix.length), value]] : [])),
    ),
    headers: Object.fromEntries(headers.filter(([name]) => !isEvent(name))),
    value: record.value === null ? null : contentOf(record.value),
  };
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function textOf(bytes: Buffer): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return `base64:${bytes.toString('base64')}`;
  }
}

function contentOf(bytes: Buffer): unknown {
  const text = textOf(bytes);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
