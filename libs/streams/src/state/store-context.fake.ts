import type { DropReason } from '../processor/node.ts';
import type { RecordContext } from '../processor/record.ts';
import { OpenIterators } from './open-iterators.ts';
import { StoreCache } from './store-cache.ts';
import { defaultStoreLimits, RECENT_BYTES_MAX, SuppressBudget } from './store-limits.ts';
import type { ChangelogRecord, StoreContext } from './store-context.ts';

export interface FakeStoreContext extends StoreContext {
  /** The records that the stores have written to their changelogs, as text. */
  readonly logged: string[];
  readonly records: ChangelogRecord[];
  readonly dropped: DropReason[];
  /** Continues with a record of this time, whose offset is the same number. */
  at(timestampMs: number): void;
}

/** The context of a task that processes the records of one topic. */
export function fakeStoreContext({
  cacheBytesMax = 1_000_000,
  limits = defaultStoreLimits,
  recentBytesMax = RECENT_BYTES_MAX,
} = {}): FakeStoreContext {
  let current = recordAt(0);
  const logged: string[] = [];
  const records: ChangelogRecord[] = [];
  const dropped: DropReason[] = [];
  return {
    logged,
    records,
    dropped,
    cache: new StoreCache({ bytesMax: cacheBytesMax }),
    iterators: new OpenIterators(),
    limits,
    recentBytesMax,
    suppressBudget: new SuppressBudget(limits),
    at: (timestampMs) => {
      current = recordAt(timestampMs);
    },
    recordContext: () => current,
    wallClockMs: () => current.timestampMs,
    withRecordContext(context, work) {
      const outer = current;
      current = context;
      work();
      current = outer;
    },
    changelogTopic: (storeName) => `app-${storeName}-changelog`,
    log(storeName, record) {
      const value = record.value === null ? 'null' : hex(record.value);
      logged.push(`${storeName} ${hex(record.key)}=${value} at ${record.timestampMs}`);
      records.push(record);
    },
    drop: (reason) => {
      dropped.push(reason);
    },
  };
}

const recordAt = (timestampMs: number): RecordContext => ({
  topic: 'input',
  partition: 0,
  offset: BigInt(timestampMs),
  timestampMs,
  headers: [],
});

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
