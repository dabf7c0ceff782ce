import type { Mutant } from './mutant.ts';

const reading = 'libs/event-sourcing/src/snapshots.int.spec.ts';
const taking = 'libs/event-sourcing/src/snapshot-taker.int.spec.ts';

/** Faults in the snapshots of streams. */
export const snapshotMutants: readonly Mutant[] = [
  {
    name: 'snapshot of another schema is used',
    why: 'after a release, decisions are based on a state that the new code misreads',
    file: 'libs/event-sourcing/src/postgres/read-events.ts',
    replace: 'WHERE stream = $1 AND schema_hash = $2\n  )',
    by: 'WHERE stream = $1 AND schema_hash <> $2::text\n  )',
    test: {
      file: reading,
      name: 'ignores it if it has another schema, and leaves it to the release with that schema',
    },
  },
  {
    name: "snapshot's last event counted twice",
    why: 'stock reserved once is subtracted twice',
    file: 'libs/event-sourcing/src/postgres/read-events.ts',
    replace: 'AND version > COALESCE((SELECT version FROM found WHERE fits), 0)',
    by: 'AND version >= COALESCE((SELECT version FROM found WHERE fits), 0)',
    test: {
      file: reading,
      name: 'returns the fold of all events with a snapshot at version 100 and the stream at',
    },
  },
  {
    name: 'snapshot newer than the stream is used',
    why: 'after a restore, decisions are based on lost events',
    file: 'libs/event-sourcing/src/state.ts',
    replace: 'if (!fits) return',
    by: 'if (!fits && version === 0n) return',
    test: {
      file: reading,
      name: 'deletes it if it is newer than a restored stream, logs that and takes another',
    },
  },
  {
    name: 'snapshot of another history is used',
    why: 'after a restore, decisions of a stream that has grown again are based on lost events',
    file: 'libs/event-sourcing/src/postgres/read-events.ts',
    replace: 'AND event.id = stream_snapshot.last_event) AS fits',
    by: 'AND stream_snapshot.last_event IS NOT NULL) AS fits',
    test: {
      file: reading,
      name: 'deletes it if a restored stream has lost its events and has others in their place',
    },
  },
  {
    name: 'past state read from a snapshot',
    why: 'a query for an earlier version is answered with a later state',
    file: 'libs/event-sourcing/src/state.ts',
    replace: 'isNow && isFarBehind(',
    by: 'isFarBehind(',
    test: { file: reading, name: 'is never used for a past version or moment' },
  },
  {
    name: 'snapshot replaced by an older one',
    why: 'a slow process replaces a newer snapshot, and cold loads read more events',
    file: 'libs/event-sourcing/src/snapshots.ts',
    replace: 'WHERE kept.version + $7::bigint <= excluded.version',
    by: 'WHERE kept.version <> excluded.version + $7::bigint + 1',
    test: { file: taking, name: 'never goes back to an earlier version' },
  },
  {
    name: "two releases delete each other's snapshots",
    why: 'during an upgrade every cold load of a long stream reads all its events',
    file: 'libs/event-sourcing/src/snapshots.ts',
    replace: 'AND schema_hash <> $2 AND taken_at < $6::timestamptz',
    by: 'AND schema_hash <> $2 AND $6::timestamptz IS NOT NULL',
    test: {
      file: taking,
      name: 'keeps a snapshot of another schema for a day, so that two releases do not keep deleting them',
    },
  },
];
