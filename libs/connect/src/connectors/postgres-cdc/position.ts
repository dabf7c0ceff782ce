import { plainJson } from '../../converters/json-values.ts';
import { ConnectError } from '../../plugin/connect-error.ts';
import type { SourcePlace } from '../../record/records.ts';
import { parseLsn } from './lsn.ts';

/**
 * How far the connector has read the log: all transactions that committed before `lsn`, and the first
 * `events` changes of the one that committed there. PostgreSQL sends transactions in the order of their
 * commits, so this is enough to resume without losing or repeating a change.
 */
export interface Position {
  readonly lsn: bigint;
  readonly events: number;
  /**
   * Where Debezium has stopped within the first transaction that commits at `lsn` or later: the changes of
   * that transaction before this position of the log were read, and at least the first one at it.
   */
  readonly readUpTo?: bigint;
}

/** The offset of a record of the snapshot. */
export const snapshotOffset: SourcePlace = {
  snapshot: 'INITIAL',
  snapshot_completed: false,
  last_snapshot_record: false,
};

/** The offset at the end of a snapshot that no captured changes follow. */
export const endOffset: SourcePlace = {
  snapshot: 'INITIAL',
  snapshot_completed: true,
  last_snapshot_record: true,
};

export type Progress =
  | { readonly stage: 'none' }
  /** A snapshot has begun and not ended. */
  | { readonly stage: 'snapshot' }
  | { readonly stage: 'ended' }
  | { readonly stage: 'stream'; readonly position: Position };

/** The transaction that was read last, as Debezium's offsets name it. */
export interface ReadTransaction {
  readonly xid: bigint;
  readonly committedUs: bigint;
}

/**
 * Makes an offset that Debezium understands too. Without `lsn_proc`, Debezium streams every transaction that
 * commits at `lsn` or later from its beginning. It ignores `events`, so it repeats that many changes.
 */
export const toOffset = ({ lsn, events }: Position, read?: ReadTransaction): SourcePlace => ({
  lsn,
  lsn_commit: lsn,
  events,
  ...(read && { txId: read.xid, ts_usec: read.committedUs }),
});

/** Reads an offset of this connector, also of its first form, or of Debezium. Throws for any other. */
export function toProgress(offset: SourcePlace | undefined): Progress {
  if (offset === undefined) return { stage: 'none' };
  if (offset.snapshot === 'complete') return { stage: 'ended' };
  if (isInSnapshot(offset)) return { stage: 'snapshot' };
  const position = ownPosition(offset) ?? debeziumPosition(offset);
  if (position !== undefined) return { stage: 'stream', position };
  if (hasSnapshot(offset)) return { stage: 'ended' };
  throw new ConnectError(
    `the stored offset ${plainJson(offset)} is not from this connector: give the connector another name, ` +
      'or stop it and delete its offsets',
  );
}

/** Releases of Debezium before 3 write `true` for `INITIAL`, and no `snapshot_completed`. */
const isInSnapshot = ({ snapshot, ...offset }: SourcePlace): boolean =>
  (isTrue(snapshot) || snapshot === 'INITIAL') && !hasSnapshot(offset);

const hasSnapshot = (offset: SourcePlace): boolean =>
  isTrue(offset.last_snapshot_record) || isTrue(offset.snapshot_completed);

const isTrue = (value: unknown): boolean => value === true || value === 'true';

function ownPosition({ lsn, events }: SourcePlace): Position | undefined {
  if (typeof events !== 'number') return undefined;
  const at = typeof lsn === 'string' ? parseLsn(lsn) : wholeNumber(lsn);
  return at === undefined ? undefined : { lsn: at, events };
}

/**
 * `lsn_commit` is the end of the last transaction that was read, and `lsn_proc` the last change of the one
 * after it. The two may be equal, because a transaction can begin where the one before it ends, so the type
 * of the last message decides whether Debezium was within a transaction.
 * https://github.com/debezium/debezium, PostgresOffsetContext and WalPositionLocator.
 */
function debeziumPosition(offset: SourcePlace): Position | undefined {
  const [at, processed, commit] = [offset.lsn, offset.lsn_proc, offset.lsn_commit].map(wholeNumber);
  const lsn = commit ?? processed ?? at;
  if (lsn === undefined) return undefined;
  const { messageType } = offset;
  const isBetween =
    processed === undefined ||
    messageType === 'BEGIN' ||
    messageType === 'COMMIT' ||
    (messageType === undefined && processed === commit) ||
    (messageType === 'MESSAGE' && at === commit);
  return isBetween ? { lsn, events: 0 } : { lsn, events: 0, readUpTo: processed };
}

function wholeNumber(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  return Number.isInteger(value) ? BigInt(value as number) : undefined;
}
