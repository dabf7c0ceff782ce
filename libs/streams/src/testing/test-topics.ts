import type { Headers } from '../processor/record.ts';
import type { Serde } from '../serdes/serde.ts';
import type { RawRecord } from '../task/task-record.ts';

/** A record that a test reads from an output topic. */
export interface TestRecord<K, V> {
  readonly key: K | null;
  readonly value: V | null;
  readonly timestampMs: number;
  readonly headers: Headers;
}

type Pipe = (record: Omit<RawRecord, 'offset' | 'partition'>) => void;

/** Feeds a topology under test. */
export class TestInputTopic<K, V> {
  readonly #topic: string;
  readonly #keySerde: Serde<K>;
  readonly #valueSerde: Serde<V>;
  readonly #pipe: Pipe;

  constructor(topic: string, serdes: { readonly key: Serde<K>; readonly value: Serde<V> }, pipe: Pipe) {
    this.#topic = topic;
    this.#keySerde = serdes.key;
    this.#valueSerde = serdes.value;
    this.#pipe = pipe;
  }

  /** Processes the record, and every record that it causes, before it returns. */
  pipeInput(key: K | null, value: V | null, timestampMs: number, headers: Headers = []): void {
    this.#pipe({
      topic: this.#topic,
      key: key === null ? null : this.#keySerde.encode(key, this.#topic),
      value: value === null ? null : this.#valueSerde.encode(value, this.#topic),
      timestampMs,
      headers,
    });
  }
}

/** The number of records of a topic that the test has read. All its readers share it. */
interface ReadPosition {
  get(): number;
  set(count: number): void;
}

/** Reads the records that a topology under test has written to a topic, each once. */
export class TestOutputTopic<K, V> {
  readonly #topic: string;
  readonly #keySerde: Serde<K>;
  readonly #valueSerde: Serde<V>;
  readonly #records: () => readonly RawRecord[];
  readonly #position: ReadPosition;

  constructor(
    topic: string,
    serdes: { readonly key: Serde<K>; readonly value: Serde<V> },
    records: () => readonly RawRecord[],
    position: ReadPosition,
  ) {
    this.#topic = topic;
    this.#keySerde = serdes.key;
    this.#valueSerde = serdes.value;
    this.#records = records;
    this.#position = position;
  }

  get isEmpty(): boolean {
    return this.queueSize === 0;
  }

  /** The number of records that have not been read yet. */
  get queueSize(): number {
    return Math.max(0, this.#records().length - this.#position.get());
  }

  /** Throws if there is no record left. */
  readRecord(): TestRecord<K, V> {
    const record = this.#records()[this.#position.get()];
    if (record === undefined) throw new RangeError(`The topic ${this.#topic} has no more records`);
    this.#position.set(this.#position.get() + 1);
    const { timestampMs, headers } = record;
    return {
      key: record.key === null ? null : this.#keySerde.decode(record.key, this.#topic),
      value: record.value === null ? null : this.#valueSerde.decode(record.value, this.#topic),
      timestampMs,
      headers,
    };
  }

  readRecordsToList(): readonly TestRecord<K, V>[] {
    const records: TestRecord<K, V>[] = [];
    while (!this.isEmpty) records.push(this.readRecord());
    return records;
  }

  readKeyValue(): readonly [K | null, V | null] {
    const { key, value } = this.readRecord();
    return [key, value];
  }

  readKeyValuesToList(): readonly (readonly [K | null, V | null])[] {
    return this.readRecordsToList().map(({ key, value }) => [key, value]);
  }

  /** Returns the last value of each key. */
  readKeyValuesToMap(): ReadonlyMap<K | null, V | null> {
    return new Map(this.readKeyValuesToList());
  }

  readValue(): V | null {
    return this.readRecord().value;
  }

  readValuesToList(): readonly (V | null)[] {
    return this.readRecordsToList().map(({ value }) => value);
  }
}
