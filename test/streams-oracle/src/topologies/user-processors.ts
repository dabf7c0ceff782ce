import type { KeyValueStore, Processor, ProcessorContext, PunctuationType } from '@millrace/streams';
import { tail, type Text } from './topology-case.ts';

/** Collects the values of each key, and every ten seconds forwards and forgets them. */
export function summedUp(
  type: PunctuationType,
  store: string,
  checked: (value: string) => string = (value) => value,
): Processor<Text, Text, string, string> {
  let context: ProcessorContext<string, string>;
  let sums: KeyValueStore<string, string>;
  return {
    init(started) {
      context = started;
      sums = started.store(store);
      started.schedule(10_000, type, forwardAll);
    },
    process({ key, value, timestampMs, headers }) {
      if (key === null) return;
      sums.put(key, tail((sums.get(key) ?? '') + String(value)));
      if (value === 'now!')
        context.forward({ key, value: `now at ${context.streamTimeMs}`, timestampMs, headers });
    },
  };

  function forwardAll(nowMs: number): void {
    for (const { key, value } of [...sums.all()]) {
      context.forward({ key, value: `${checked(value)}@${nowMs}`, timestampMs: nowMs, headers: [] });
      sums.delete(key);
    }
  }
}

/** Forwards each value twice: as it is, and with the one before of its key. */
export function withLast(store: string): Processor<Text, Text, Text, Text> {
  let context: ProcessorContext<Text, Text>;
  let last: KeyValueStore<string, string>;
  return {
    init(started) {
      context = started;
      last = started.store(store);
    },
    process(record) {
      const { key, value, timestampMs, headers } = record;
      context.forward(record);
      if (key === null) return;
      context.forward({ key, value: `${last.get(key)}>${value}`, timestampMs, headers });
      last.put(key, value);
    },
  };
}

/** Adds a header that says where the record comes from. */
export function withOrigin(): Processor<Text, Text, Text, Text> {
  let context: ProcessorContext<Text, Text>;
  return {
    init(started) {
      context = started;
    },
    process({ key, value, timestampMs, headers }) {
      const { topic, partition, offset } = context.recordMetadata!;
      const origin = { name: 'origin', value: Buffer.from(`${topic}/${partition}/${offset}`) };
      context.forward({ key, value, timestampMs, headers: [...headers, origin] });
    },
  };
}
