import type { Mutant } from './mutant.ts';

const outbox = 'libs/streaming-core/src/messaging/outbox';
const postgres = 'libs/streaming-core/src/postgres';
const database = 'libs/service-chassis/src/database';

/** Faults in the relay and its proof that a gap stays empty, in the outbox's daily partitions, and in hints. */
export const outboxMutants: readonly Mutant[] = [
  {
    name: 'rows read before the check for open writers',
    why: 'a writer that commits in between counts as aborted, and its message is never published',
    file: `${postgres}/prefix-reader.ts`,
    replace:
      'if ((await oldestBlocker(database, xid)) !== undefined) return prefix;\n      return (await readOnce(after, parameters, below)).prefix;',
    by: 'const read = readOnce(after, parameters, below);\n      if ((await oldestBlocker(database, xid)) !== undefined) return prefix;\n      return (await read).prefix;',
    test: {
      file: `${postgres}/prefix-fence.int.spec.ts`,
      name: 'loses no row when the owner of a hole',
    },
  },
  {
    name: 'prepared transactions checked before backends',
    why: 'a transaction that is prepared in between is in neither list, and its message is never published',
    file: `${postgres}/prefix-reader.ts`,
    replace: '[oldestBackendBefore, oldestPreparedBefore]',
    by: '[oldestPreparedBefore, oldestBackendBefore]',
    test: {
      file: `${postgres}/prefix-fence.int.spec.ts`,
      name: 'loses no row when the owner of a hole',
    },
  },
  {
    name: 'a process without a database is left out',
    why: 'PostgreSQL shows a starting session without its database, so its writes count as aborted',
    file: `${postgres}/prefix-reader.ts`,
    replace: 'datid IS NULL OR datid =',
    by: 'datid =',
    test: {
      file: `${postgres}/prefix-fence.int.spec.ts`,
      name: 'waits for an older process without a database',
    },
  },
  {
    name: 'transaction ids compared as numbers',
    why: 'a writer from before the wraparound seems younger than the fence, and its message is never published',
    file: `${postgres}/prefix-reader.ts`,
    replace: 'age(backend_xid) > age($1::xid8::xid)\n',
    by: 'backend_xid::text::bigint < $1::bigint\n',
    test: {
      file: `${postgres}/prefix-fence.int.spec.ts`,
      name: 'waits for a backend whose id is from before the wraparound',
    },
  },
  {
    name: 'the fence waits for every database',
    why: 'a long migration of one service stops all others from publishing',
    file: `${postgres}/prefix-reader.ts`,
    replace:
      'WHERE (datid IS NULL OR datid = (SELECT oid FROM pg_database WHERE datname = current_database()))\n    AND',
    by: 'WHERE',
    test: {
      file: `${outbox}/relay.int.spec.ts`,
      name: 'is not delayed by transactions in another',
    },
  },
  {
    name: 'a day attached without a constraint on the default partition',
    why: 'the relay and its writers wait for seconds while PostgreSQL reads millions of rows in the default partition',
    file: `${outbox}/day-partitions.ts`,
    replace: 'await database.query(validateExcludedDay, [name]);',
    by: '',
    test: {
      file: `${outbox}/day-partitions.int.spec.ts`,
      name: 'are attached a week ahead, and no row is read',
    },
  },
  {
    name: 'a day stays excluded after a crash',
    why: 'when that day comes, every write to the outbox fails',
    file: `${outbox}/day-partitions.ts`,
    replace: 'await database.query(includeDay, [name]); // a process that died may have left a day excluded',
    by: '',
    test: {
      file: `${outbox}/day-partitions.int.spec.ts`,
      name: 'are created after a process died in the middle',
    },
  },
  {
    name: 'a day of the outbox dropped once only the fastest relay has passed it',
    why: 'messages that another relay has not published are deleted',
    file: `${outbox}/maintenance.ts`,
    replace: '(SELECT min(position) FROM relay_cursor)',
    by: '(SELECT max(position) FROM relay_cursor)',
    test: {
      file: `${outbox}/maintenance.int.spec.ts`,
      name: 'drops several days, but only those that the slowest relay has passed',
    },
  },
  {
    name: 'relay not fenced',
    why: "a relay that stalled moves its successor's cursor past unpublished rows",
    file: `${outbox}/relay.sql.ts`,
    replace: 'WHERE name = $1 AND epoch = $2 AND position = $4',
    by: 'WHERE name = $1 AND $2::bigint IS NOT NULL AND position = $4',
    test: {
      file: `${outbox}/relay-lease.int.spec.ts`,
      name: 'records nothing for an old holder that lost it in the middle of a batch',
    },
  },
  {
    name: 'a lease can be renewed by anyone',
    why: 'two relays publish at the same time',
    file: `${outbox}/relay.sql.ts`,
    replace:
      "SET lease_until = clock_timestamp() + $3 * interval '1 millisecond' WHERE name = $1 AND epoch = $2`",
    by: "SET lease_until = clock_timestamp() + $3 * interval '1 millisecond' WHERE name = $1 AND $2::bigint IS NOT NULL`",
    test: {
      file: `${outbox}/relay-lease.int.spec.ts`,
      name: 'comes first, or lost to the relay that takes it first',
    },
  },
  {
    name: 'lease taken although another relay holds it',
    why: 'two relays take the lease from each other forever',
    file: `${outbox}/relay.sql.ts`,
    replace: 'AND (lease_until <= clock_timestamp() OR (holder = $2 AND epoch = coalesce($4, epoch)))',
    by: 'AND ($4::bigint IS NULL OR $4::bigint IS NOT NULL)',
    test: {
      file: `${outbox}/relay-lease.int.spec.ts`,
      name: 'has one holder, and a second relay gets it only after it has expired',
    },
  },
  {
    name: 'cursor moved before the acknowledgement',
    why: 'a relay that dies while publishing loses a batch',
    file: `${outbox}/relay-loop.ts`,
    replace: 'const placed = await this.#untilDone(lease, () => this.#publisher.send(lease, rows));',
    by: 'await lease.advance(BigInt(rows.at(-1)?.position ?? lease.position));\n    const placed = await this.#untilDone(lease, () => this.#publisher.send(lease, rows));',
    test: {
      file: `${outbox}/relay.int.spec.ts`,
      name: 'moves its cursor only after the log has acknowledged the rows',
    },
  },
  {
    name: 'outbox position drawn before the transaction id',
    why: 'a writer that is about to commit counts as aborted, and its message is never published',
    file: 'libs/streaming-core/migrations/0001-messaging.sql',
    replace: '  PERFORM pg_current_xact_id();\n',
    by: '',
    test: {
      file: `${outbox}/outbox-order.int.spec.ts`,
      name: 'makes the reader wait for a writer that has drawn its position',
    },
  },
  {
    name: 'a gap is passed without proof',
    why: 'the message of every slow writer is never published',
    file: 'libs/streaming-core/src/postgres/prefix-reader.ts',
    replace: 'if ((await oldestBlocker(database, xid)) !== undefined) return prefix;',
    by: 'void xid;',
    test: { file: `${outbox}/outbox-order.int.spec.ts`, name: 'hides a row above an open one' },
  },
  {
    name: 'workers not woken when hints can be received again',
    why: 'work that another process left during the interruption waits for the next poll',
    file: `${database}/hints.ts`,
    replace:
      "      failures = 0;\n      retries.recovered('hints of other processes are received again');\n      commits.wakeAll();\n",
    by: '      if (failures === 0) commits.wakeAll();\n',
    test: { file: `${database}/hints.int.spec.ts`, name: 'wakes every worker once it listens again' },
  },
  {
    name: 'a relay without the lease counts as in charge',
    why: 'a commit of a process that stands by waits for the poll of the process that publishes',
    file: `${outbox}/relay.ts`,
    replace: 'return loop.publishing && !loop.follows;',
    by: 'return true;',
    test: {
      file: 'libs/service-chassis/src/modules/messaging/roles.int.spec.ts',
      name: 'publishes what another process has committed without waiting for a poll',
    },
  },
  {
    name: 'one notification for each commit',
    why: 'PostgreSQL lets one notifying transaction commit at a time, so processes under load slow each other down',
    file: `${database}/hints.ts`,
    replace: '      await pause(clock, everyMsMin);\n',
    by: '',
    test: {
      file: `${database}/hints.spec.ts`,
      name: 'are sent at once, and those within an interval are sent together at its end',
    },
  },
  {
    name: 'no timer for a failed external call',
    why: 'a call that could be repeated after 100 ms waits for the next poll',
    file: 'libs/streaming-core/src/messaging/external-calls/call-handling.ts',
    replace: '      .then(() => options.onPostponed(retryInMs))\n',
    by: '',
    test: {
      file: 'libs/streaming-core/src/messaging/external-calls/worker.int.spec.ts',
      name: 'are repeated when they are due, however rarely the worker looks',
    },
  },
];
