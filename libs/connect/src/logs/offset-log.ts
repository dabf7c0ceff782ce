import type { ConsumedRecord, ProducerRecord } from '@millrace/streaming-core/client';
import { parseExactly, plainJson } from '../converters/json-values.ts';
import { isObject } from '../record/fields.ts';
import type { SourcePlace } from '../record/records.ts';

export interface SourceOffset {
  readonly partition: SourcePlace;
  readonly offset: SourcePlace;
}

interface Stored extends SourceOffset {
  /** The key as it is on the log, because another worker may have written it with other spaces. */
  readonly key: string;
}

/**
 * Source offsets, in a topic with the format of Kafka's Connect. A key is `["NAME",{partition}]`, and its
 * value is the offset or null, which deletes it.
 */
export class OffsetLog {
  readonly topic: string;
  readonly #offsets = new Map<string, Map<string, Stored>>();

  constructor(topic: string) {
    this.topic = topic;
  }

  apply({ key, value }: ConsumedRecord): void {
    const text = key?.toString() ?? '';
    const place = parsed(text);
    if (!Array.isArray(place) || typeof place[0] !== 'string' || !isObject(place[1])) return;
    const [connector, partition] = place as [string, SourcePlace];
    const ofConnector = this.#offsets.get(connector) ?? new Map<string, Stored>();
    this.#offsets.set(connector, ofConnector);
    const offset = value === null ? null : parsed(value.toString());
    if (isObject(offset)) ofConnector.set(canonical(partition), { partition, offset, key: text });
    else ofConnector.delete(canonical(partition));
  }

  ofConnector(connector: string): readonly SourceOffset[] {
    const stored = [...(this.#offsets.get(connector)?.values() ?? [])];
    return stored.map(({ partition, offset }) => ({ partition, offset }));
  }

  offsetOf(connector: string, partition: SourcePlace): SourcePlace | undefined {
    return this.#offsets.get(connector)?.get(canonical(partition))?.offset;
  }

  /** The record that stores an offset, or that deletes it. */
  record(connector: string, partition: SourcePlace, offset: SourcePlace | null): ProducerRecord {
    const known = this.#offsets.get(connector)?.get(canonical(partition))?.key;
    return {
      topic: this.topic,
      key: known ?? plainJson([connector, partition]),
      value: offset === null ? null : plainJson(offset),
    };
  }
}

function parsed(text: string): unknown {
  try {
    return parseExactly(text);
  } catch {
    return undefined;
  }
}

/** Returns the same text for equal places, whatever the order of their fields. */
export const canonical = (place: SourcePlace): string =>
  plainJson(Object.fromEntries(Object.entries(place).sort(([left], [right]) => (left < right ? -1 : 1))));
