import type { ConsumedRecord } from '../../client/index.ts';

/** The fetched records that wait to be handled, with the committed and the fetched offset. */
export class RecordBuffer {
  #records: ConsumedRecord[] = [];
  #bytes = 0;
  #position: bigint;
  #fetchedTo: bigint;

  constructor(position: bigint) {
    this.#position = position;
    this.#fetchedTo = position;
  }

  /** The committed offset, which is the next one to handle. */
  get position(): bigint {
    return this.#position;
  }

  /** The next offset to fetch. */
  get fetchedTo(): bigint {
    return this.#fetchedTo;
  }

  get records(): number {
    return this.#records.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether the committed offset can move past records, or past offsets without a record. */
  get pending(): boolean {
    return this.#fetchedTo > this.#position;
  }

  /**
   * Takes the answer to a fetch from `from`. Ignores it if the buffer has moved since the request.
   */
  accept(from: bigint, records: readonly ConsumedRecord[], nextOffset: bigint): void {
    if (from !== this.#fetchedTo || nextOffset <= from) return;
    for (const record of records) {
      if (record.offset < from) continue;
      this.#records.push(record);
      this.#bytes += sizeOf(record);
    }
    this.#fetchedTo = nextOffset;
  }

  /**
   * Returns the next records and the offset that follows them. They stay in the buffer until
   * `advanceTo`.
   */
  take(recordsMax: number): {
    readonly from: bigint;
    readonly to: bigint;
    readonly records: readonly ConsumedRecord[];
  } {
    const records = this.#records.slice(0, recordsMax);
    return { from: this.#position, to: this.#records[recordsMax]?.offset ?? this.#fetchedTo, records };
  }

  advanceTo(offset: bigint): void {
    const kept = this.#records.findIndex((record) => record.offset >= offset);
    const gone = this.#records.splice(0, kept === -1 ? this.#records.length : kept);
    this.#bytes -= gone.reduce((sum, record) => sum + sizeOf(record), 0);
    this.#position = offset;
    if (offset > this.#fetchedTo) this.#fetchedTo = offset;
  }
}

const sizeOf = ({ key, value }: ConsumedRecord) => (key?.length ?? 0) + (value?.length ?? 0);
