import type { ProducedRecord } from '../task/record-collector.ts';

/** A record that a topology has written, where it stands on its topic. */
export interface LoggedRecord extends ProducedRecord {
  readonly partition: number;
  readonly offset: bigint;
}

/** The topics that a topology under test has written to, and how far a test has read each. */
export class TopicLog {
  readonly #topics = new Map<string, LoggedRecord[]>();
  readonly #read = new Map<string, number>();

  append(record: ProducedRecord): LoggedRecord {
    const records = this.#topics.get(record.topic) ?? [];
    const logged = { ...record, partition: record.partition ?? 0, offset: BigInt(records.length) };
    records.push(logged);
    this.#topics.set(record.topic, records);
    return logged;
  }

  get topics(): readonly string[] {
    return [...this.#topics.keys()];
  }

  records(topic: string): readonly LoggedRecord[] {
    return this.#topics.get(topic) ?? [];
  }

  unreadCount(topic: string): number {
    return this.records(topic).length - (this.#read.get(topic) ?? 0);
  }

  /** The next record that was not read yet. */
  read(topic: string): LoggedRecord | undefined {
    const position = this.#read.get(topic) ?? 0;
    const record = this.records(topic)[position];
    if (record !== undefined) this.#read.set(topic, position + 1);
    return record;
  }
}
