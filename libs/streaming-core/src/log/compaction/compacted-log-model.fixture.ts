import type { StoredRecord } from '../../records/records.ts';

interface ModelRecord {
  readonly offset: number;
  readonly key: string;
  /** Null is a tombstone. */
  readonly value: string | null;
  readonly appendedAtMs: number;
  /** A record outside transactions is committed. */
  fate: 'open' | 'committed' | 'aborted';
}

export interface Promises {
  readonly lagMs: number;
  readonly deleteRetentionMs: number;
}

/**
 * Records what was appended to a compacted log, and knows what a read_committed reader must find.
 */
export class CompactedLogModel {
  readonly #records: ModelRecord[] = [];
  readonly #inTransaction = new Map<number, ModelRecord[]>();
  /** When a reader last saw an older value of a deleted key. */
  readonly #oldValueReadAtMs = new Map<string, number>();
  end = 0;

  append(
    pairs: ReadonlyArray<readonly [key: string, value: string | null]>,
    nowMs: number,
    producer?: number,
  ): void {
    const added = pairs.map(([key, value], place): ModelRecord => ({
      offset: this.end + place,
      key,
      value,
      appendedAtMs: nowMs,
      fate: producer === undefined ? 'committed' : 'open',
    }));
    this.end += added.length;
    this.#records.push(...added);
    if (producer !== undefined)
      this.#inTransaction.set(producer, [...(this.#inTransaction.get(producer) ?? []), ...added]);
  }

  isOpen(producer: number): boolean {
    return this.#inTransaction.has(producer);
  }

  finish(producer: number, fate: 'committed' | 'aborted'): void {
    for (const record of this.#inTransaction.get(producer) ?? []) record.fate = fate;
    this.#inTransaction.delete(producer);
    this.end += 1; // the marker
  }

  get #stableEnd(): number {
    return this.#records.find(({ fate }) => fate === 'open')?.offset ?? this.end;
  }

  /** Describes everything that is wrong with what was read. */
  problems(
    read: readonly StoredRecord[],
    { activeBase, nowMs, promises }: { activeBase: number; nowMs: number; promises: Promises },
  ): string[] {
    const found = new Map(
      read.map(({ offset, key, value }) => [
        Number(offset),
        `${String(key)}=${value === null ? 'null' : String(value)}`,
      ]),
    );
    const offsets = read.map(({ offset }) => Number(offset));
    const problems = offsets.flatMap((offset, place) =>
      place > 0 && offset <= offsets[place - 1]! ? [`${offset} comes after ${offsets[place - 1]}`] : [],
    );
    const below = this.#records.filter(({ offset }) => offset < this.#stableEnd);
    const committed = new Map(
      below.filter(({ fate }) => fate === 'committed').map((record) => [record.offset, record]),
    );
    for (const [offset, text] of found) {
      const record = committed.get(offset);
      if (record === undefined) problems.push(`${offset} ${text} was read, but not committed`);
      else if (`${record.key}=${record.value ?? 'null'}` !== text)
        problems.push(`${offset} is read as ${text}`);
    }
    const last = new Map([...committed.values()].map((record) => [record.key, record]));
    for (const record of committed.values()) {
      if (found.has(record.offset)) continue;
      const ageMs = nowMs - record.appendedAtMs;
      if (record.offset >= activeBase) problems.push(`${record.offset} is gone from the active segment`);
      else if (ageMs < promises.lagMs)
        problems.push(`${record.offset} is gone ${ageMs} ms after it was written`);
      else if (
        last.get(record.key) === record &&
        (record.value !== null || ageMs < promises.deleteRetentionMs)
      )
        problems.push(`${record.offset} is gone, the last one of ${record.key}`);
    }
    return [
      ...problems,
      ...this.#keysThatReturned(found, last),
      ...this.#deletionsMissed(found, last, { nowMs, promises }),
    ];
  }

  /** A key whose tombstone was removed may not have an older value. */
  #keysThatReturned(found: ReadonlyMap<number, string>, last: ReadonlyMap<string, ModelRecord>): string[] {
    return [...last.values()]
      .filter(({ value, offset }) => value === null && !found.has(offset))
      .flatMap(({ key }) =>
        [...found.values()].some((text) => text.startsWith(`${key}=`))
          ? [`${key} was deleted, and is back`]
          : [],
      );
  }

  /** A reader that has read a value has `delete.retention.ms` to reach the tombstone. */
  #deletionsMissed(
    found: ReadonlyMap<number, string>,
    last: ReadonlyMap<string, ModelRecord>,
    { nowMs, promises }: { nowMs: number; promises: Promises },
  ): string[] {
    const keysRead = new Set(
      [...found.values()].filter((text) => !text.endsWith('=null')).map((text) => text.split('=')[0]!),
    );
    return [...last.values()].flatMap(({ key, value, offset }) => {
      if (value === null && keysRead.has(key)) this.#oldValueReadAtMs.set(key, nowMs);
      if (value !== null || found.has(offset)) return [];
      const agoMs = nowMs - (this.#oldValueReadAtMs.get(key) ?? -Infinity);
      return agoMs < promises.deleteRetentionMs
        ? [`${key} was read ${agoMs} ms ago, and its deletion is gone`]
        : [];
    });
  }
}
