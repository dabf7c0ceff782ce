import type { BatchingProducer, ProducerRecord } from '@millrace/streaming-core/client';
import { keysMax, partitions, restoredStore } from './workloads.ts';

const recordBytes = 100;
const wordsPerLine = 4;
const recordsPerSend = 2_000;
const sendsInFlight = 4;
const hourMs = 3_600_000;
/** Past, so that no broker refuses it, but so recent that no broker deletes it. Windows begin with hours. */
const firstMs = Math.floor(Date.now() / hourMs - 4) * hourMs;

/** The records of a topic, and the result that tells when all of them are processed. */
export interface Input {
  readonly topic: string;
  readonly records: number;
  record(index: number): Omit<ProducerRecord, 'topic'>;
}

/** Equal in every run, so that all of them process the same records. */
const keyNumber = (index: number, salt: number): number => {
  let hash = Math.imul(index + salt, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) % keysMax;
};

const wordLength = recordBytes / wordsPerLine - 1;
const wordOf = (number: number): string => `word${number}`.padEnd(wordLength, 'x');
const keyOf = (number: number): string => `key-${number}`;

/** As many words as there are records, in lines of four. */
const lines = (words: number): Input => ({
  topic: 'lines',
  records: Math.ceil(words / wordsPerLine),
  record: (index) => ({
    key: null,
    value: Array.from({ length: wordsPerLine }, (_each, place) =>
      wordOf(keyNumber(index * wordsPerLine + place, 1)),
    ).join(' '),
    partition: index % partitions,
    timestampMs: firstMs + index,
  }),
});

/** One record per millisecond with one of the keys. */
const keyed = (topic: string, records: number, salt: number): Input => ({
  topic,
  records,
  record(index) {
    const key = keyOf(keyNumber(index, salt));
    return {
      key,
      value: `${topic}-${index}-`.padEnd(recordBytes, 'x'),
      timestampMs: firstMs + index,
    };
  },
});

export const changelog = (applicationId: string, records: number): Input => ({
  ...keyed(`${applicationId}-${restoredStore}-changelog`, records, 0),
  record(index) {
    const key = `key-${String(index).padStart(12, '0')}`;
    return {
      key,
      value: ''.padEnd(recordBytes, String(index)),
      timestampMs: firstMs + index,
    };
  },
});

/** So far apart that the keys of one side do not repeat those of the other. */
const salts = { left: 100_000_000, right: 200_000_000 } as const;

/** The inputs of all workloads. The two sides of the join share the records. */
export const inputsOf = (records: number): readonly Input[] => [
  lines(records),
  keyed('events', records, 1),
  keyed('left', Math.ceil(records / 2), salts.left),
  keyed('right', Math.ceil(records / 2), salts.right),
];

/** The pairs of the join: equal keys with at most half a second between them. */
export function pairsOf(records: number): number {
  const perSide = Math.ceil(records / 2);
  const withinMs = 500;
  const times = Array.from({ length: keysMax }, (): number[] => []);
  for (let index = 0; index < perSide; index += 1) times[keyNumber(index, salts.right)]?.push(index);
  const first = Array.from({ length: keysMax }, () => 0);
  let pairs = 0;
  for (let index = 0; index < perSide; index += 1) {
    const key = keyNumber(index, salts.left);
    const others = times[key] ?? [];
    let from = first[key] ?? 0;
    while ((others[from] ?? Infinity) < index - withinMs) from += 1;
    first[key] = from;
    let to = from;
    while ((others[to] ?? Infinity) <= index + withinMs) to += 1;
    pairs += to - from;
  }
  return pairs;
}

export async function write(producer: BatchingProducer, { topic, records, record }: Input): Promise<void> {
  let next = 0;
  const sender = async () => {
    while (next < records) {
      const from = next;
      next = Math.min(records, from + recordsPerSend);
      await producer.send(
        Array.from({ length: next - from }, (_each, place) => ({ topic, ...record(from + place) })),
      );
    }
  };
  await Promise.all(Array.from({ length: sendsInFlight }, sender));
}
