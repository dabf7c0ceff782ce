import {
  ClientError,
  type FetchedRecord,
  type Isolation,
  type TopicPartition,
} from '@millrace/streaming-core/client';

/**
 * Whether readers of committed records see the records of a transaction, wait for them or skip
 * them.
 */
export interface Outcome {
  readonly outcome: 'undecided' | 'committed' | 'aborted';
}

export interface AppendedRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestampMs: number;
}

interface Entry {
  /** Null for a marker at the end of a transaction. */
  readonly record: FetchedRecord | null;
  readonly transaction: Outcome | undefined;
}

/** The log of one partition, with the isolation levels of KIP-98. */
export class PartitionLog {
  readonly #place: TopicPartition;
  readonly #entries: Entry[] = [];
  #begin = 0;
  #stable = 0;

  constructor(place: TopicPartition) {
    this.#place = place;
  }

  get beginningOffset(): bigint {
    return BigInt(this.#begin);
  }

  endOffset(isolation: Isolation): bigint {
    return BigInt(this.#endOf(isolation));
  }

  append({ key, value, timestampMs }: AppendedRecord, transaction?: Outcome): bigint {
    const offset = BigInt(this.#entries.length);
    const { topic, partition } = this.#place;
    const place = { topic, partition, offset };
    const record = { ...place, timestampMs, key, value, headers: new Map(), headerList: [] };
    this.#entries.push({ record, transaction });
    return offset;
  }

  appendMarker(): void {
    this.#entries.push({ record: null, transaction: undefined });
  }

  deleteBefore(offset: bigint): void {
    this.#begin = Math.max(this.#begin, Number(offset));
  }

  /**
   * Returns at most `recordsMax` records from an offset, and the next offset to read. Throws
   * `offset_out_of_range` if they are deleted.
   */
  read(from: bigint, isolation: Isolation, recordsMax: number) {
    if (Number(from) < this.#begin)
      throw new ClientError('offset_out_of_range', `the log begins at ${this.#begin}`);
    const records: FetchedRecord[] = [];
    const end = this.#endOf(isolation);
    let next = Number(from);
    while (next < end && records.length < recordsMax) {
      const { record, transaction } = this.#entries[next]!;
      const isHidden = isolation === 'read_committed' && transaction?.outcome === 'aborted';
      if (record !== null && !isHidden) records.push(record);
      next += 1;
    }
    return { records, nextOffset: BigInt(next) };
  }

  #endOf(isolation: Isolation): number {
    if (isolation === 'read_uncommitted') return this.#entries.length;
    while (this.#stable < this.#entries.length) {
      if (this.#entries[this.#stable]!.transaction?.outcome === 'undecided') break;
      this.#stable += 1;
    }
    return this.#stable;
  }
}
