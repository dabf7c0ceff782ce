import type { Mutant } from './mutant.ts';

const consumer = 'libs/streaming-core/src/messaging/consumer';
const outbox = 'libs/streaming-core/src/messaging/outbox';
const judged = `${consumer}/older-database.spec.ts`;
const overBroker = `${consumer}/older-database.int.spec.ts`;
const relays = `${outbox}/older-database.int.spec.ts`;

/** How consumers and relays notice a database that is older than the log. */
export const restoreMutants: readonly Mutant[] = [
  {
    name: 'restore: consumer does not look at the commit',
    why: 'after a raw restore the consumer handles messages again before anybody has decided',
    file: `${consumer}/partition.ts`,
    replace: 'refuseOlderDatabase(taken, committed, end);',
    by: 'void committed;',
    test: { file: overBroker, name: 'is refused by its consumer' },
  },
  {
    name: 'restore: commit of another database counts',
    why: 'a database that was given a new id on purpose is refused for ever',
    file: `${consumer}/offset-store.ts`,
    replace: 'note?.store !== storeId || ',
    by: 'note === undefined || ',
    test: { file: judged, name: 'was committed from another database' },
  },
  {
    name: 'restore: commit for an earlier topic counts',
    why: 'a topic that was recreated is taken for a restored database',
    file: `${consumer}/offset-store.ts`,
    replace: ' || note.topicId !== row.identity.topicId',
    by: '',
    test: { file: judged, name: 'was committed before the topic was recreated' },
  },
  {
    name: "restore: commit beyond the log's end counts",
    why: 'a log that has lost records is taken for a restored database',
    file: `${consumer}/offset-store.ts`,
    replace: ' || committed.offset > end',
    by: '',
    test: { file: judged, name: 'lies beyond the end of a log that has lost records' },
  },
  {
    name: 'restore: a group that begins again is compared',
    why: 'a read model that is rebuilt is taken for a restored database',
    file: `${consumer}/offset-store.ts`,
    replace: 'row.epoch === 1n || ',
    by: '',
    test: { file: judged, name: 'is later than a row that has just been created' },
  },
  {
    name: 'restore: remedy leaves the id',
    why: 'an offset that was moved to the end of a shorter log is refused again as a restored database',
    file: `${consumer}/offset-store.ts`,
    replace: 'renamingStore(moveTo(end))',
    by: 'moveTo(end)',
    test: {
      file: `${consumer}/offset-refusal.int.spec.ts`,
      name: 'names a remedy that moves the offset back to the end of a shorter log',
    },
  },
  {
    name: 'restore: relay does not look at its mark',
    why: 'after a raw restore the relay contradicts what it has published',
    file: `${outbox}/relay-loop.ts`,
    replace: 'await this.#untilDone(lease, () => this.#refuseOlderDatabase(lease));',
    by: '',
    test: { file: overBroker, name: 'is refused by its relay' },
  },
  {
    name: 'restore: cursor behind the mark is enough',
    why: 'a crash of the database, which may set the cursor back, stops the relay',
    file: `${outbox}/published-marks.ts`,
    replace: 'if (rowCount > 0) return;',
    by: 'void rowCount;',
    test: { file: relays, name: 'publishes again when a crash has set its cursor back' },
  },
  {
    name: 'restore: any row at the position of the mark',
    why: 'a restored database that has written since is not noticed',
    file: `${outbox}/relay.sql.ts`,
    replace: 'WHERE position = $1 AND id = $2`',
    by: 'WHERE position = $1 AND $2::uuid IS NOT NULL`',
    test: { file: relays, name: 'publishes nothing when another row has taken the position of the mark' },
  },
  {
    name: 'restore: marks of every database',
    why: 'a database that was given a new id on purpose never publishes again',
    file: `${outbox}/published-marks.ts`,
    replace: 'mark?.storeId === storeId',
    by: 'mark !== undefined',
    test: {
      file: `${outbox}/published-marks.spec.ts`,
      name: 'are read as the highest mark of this database',
    },
  },
  {
    name: 'restore: mark keeps the id from the start of the lease',
    why: 'after the remedy a second restore is not noticed until another relay takes the lease',
    file: `${outbox}/relay-lease.ts`,
    replace: 'this.#storeId = moved?.incarnation ?? this.#storeId;',
    by: 'void moved;',
    test: { file: relays, name: 'notes the current id of the database' },
  },
];
