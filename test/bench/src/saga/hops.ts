import { percentile, round } from '../numbers.ts';

/** The way of a message, as its record on the log tells it. Times are Unix milliseconds. */
export interface LoggedMessage {
  readonly id: string;
  readonly type: string;
  /** The id of the message that caused it. A message that a request caused has its own id here. */
  readonly causationId: string;
  /** When a handler wrote it into its transaction. */
  readonly writtenMs: number;
  /** When a relay gave it to the producer. */
  readonly publishedMs: number;
  /** Key, value and headers. */
  readonly bytes: number;
}

/** The messages of one type whose causes have one type. */
export interface Hop {
  /** Undefined if a request was the cause. */
  readonly from: string | undefined;
  readonly to: string;
  readonly count: number;
  /** From the cause's publication until the message was written: log, consumer and handler. */
  readonly handled: Spread | undefined;
  /** From there until its own publication: the rest of the transaction, and the relay. */
  readonly published: Spread;
}

/** Percentiles in milliseconds. */
export interface Spread {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

/** The hops of all messages, beginning with those that take longest in the median. */
export function hopsOf(messages: readonly LoggedMessage[]): readonly Hop[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const caused = [...byId.values()].map((message) => {
    const cause = message.causationId === message.id ? undefined : byId.get(message.causationId);
    return { message, cause };
  });
  const groups = Map.groupBy(caused, ({ message, cause }) => `${cause?.type} ${message.type}`);
  return [...groups.values()].map(hopOf).sort((one, other) => medianOf(other) - medianOf(one));
}

function hopOf(
  group: readonly { readonly message: LoggedMessage; readonly cause: LoggedMessage | undefined }[],
): Hop {
  const handled = group.flatMap(({ message, cause }) =>
    cause === undefined ? [] : [message.writtenMs - cause.publishedMs],
  );
  return {
    from: group[0]?.cause?.type,
    to: group[0]?.message.type ?? '',
    count: group.length,
    handled: handled.length === 0 ? undefined : spreadOf(handled),
    published: spreadOf(group.map(({ message }) => message.publishedMs - message.writtenMs)),
  };
}

const medianOf = ({ handled, published }: Hop): number => (handled?.p50 ?? 0) + published.p50;

function spreadOf(times: readonly number[]): Spread {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number) => round(percentile(sorted, share));
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}

const columns = ['message -> message that it causes', 'count', 'handled, ms', 'published, ms'] as const;

/** A table of the hops: p50, p90 and p99 of both parts of each. */
export function printedHops(hops: readonly Hop[]): string {
  const rows = hops.map(({ from, to, count, handled, published }) => [
    `${from ?? 'a request'} -> ${to}`,
    String(count),
    handled === undefined ? '' : printedSpread(handled),
    printedSpread(published),
  ]);
  const lines = [columns, ...rows].map(
    ([name = '', ...cells]) => `    ${name.padEnd(40)}${cells.map((cell) => cell.padStart(22)).join('')}`,
  );
  return ['  time of each hop, p50 / p90 / p99', ...lines].join('\n');
}

const printedSpread = ({ p50, p90, p99 }: Spread): string => `${p50} / ${p90} / ${p99}`;
