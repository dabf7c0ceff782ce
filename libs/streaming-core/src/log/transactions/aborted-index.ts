import { closeSync, ftruncateSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  abortedEntryBytes,
  decodeAborted,
  encodeAborted,
  type AbortedTransaction,
} from './aborted-transactions.ts';
import { type Disk, readIfPresent } from '../disk/disk.ts';
import { LogDamage } from '../data-folder/storage-errors.ts';
import type { IndexChecksums } from '../segments/index-checksums.ts';
import { segmentName } from '../data-folder/folder-listing.ts';

const entriesInMemoryMax = 1_000;

/**
 * The entries of one segment. Those of the active segment are in memory, others are read on demand.
 */
interface SegmentEntries {
  readonly base: bigint;
  count: number;
  entries: AbortedTransaction[] | undefined;
  /**
   * The last entries, which could not be written. Whatever follows the others in the file is a torn
   * write.
   */
  unwritten: AbortedTransaction[];
  /** Whether a power cut could still undo a change of the file. */
  unsynced: boolean;
}

/**
 * The aborted transactions of a partition, in Kafka's `.txnindex` files: a file per segment lists
 * those whose markers are in the segment. Every segment has a file, even if it is empty: a missing
 * file was lost and is rebuilt from the log.
 */
export class AbortedIndex {
  readonly #folder: string;
  readonly #checksums: IndexChecksums;
  readonly #segments: SegmentEntries[] = [];

  constructor(folder: string, checksums: IndexChecksums) {
    this.#folder = folder;
    this.#checksums = checksums;
  }

  /**
   * Opens the index of these segments. Entries of the last one stay in memory. `firstLost` is the
   * first segment whose file is missing or damaged.
   */
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
        unsynced: false,
      });
    }
    return { index, firstLost };
  }

  /**
   * Forgets every marker from the offset on, because the log is read again from there. Recreates
   * lost files without entries.
   */
  truncateFrom(offset: bigint): void {
    for (const segment of this.#segments) {
      const known = segment.entries ?? this.#read(segment.base);
      const kept = (known ?? []).filter(({ lastOffset }) => lastOffset < offset);
      segment.count = kept.length;
      segment.entries = segment.entries === undefined && known !== undefined ? undefined : kept;
      segment.unwritten = [];
      if (known === undefined) this.#beginEmpty(segment.base);
      else if (kept.length < known.length) {
        this.#cut(segment.base, kept.length);
        segment.unsynced = true;
      }
    }
  }

  /** On a full disk, the first entry creates the file later. */
  #beginEmpty(base: bigint): void {
    try {
      this.#write(base, []);
    } catch {
      // a file that stays lost is rebuilt from the log at the next start
    }
  }

  /**
   * Truncates instead of rewriting, because a power cut must not lose the entries that are on disk.
   */
  #cut(base: bigint, entries: number): void {
    const file = openSync(this.#path(base), 'r+');
    ftruncateSync(file, entries * abortedEntryBytes);
    closeSync(file);
    this.#checksums.note(fileOf(base), readFileSync(this.#path(base)));
  }

  /**
   * Begins a new last segment with `create`. If that fails, the previous segment stays the last one
   * and takes the next entries. Throws the error of the disk.
   */
  begin<Created>(base: bigint, create: () => Created): Created {
    this.#write(base, []);
    try {
      const created = create();
      this.#segments.push({ base, count: 0, entries: [], unwritten: [], unsynced: false });
      return created;
    } catch (error) {
      this.remove(base);
      throw error;
    }
  }

  /**
   * Never fails, because the marker is already in the log. An entry that cannot be written now is
   * written with the next one, or when a segment is rolled.
   */
  add(base: bigint, entry: AbortedTransaction): void {
    const segment = this.#segments.find((one) => one.base === base)!;
    segment.count += 1;
    segment.entries?.push(entry);
    segment.unwritten.push(entry);
    segment.unsynced = true;
    try {
      this.#writeRest(segment);
    } catch {
      return;
    }
    if (segment.count > entriesInMemoryMax) segment.entries = undefined;
  }

  /**
   * Call this when the segment is rolled. On return its entries are on disk, and so is every change
   * of other segments' files, such as entries that a recovery has restored: the snapshot that is
   * written next says that the log need not be read again for them. Throws the error of the disk.
   */
  complete(base: bigint, disk: Disk): void {
    for (const segment of this.#segments) {
      const isLeft = segment.base === base && segment.count > 0;
      if (!isLeft && !segment.unsynced) continue;
      this.#writeRest(segment);
      this.#sync(segment.base, disk);
      segment.unsynced = false;
      if (segment !== this.#segments.at(-1)) segment.entries = undefined;
    }
  }

  remove(base: bigint): void {
    const at = this.#segments.findIndex((one) => one.base === base);
    if (at >= 0) this.#segments.splice(at, 1);
    this.#checksums.forget(fileOf(base));
    rmSync(this.#path(base), { force: true });
  }

  /**
   * Call this after compaction merged segments: the index of the first one takes over the entries
   * of all whose marker is still in the log. They are on disk before the other indexes are deleted.
   */
  merge(bases: readonly bigint[], isKept: (entry: AbortedTransaction) => boolean, disk: Disk): void {
    const [first, ...others] = bases;
    const segment = this.#segments.find(({ base }) => base === first);
    if (first === undefined || segment === undefined) return;
    const merged = this.#segments.filter(({ base }) => bases.includes(base));
    const kept = merged.flatMap((one) => this.#entriesOf(one)).filter(isKept);
    this.#write(first, kept);
    segment.count = kept.length;
    segment.entries = undefined;
    segment.unwritten = [];
    if (kept.length > 0) this.#sync(first, disk);
    segment.unsynced = false;
    for (const base of others) this.remove(base);
  }

  /**
   * Aborted transactions that have records or their marker in [from, to), in the order of their
   * first offsets.
   */
  find(from: bigint, to: bigint): readonly AbortedTransaction[] {
    const found: AbortedTransaction[] = [];
    for (const entry of this.#endedFrom(from)) {
      if (entry.firstOffset < to) found.push(entry);
      if (entry.lastStableOffset >= to) break; // later ones begin after the range
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
      throw new LogDamage(`${this.#path(base)} is damaged: restart the broker to rebuild it`);
    return [...found, ...unwritten];
  }

  /**
   * Returns undefined if the file is missing or differs from what was written. `entries` limits the
   * result to the entries before a torn end.
   */
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

  /**
   * Appends the unwritten entries. Throws the error of the disk; all of them are then still
   * unwritten.
   */
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

  #sync(base: bigint, disk: Disk): void {
    const file = openSync(this.#path(base), 'r');
    try {
      disk.syncNow(file, this.#path(base));
    } finally {
      closeSync(file);
    }
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
