import type { RawRecord, ProducedRecord } from '../task/task-record.ts';

/**
 * The topics of a topology under test. Records that the topology writes count from the next commit
 * on.
 */
export class TopicLog {
  readonly #topics = new Map<string, RawRecord[]>();
  readonly #committed = new Map<string, number>();
  readonly #produced = new Set<string>();
  readonly #appended: string[] = [];

  /** Adds a record of the test, which no rollback removes. */
  pipe(record: Omit<RawRecord, 'partition' | 'offset'>): void {
    this.#append(record, 0);
    this.#commit(record.topic);
  }

  produce({ topic, partition, key, value, headers, timestampMs }: ProducedRecord): void {
    this.#append({ topic, key, value, headers, timestampMs }, partition ?? 0);
    this.#produced.add(topic);
  }

  /** Returns the topics of the records since the last call, in their order. */
  takeAppended(): readonly string[] {
    return this.#appended.splice(0);
  }

  /** The topics that the topology has written to. */
  get producedTopics(): ReadonlySet<string> {
    return this.#produced;
  }

  records(topic: string): readonly RawRecord[] {
    return this.#topics.get(topic) ?? [];
  }

  commit(): void {
    for (const topic of this.#topics.keys()) this.#commit(topic);
  }

  /** Removes the records written since the last commit. */
  rollback(): void {
    for (const [topic, records] of this.#topics) records.length = this.#committed.get(topic) ?? 0;
    this.#appended.length = 0;
  }

  #commit(topic: string): void {
    this.#committed.set(topic, this.records(topic).length);
  }

  #append(record: Omit<RawRecord, 'partition' | 'offset'>, partition: number): void {
    const records = this.#topics.get(record.topic) ?? [];
    records.push({ ...record, partition, offset: BigInt(records.length) });
    this.#topics.set(record.topic, records);
    this.#appended.push(record.topic);
  }
}
