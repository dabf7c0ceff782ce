import { closeSync, ftruncateSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  abortedEntryBytes,
  decodeAborted,
  encodeAborted,
  type AbortedTransaction,
} from './aborted-transactions.ts';
import type { Disk } from '../disk/disk.ts';
import { readIfPresent } from '../disk/read-if-present.ts';
import { LogDamage } from '../damage.ts';
import type { IndexChecksums } from '../segments/index-checksums.ts';
import { segmentName } from '../data-folder/segment-name.ts';

const entriesInMemoryMax = 1_000;

/** Entries of one segment. Those of the segment that is written to are in memory, the others are read when they are asked for. */
interface SegmentEntries {
  readonly base: bigint;
  count: number;
  entries: AbortedTransaction[] | undefined;
  /** The last ones, which the file lacks. Whatever stands behind the others there is the torn end of a write. */
  unwritten: AbortedTransaction[];
}

/**
 * Which transactions of a partition were aborted, by segment of their markers, in Kafka's `.txnindex` files. Every segment has one, if empty:
 * one that is not there was lost, and is built from the log.
 */
export class AbortedIndex {
  readonly #folder: string;
  readonly #checksums: IndexChecksums;
  readonly #segments: SegmentEntries[] = [];

  constructor(folder: string, checksums: IndexChecksums) {
    this.#folder = folder;
    this.#checksums = checksums;
  }

  /** Takes over what is on disk for the segments. Entries of the last one stay in memory. */
  static open(
    folder: string,
    bases: readonly bigint[],
    checksums: IndexChecksums,
  ): { readonly index: AbortedIndex; readonly firstLost: bigint | undefined } {
    const index = new AbortedIndex(folder, checksums);
    let firstLost: bigint | undefined;
    for (const base of bases) {
      const entries = index.#read(base, { growing: base === bases.at(-1) });
      if (entries === undefined) firstLost ??= base;
      index.#segments.push({
        base,
        count: entries?.length ?? 0,
        entries: base === bases.at(-1) ? entries : undefined,
        unwritten: [],
      });
    }
    return { index, firstLost };
  }

  /** Forgets every marker from the offset on: the log is read again from there. Files that were lost begin empty. */
  truncateFrom(offset: bigint): void {
    for (const segment of this.#segments) {
      const known = segment.entries ?? this.#read(segment.base);
      const kept = (known ?? []).filter(({ lastOffset }) => lastOffset < offset);
      segment.count = kept.length;
      segment.entries = segment.entries === undefined && known !== undefined ? undefined : kept;
      segment.unwritten = [];
      if (known === undefined) this.#beginEmpty(segment.base);
      else if (kept.length < known.length) this.#cut(segment.base, kept.length);
    }
  }

  /** Without room it is made with its first entry. */
  #beginEmpty(base: bigint): void {
    try {
      this.#write(base, []);
    } catch {
      // one that stays lost is built from the log again
    }
  }

  /** Not written anew: what is kept was on disk, and a power cut must not take it. */
  #cut(base: bigint, entries: number): void {
    const file = openSync(this.#path(base), 'r+');
    ftruncateSync(file, entries * abortedEntryBytes);
    closeSync(file);
    this.#checksums.note(fileOf(base), readFileSync(this.#path(base)));
  }

  /** A new last segment, which `create` makes: without it the one before goes on, and has the entries that come. Throws what the disk says. */
  begin<Created>(base: bigint, create: () => Created): Created {
    this.#write(base, []);
    try {
      const created = create();
      this.#segments.push({ base, count: 0, entries: [], unwritten: [] });
      return created;
    } catch (error) {
      this.remove(base);
      throw error;
    }
  }

  /** Never fails, for its marker is in the log: what cannot be written now is written with the next entry, or when a segment is left. */
  add(base: bigint, entry: AbortedTransaction): void {
    const segment = this.#segments.find((one) => one.base === base)!;
    segment.count += 1;
    segment.entries?.push(entry);
    segment.unwritten.push(entry);
    try {
      this.#writeRest(segment);
    } catch {
      return;
    }
    if (segment.count > entriesInMemoryMax) segment.entries = undefined;
  }

  /**
   * The segment is left. Its entries, and those of others that could not be written before, are on disk when it returns: the snapshot that is written
   * next says that the log need not be read again for them. Throws what the disk says.
   */
  complete(base: bigint, disk: Disk): void {
    for (const segment of this.#segments) {
      const isLeft = segment.base === base && segment.count > 0;
      if (!isLeft && segment.unwritten.length === 0) continue;
      this.#writeRest(segment);
      const file = openSync(this.#path(segment.base), 'r');
      try {
        disk.syncNow(file, this.#path(segment.base));
      } finally {
        closeSync(file);
      }
      if (segment !== this.#segments.at(-1)) segment.entries = undefined;
    }
  }

  /** The segment is gone. */
  remove(base: bigint): void {
    const at = this.#segments.findIndex((one) => one.base === base);
    if (at >= 0) this.#segments.splice(at, 1);
    this.#checksums.forget(fileOf(base));
    rmSync(this.#path(base), { force: true });
  }

  /** Compaction made one segment of several: the first one's index takes the entries of all whose marker is still there. */
  merge(bases: readonly bigint[], isKept: (entry: AbortedTransaction) => boolean): void {
    const [first, ...others] = bases;
    const segment = this.#segments.find(({ base }) => base === first);
    if (first === undefined || segment === undefined) return;
    const merged = this.#segments.filter(({ base }) => bases.includes(base));
    const kept = merged.flatMap((one) => this.#entriesOf(one)).filter(isKept);
    this.#write(first, kept);
    segment.count = kept.length;
    segment.entries = undefined;
    segment.unwritten = [];
    for (const base of others) this.remove(base);
  }

  /** Aborted transactions that have records or their marker in [from, to), in the order of their first offsets. */
  find(from: bigint, to: bigint): readonly AbortedTransaction[] {
    const found: AbortedTransaction[] = [];
    for (const entry of this.#endedFrom(from)) {
      if (entry.firstOffset < to) found.push(entry);
      if (entry.lastStableOffset >= to) break; // whatever ended later began later, too
    }
    return found.sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  }

  *#endedFrom(from: bigint): Generator<AbortedTransaction> {
    const first = this.#segments.findLastIndex(({ base }) => base <= from);
    for (const segment of this.#segments.slice(Math.max(first, 0))) {
      for (const entry of this.#entriesOf(segment)) if (entry.lastOffset >= from) yield entry;
    }
  }

  #entriesOf({ base, count, entries, unwritten }: SegmentEntries): readonly AbortedTransaction[] {
    if (count === 0) return [];
    if (entries !== undefined) return entries;
    const written = count - unwritten.length;
    const found = written === 0 ? [] : this.#read(base, unwritten.length === 0 ? {} : { entries: written });
    if (found === undefined)
      throw new LogDamage(`${this.#path(base)} is not what was written: a restart builds it anew`);
    return [...found, ...unwritten];
  }

  /** Undefined for a file that is not there, or is not what was written. Of one with a torn end, as many `entries` as were written. */
  #read(
    base: bigint,
    { growing = false, entries }: { growing?: boolean; entries?: number } = {},
  ): AbortedTransaction[] | undefined {
    const path = this.#path(base);
    const stored = readIfPresent(path);
    if (stored === undefined) return undefined;
    const bytes = entries === undefined ? stored : stored.subarray(0, entries * abortedEntryBytes);
    return this.#checksums.believe(fileOf(base), bytes, { growing }) ? decodeAborted(bytes) : undefined;
  }

  /** Behind what the file has of the segment's entries. Throws what the disk says: all of them are then still unwritten. */
  #writeRest(segment: SegmentEntries): void {
    const { base, count, unwritten } = segment;
    if (unwritten.length === 0) return;
    const writtenBytes = (count - unwritten.length) * abortedEntryBytes;
    const bytes = Buffer.concat(unwritten.map(encodeAborted));
    const file = openSync(this.#path(base), 'a');
    try {
      ftruncateSync(file, writtenBytes);
      writeFileSync(file, bytes);
    } finally {
      closeSync(file);
    }
    if (writtenBytes === 0) this.#checksums.note(fileOf(base), bytes);
    else this.#checksums.noteMore(fileOf(base), bytes);
    segment.unwritten = [];
  }

  #write(base: bigint, entries: readonly AbortedTransaction[]): void {
    const bytes = Buffer.concat(entries.map(encodeAborted), entries.length * abortedEntryBytes);
    writeFileSync(this.#path(base), bytes);
    this.#checksums.note(fileOf(base), bytes);
  }

  #path(base: bigint): string {
    return join(this.#folder, fileOf(base));
  }
}

const fileOf = (base: bigint): string => `${segmentName(base)}.txnindex`;
