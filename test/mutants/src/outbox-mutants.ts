import type { Mutant } from './mutant.ts';

const outbox = 'libs/streaming-core/src/messaging/outbox';
const postgres = 'libs/streaming-core/src/postgres';

/** How the relay proves that a hole is dead, and how the outbox gets its days. */
export const outboxMutants: readonly Mutant[] = [
  {
    name: 'rows read before the writers have been looked at',
    why: 'a writer that commits in between is taken for dead, and its message is never published',
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
    name: 'prepared transactions looked at before backends',
    why: 'a transaction that is prepared in between stands in neither list, and its message is never published',
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
    why: 'PostgreSQL shows a session without its database while it starts; what it writes then is taken for dead',
    file: `${postgres}/prefix-reader.sql.ts`,
    replace: 'datid IS NULL OR datid =',
    by: 'datid =',
    test: {
      file: `${postgres}/prefix-fence.int.spec.ts`,
      name: 'waits for an older process without a database',
    },
  },
  {
    name: 'transaction ids compared as numbers',
    why: 'a writer from before the wraparound passes for younger than the fence, and its message is never published',
    file: `${postgres}/prefix-reader.sql.ts`,
    replace: 'age(backend_xid) > age($1::xid8::xid)\n',
    by: 'backend_xid::text::bigint < $1::bigint\n',
    test: {
      file: `${postgres}/prefix-fence.int.spec.ts`,
      name: 'waits for one from before the ids wrapped around',
    },
  },
  {
    name: 'the fence waits for every database',
    why: 'a long migration of one service stops all others from publishing',
    file: `${postgres}/prefix-reader.sql.ts`,
    replace:
      'WHERE (datid IS NULL OR datid = (SELECT oid FROM pg_database WHERE datname = current_database()))\n    AND',
    by: 'WHERE',
    test: {
      file: `${outbox}/relay.int.spec.ts`,
      name: 'is not held up by a transaction that is open in another',
    },
  },
  {
    name: 'a day attached without a constraint that says what the default holds',
    why: 'beside millions of rows in the default, the relay and its writers wait for seconds while they are read',
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
      name: 'are made after a process died in the middle',
    },
  },
];
