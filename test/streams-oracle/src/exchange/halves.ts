import type { ProducerRecord } from '@millrace/streaming-core/client';

/** The topics that the topology reads, with their partitions. A repartitioned topic has one, so that its order is certain. */
export const inputTopics: Readonly<Record<string, number>> = {
  events: 2,
  lines: 1,
  left: 2,
  right: 2,
  one: 2,
  other: 2,
  times: 1,
};

const hourMs = 3_600_000;
/** Past, so that no broker refuses it, but so recent that no broker deletes it. Windows begin with hours. */
const firstMs = Math.floor(Date.now() / hourMs - 1) * hourMs;
const recordsPerHalf = 60;
const stepMs = 700;
const latenessMsMax = 8_000;
const keys = 5;

/** A number below `max` that looks random and is the same in every run. */
function pick(max: number, ...salts: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (const salt of salts) hash = Math.imul(hash ^ (salt + 1), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) % max;
}

/**
 * The records of the first or the second half of the input. One in four is late by up to eight
 * seconds, and windows, sessions and pairs span both halves. Times differ, so their order is certain.
 */
export const half = (number: 0 | 1): readonly ProducerRecord[] =>
  Object.keys(inputTopics).flatMap((topic, topicNumber) =>
    Array.from({ length: recordsPerHalf }, (_each, index): ProducerRecord => {
      const place = number * recordsPerHalf + index;
      const isLate = pick(4, topicNumber, place, 1) === 0;
      const lateMs = isLate ? pick(latenessMsMax / 10, topicNumber, place, 2) * 10 : 0;
      return {
        topic,
        key: `key-${pick(keys, topicNumber, place, 3)}`,
        value: valueOf(topic, place, pick(keys, topicNumber, place, 4)),
        timestampMs: firstMs + place * stepMs + topicNumber - lateMs,
      };
    }),
  );

function valueOf(topic: string, place: number, choice: number): string | null {
  if (topic === 'lines') return `word${choice} word${place % 3}`;
  if (topic === 'times') return `${place % recordsPerHalf < 2 ? '?' : ''}${place}`;
  const isTable = topic === 'one' || topic === 'other';
  return isTable && choice === 0 ? null : `${topic}${place}`;
}

/** Records far in the future, of every key and so in every partition, which close every window. */
export const closing = (): readonly ProducerRecord[] =>
  ['events', 'left'].flatMap((topic) =>
    Array.from({ length: keys }, (_each, key) => ({
      topic,
      key: `key-${key}`,
      value: 'end',
      timestampMs: firstMs + 10 * recordsPerHalf * stepMs + key,
    })),
  );
