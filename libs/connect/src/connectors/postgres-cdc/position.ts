import { ConnectError } from '../../plugin/connect-error.ts';
import type { SourcePlace } from '../../record/records.ts';
import { formatLsn, parseLsn } from './lsn.ts';

/**
 * How far the connector has read the log: all transactions that committed before `lsn`, and the first
 * `events` changes of the one that committed there. PostgreSQL sends transactions in the order of their
 * commits, so this is enough to resume without losing or repeating a change.
 */
export interface Position {
  readonly lsn: bigint;
  readonly events: number;
}

/** The offset of a record of the snapshot. */
export const snapshotOffset: SourcePlace = { snapshot: true };

/** The offset at the end of a snapshot that no captured changes follow. */
export const endOffset: SourcePlace = { snapshot: 'complete' };

export type Progress =
  | { readonly stage: 'none' }
  /** A snapshot has begun and not ended. */
  | { readonly stage: 'snapshot' }
  | { readonly stage: 'ended' }
  | { readonly stage: 'stream'; readonly position: Position };

export const toOffset = ({ lsn, events }: Position): SourcePlace => ({ lsn: formatLsn(lsn), events });

/** Throws if another connector has written the offset. */
export function toProgress(offset: SourcePlace | undefined): Progress {
  if (offset === undefined) return { stage: 'none' };
  if (offset.snapshot === true) return { stage: 'snapshot' };
  if (offset.snapshot === 'complete') return { stage: 'ended' };
  const { lsn, events } = offset;
  if (typeof lsn === 'string' && typeof events === 'number')
    return { stage: 'stream', position: { lsn: parseLsn(lsn), events } };
  throw new ConnectError(
    `the stored offset ${JSON.stringify(offset)} is not from this connector: give the connector another name, ` +
      'or stop it and delete its offsets',
  );
}
