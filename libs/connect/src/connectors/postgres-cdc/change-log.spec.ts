import { describe, expect, it } from '@jest/globals';
import type { SourceRecord } from '../../record/records.ts';
import { ChangeLog } from './change-log.ts';
import type { LogicalMessage } from './pgoutput.ts';
import type { Position } from './position.ts';
import type { RecordMaker } from './record-maker.ts';

/** Records whose topic is the prefix of the message they were made from. */
const maker = {
  message: (topic: string, _content: Buffer, _origin: unknown, sourceOffset: object) =>
    ({ topic, sourceOffset }) as unknown as SourceRecord,
} as unknown as RecordMaker;

type Sent = readonly [lsn: bigint, message: LogicalMessage];

const begin = (commitLsn: bigint): Sent => [0n, { kind: 'begin', commitLsn, committedUs: 5n, xid: 7 }];
const commit = (endLsn: bigint): Sent => [endLsn, { kind: 'commit', endLsn }];
const change = (lsn: bigint, prefix: string): Sent => [
  lsn,
  { kind: 'message', transactional: true, prefix, content: Buffer.alloc(0) },
];

function readFrom(from: Position, ...sent: readonly Sent[]): readonly SourceRecord[] {
  const settings = { skipped: new Set<never>(), tombstones: true };
  const changes = new ChangeLog({ settings, maker, from, shapeOf: () => undefined });
  const records: SourceRecord[] = [];
  for (const [lsn, message] of sent) changes.accept(message, lsn, records);
  return records;
}
const topics = (records: readonly SourceRecord[]) => records.map(({ topic }) => topic);

describe('the changes of a stream', () => {
  it('move the offset to the end of a transaction once its commit was read', () => {
    const changes = [begin(30n), change(10n, 'a'), change(20n, 'b')];

    expect(readFrom({ lsn: 5n, events: 0 }, ...changes).at(-1)?.sourceOffset).toEqual({
      lsn: 30n,
      lsn_commit: 30n,
      events: 2,
      txId: 7n,
      ts_usec: 5n,
    });
    expect(readFrom({ lsn: 5n, events: 0 }, ...changes, commit(40n)).at(-1)?.sourceOffset).toEqual({
      lsn: 40n,
      lsn_commit: 40n,
      events: 0,
      txId: 7n,
      ts_usec: 5n,
    });
  });

  it('go on where Debezium has stopped within a transaction', () => {
    const from = { lsn: 25n, events: 0, readUpTo: 20n };
    const before = [begin(24n), change(3n, 'z'), commit(25n)];
    const open = [begin(30n), change(10n, 'a'), change(20n, 'b'), change(28n, 'c'), commit(40n)];
    const later = [begin(50n), change(15n, 'd'), commit(60n)];

    expect(topics(readFrom(from, ...before, ...open, ...later))).toEqual(['c', 'd']);
  });

  it('repeat what Debezium may have read only in part', () => {
    const from = { lsn: 25n, events: 0, readUpTo: 20n };
    const open = [begin(30n), change(10n, 'a'), change(20n, 'b'), change(20n, 'c')];

    expect(topics(readFrom(from, ...open, commit(40n)))).toEqual(['b', 'c']);
    expect(topics(readFrom(from, ...open, change(28n, 'd'), commit(40n)))).toEqual(['b', 'c', 'd']);
  });
});
