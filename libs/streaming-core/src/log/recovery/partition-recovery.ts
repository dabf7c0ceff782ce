import { fdatasyncSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DurationMs, Logger } from '../../runtime/index.ts';
import { AbortedIndex } from '../transactions/aborted-index.ts';
import { recoverSwaps } from '../compaction/segment-swap.ts';
import { LogDamage } from '../data-folder/storage-errors.ts';
import { FolderListing } from '../data-folder/folder-listing.ts';
import { syncFolderNow } from '../disk/disk.ts';
import { type LeaderEpochs, recoverLeaderEpochs } from '../leader-epochs/leader-epochs.ts';
import { decodeProducerSnapshot } from '../producers/producer-snapshot.ts';
import { ProducerStates } from '../producers/producer-states.ts';
import { PartitionTransactions } from '../transactions/partition-transactions.ts';
import { Segment } from '../segments/segment.ts';
import type { SegmentContext } from '../segments/segment-file.ts';
import { markerOf } from '../../records/records.ts';

interface PartitionRecovery {
  readonly folder: string;
  readonly segments: SegmentContext;
  /**
   * Everything below this offset was on disk: a problem below it is damage, and one above it is an
   * unfinished write.
   */
  readonly recoveryPoint: bigint;
  /** Everything below this offset was deleted. Undefined if the offset is unknown. */
  readonly logStartOffset: bigint | undefined;
  /**
   * True if the broker closed its files. Otherwise the segments from the recovery point on are
   * checked batch by batch.
   */
  readonly cleanShutdown: boolean;
  readonly producerExpirationMs: () => DurationMs;
  readonly nowMs: number;
  readonly logger: Logger;
}

interface RecoveredPartition {
  readonly logStartOffset: bigint;
  readonly epochs: LeaderEpochs;
  readonly segments: Segment[];
  readonly producers: ProducerStates;
  readonly aborted: AbortedIndex;
  readonly indexesAreCurrent: boolean;
}

type Recovery = PartitionRecovery & { readonly listing: FolderListing };
type Opened = Pick<RecoveredPartition, 'segments' | 'producers' | 'aborted' | 'indexesAreCurrent'>;

/**
 * Opens the log in a partition's folder and truncates a torn tail. Throws LogDamage if anything
 * below the recovery point is missing or wrong.
 */
export function recoverPartition(wanted: PartitionRecovery): RecoveredPartition {
  const recovery: Recovery = { ...wanted, listing: new FolderListing(wanted.folder) };
  recoverSwaps(recovery.listing, recovery.segments);
  const bases = removeBelowStart(recovery, baseOffsets(recovery.listing));
  const [first] = bases;
  if (first === undefined) throw new LogDamage(`${recovery.folder} has no segment`);
  const logStartOffset = recovery.logStartOffset ?? first;
  if (first > logStartOffset)
    throw new LogDamage(
      `${recovery.folder} begins at offset ${first}, after its log start offset ${logStartOffset}`,
    );
  const found =
    (recovery.cleanShutdown ? openCleanly(recovery, bases) : undefined) ?? openAndScan(recovery, bases);
  const opened =
    found.segments.at(-1)!.nextOffset < logStartOffset
      ? beginAnew(recovery, found.segments, logStartOffset)
      : found;
  return {
    ...opened,
    logStartOffset,
    epochs: recoverLeaderEpochs(recovery.folder, opened.segments, logStartOffset),
  };
}

/** Deletes segments below a new log start that a crash has left behind. */
function removeBelowStart(recovery: Recovery, bases: readonly bigint[]): readonly bigint[] {
  const start = recovery.logStartOffset ?? 0n;
  const kept = bases.filter((_, place) => place === bases.length - 1 || bases[place + 1]! > start);
  for (const base of bases.slice(0, bases.length - kept.length)) removeSegment(recovery, base);
  return kept;
}

/**
 * Begins a new, empty log at the start offset, because all records in the folder are below it. This
 * happens to a copy that was made while the log grew and its old records were deleted. Like Apache
 * Kafka, it knows no producers then. The new segment is on disk before the old ones are deleted, so
 * that after a crash `removeBelowStart` can finish.
 */
function beginAnew(recovery: Recovery, segments: readonly Segment[], start: bigint): Opened {
  const { folder, listing, logger } = recovery;
  const fields = { folder, endOffset: String(segments.at(-1)!.nextOffset), logStartOffset: String(start) };
  logger.warn(fields, 'the log ends below its log start offset and is recreated there without records');
  for (const { name } of named(listing, '.snapshot')) rmSync(join(folder, name));
  const begun = Segment.create(folder, start, recovery.segments);
  syncFolderNow(folder);
  for (const { baseOffset } of segments) removeSegment(recovery, baseOffset);
  listing.changed();
  return { segments: [begun], ...transactionsAt(recovery, [begun]) };
}

/**
 * Returns undefined if the log does not end at the checkpoint: the caller then checks everything
 * from there on after all.
 */
function openCleanly(recovery: Recovery, bases: readonly bigint[]): Opened | undefined {
  try {
    const segments = bases.map((base) => Segment.open(recovery.folder, base, recovery.segments));
    checkContinuity(segments, recovery.segments);
    if (segments.at(-1)!.nextOffset !== recovery.recoveryPoint) return undefined;
    return { segments, ...transactionsAt(recovery, segments) };
  } catch (error) {
    if (error instanceof LogDamage) return undefined;
    throw error;
  }
}

function openAndScan(recovery: Recovery, bases: readonly bigint[]): Opened {
  const { folder, recoveryPoint } = recovery;
  const firstToScan = Math.max(
    0,
    bases.findLastIndex((base) => base <= recoveryPoint),
  );
  const segments = bases.slice(0, firstToScan).map((base) => Segment.open(folder, base, recovery.segments));
  const scanned = scan(recovery, bases.slice(firstToScan));
  segments.push(...scanned);
  checkContinuity(segments, recovery.segments);
  const end = segments.at(-1)!.nextOffset;
  if (end < recoveryPoint)
    throw new LogDamage(
      `${folder} ends at offset ${end}, but everything below offset ${recoveryPoint} was on disk`,
    );
  if (end > recoveryPoint || scanned.at(-1)!.baseOffset === end) makeDurable(recovery, scanned);
  return { segments, ...transactionsAt(recovery, segments) };
}

/**
 * Syncs what is above the recovery point, because it is served as durable from now on. Everything
 * below it is on disk, including the names of the files.
 */
function makeDurable({ folder, segments }: Recovery, scanned: readonly Segment[]): void {
  for (const segment of scanned) fdatasyncSync(segments.files.use(segment.path));
  syncFolderNow(folder);
}

function scan(recovery: Recovery, bases: readonly bigint[]): Segment[] {
  const segments: Segment[] = [];
  for (const [place, base] of bases.entries()) {
    const follows = place === 0 || mayFollow(segments.at(-1)!, base, recovery.segments);
    const { segment, problem } = follows
      ? Segment.recover(recovery.folder, base, recovery.segments)
      : { segment: undefined, problem: 'there is a gap before it' };
    if (segment !== undefined) segments.push(segment);
    if (problem === undefined) continue;
    cut(recovery, segments.at(-1)!, problem);
    for (const later of bases.slice(segments.length)) removeSegment(recovery, later);
    break;
  }
  return segments;
}

function cut(recovery: Recovery, segment: Segment, problem: string): void {
  const { folder, recoveryPoint, logger } = recovery;
  if (segment.nextOffset < recoveryPoint)
    throw new LogDamage(`${segment.path}: ${problem}; everything below offset ${recoveryPoint} was on disk`);
  logger.warn(
    { folder, problem, endOffset: String(segment.nextOffset) },
    'truncated an unfinished write at the end of the log',
  );
  segment.truncateFile();
}

function removeSegment({ folder, listing, segments }: Recovery, base: bigint): void {
  const name = base.toString().padStart(20, '0');
  segments.files.close(join(folder, `${name}.log`));
  for (const extension of ['log', 'index', 'timeindex', 'gaps', 'txnindex', 'snapshot'])
    rmSync(join(folder, `${name}.${extension}`), { force: true });
  listing.changed();
}

/**
 * Our compaction keeps the last offset of a segment. Kafka's may leave a gap before the next one.
 */
const mayFollow = (segment: Segment, base: bigint, { compactedBefore }: SegmentContext): boolean =>
  segment.nextOffset === base ||
  (segment.nextOffset < base && segment.baseOffset < compactedBefore && !segment.lacksItsEnd);

function checkContinuity(segments: readonly Segment[], context: SegmentContext): void {
  for (const [place, segment] of segments.entries()) {
    const next = segments[place + 1];
    if (next !== undefined && !mayFollow(segment, next.baseOffset, context))
      throw new LogDamage(
        `${segment.path} ends at offset ${segment.nextOffset}, the next segment begins at ${next.baseOffset}`,
      );
  }
}

/**
 * Restores the producers and transactions from the newest snapshot that the log still covers, and
 * the batches after it. If an index of aborted transactions is lost, it starts from an older
 * snapshot.
 */
function transactionsAt(recovery: Recovery, segments: readonly Segment[]): Omit<Opened, 'segments'> {
  const producers = new ProducerStates({ expirationMs: recovery.producerExpirationMs });
  const { index: aborted, firstLost } = AbortedIndex.open(
    recovery.folder,
    segments.map(({ baseOffset }) => baseOffset),
    recovery.segments.checksums,
  );
  const snapshot = newestSnapshot(recovery.listing, { end: segments.at(-1)!.nextOffset, upTo: firstLost });
  producers.restore(snapshot?.states ?? [], recovery.nowMs);
  const from = snapshot?.offset ?? segments[0]!.baseOffset;
  aborted.truncateFrom(from);
  const transactions = new PartitionTransactions(producers, aborted);
  for (const segment of segments)
    if (segment.nextOffset > from) replay(segment, { from, producers, transactions, nowMs: recovery.nowMs });
  const last = segments.at(-1)!;
  const isEmpty = segments.every(({ sizeBytes }) => sizeBytes === 0);
  const hasSnapshot = snapshot === undefined ? isEmpty : snapshot.offset === last.nextOffset;
  return { producers, aborted, indexesAreCurrent: hasSnapshot && last.indexIsOnDisk };
}

interface Replay {
  readonly from: bigint;
  readonly producers: ProducerStates;
  readonly transactions: PartitionTransactions;
  readonly nowMs: number;
}

function replay(segment: Segment, { from, producers, transactions, nowMs }: Replay): void {
  for (const { batch, position } of segment.headers()) {
    const { baseOffset: offset, maxTimestamp: timestampMs } = batch;
    if (offset < from) continue;
    const marker = batch.isControl ? markerOf(segment.readBatch(position, batch.sizeBytes)) : undefined;
    if (marker === undefined) producers.record(batch, nowMs);
    else transactions.end(marker, { offset, timestampMs, segmentBase: segment.baseOffset, nowMs });
  }
}

function newestSnapshot(
  listing: FolderListing,
  { end, upTo = end }: { readonly end: bigint; readonly upTo: bigint | undefined },
) {
  for (const { offset, name } of named(listing, '.snapshot').reverse()) {
    const path = join(listing.folder, name);
    const states = offset <= end ? decodeProducerSnapshot(readFileSync(path)) : undefined;
    if (states !== undefined && offset <= upTo) return { offset, states };
    if (states === undefined) rmSync(path);
  }
  return undefined;
}

const baseOffsets = (listing: FolderListing): bigint[] => named(listing, '.log').map(({ offset }) => offset);

function named({ names }: FolderListing, extension: string): Array<{ name: string; offset: bigint }> {
  return names
    .filter((name) => name.endsWith(extension) && /^\d{20}\.\w+$/.test(name))
    .map((name) => ({ name, offset: BigInt(name.slice(0, 20)) }));
}
