import type { Mutant } from './mutant.ts';

const postgres = 'libs/streaming-core/src/postgres';
const calls = 'libs/streaming-core/src/messaging/external-calls';
const callsSpec = `${calls}/claim-on-insert.int.spec.ts`;
const rowsSpec = 'libs/streaming-core/src/messaging/outbox/row-source.int.spec.ts';
const transactionSpec = `${postgres}/transaction.spec.ts`;

/** Faults in the code that saves round trips to the database. */
export const transactionMutants: readonly Mutant[] = [
  {
    name: 'COMMIT although a write has failed',
    why: 'a projection whose row is missing is committed without that row',
    file: `${postgres}/collected-writes.ts`,
    replace: '  if (!failed) allSent();\n',
    by: '  allSent();\n',
    test: { file: transactionSpec, name: 'is not sent if a write fails while another one still asks' },
  },
  {
    name: 'COMMIT although a write could not be sent',
    why: 'events are committed without the messages about them',
    file: `${postgres}/transaction.ts`,
    replace: 'shared.unsent || shared.committing !== undefined',
    by: 'shared.committing !== undefined',
    test: { file: transactionSpec, name: 'is not sent if a value of a write cannot be sent' },
  },
  {
    name: 'statement after COMMIT',
    why: 'a write that comes too late is committed alone',
    file: `${postgres}/transaction.ts`,
    replace:
      'if (shared.committing !== undefined) throw new TypeError(`the transaction has already ended: ${text}`);',
    by: '',
    test: { file: transactionSpec, name: 'is the last statement, and a later one is rejected unsent' },
  },
  {
    name: 'request committed before its answer is kept',
    why: 'a repeated request takes effect twice',
    file: `${postgres}/transaction.ts`,
    replace: '    this.#shared.keptOpen = true;\n',
    by: '',
    test: { file: transactionSpec, name: 'is left to the owner of a transaction that is kept open' },
  },
  {
    name: 'rows of an uncommitted transaction published',
    why: 'other services act on an event that never happened',
    file: 'libs/streaming-core/src/messaging/outbox/append.ts',
    replace: 'if (committed) relay.take(stored);',
    by: 'relay.take(stored);',
    test: { file: rowsSpec, name: 'publishes no row of a transaction that rolls back' },
  },
  {
    name: 'rows from memory behind a gap',
    why: 'messages of a transaction that commits later are never published',
    file: 'libs/streaming-core/src/messaging/outbox/row-source.ts',
    replace: '    for (let row = this.#committed.get(position + 1n); row !== undefined;) {\n',
    by: '    for (let row = [...this.#committed.values()][0]; row !== undefined;) {\n',
    test: { file: rowsSpec, name: 'reads the outbox if another process has committed rows in between' },
  },
  {
    name: 'hint lost behind rows from memory',
    why: 'a message of another process waits for the next poll',
    file: 'libs/streaming-core/src/messaging/outbox/row-source.ts',
    replace: '!this.#readAll || this.#toRead',
    by: '!this.#readAll',
    test: { file: rowsSpec, name: 'reads the outbox after a hint that comes together with rows of its own' },
  },
  {
    name: 'external call made after a rollback',
    why: 'a card is charged for a decision that never took effect',
    file: `${calls}/claim-on-insert.ts`,
    replace: 'committed ? claimed.filter((call) => call.kind === kind) : []',
    by: 'claimed.filter((call) => call.kind === kind)',
    test: { file: callsSpec, name: 'are not made after a rollback, which frees their slots' },
  },
  {
    name: 'calls claimed beyond the slots of their worker',
    why: 'a provider gets more concurrent calls than it allows',
    file: `${calls}/worker.ts`,
    replace: 'Math.min(calls, freeSlots())',
    by: 'calls',
    test: { file: callsSpec, name: 'are left to the next claim if the worker has too few free slots' },
  },
  {
    name: 'call of a stopped worker kept until its lease ends',
    why: 'an order waits 15 s for its parcel after every deployment',
    file: `${calls}/worker.ts`,
    replace: '      interrupting.abort(); // a transaction that still commits gives its calls back\n',
    by: '',
    test: { file: callsSpec, name: 'are given back if the worker has stopped before the commit' },
  },
];
