import type { Mutant } from './mutant.ts';

const outbox = 'libs/streaming-core/src/messaging/outbox';
const relays = `${outbox}/exactly-once.int.spec.ts`;

/** How a relay with exactly-once delivery finds the row at which it continues. */
export const exactlyOnceMutants: readonly Mutant[] = [
  {
    name: 'exactly once: cursor read only to the last stable offset',
    why: 'a foreign transaction in the topic of the cursor hides the last cursor, and rows are published twice',
    file: `${outbox}/relay-transactions.ts`,
    replace: 'const [end] = await ends.endOffsets([at]);',
    by: 'const [end] = await reader.endOffsets([at]);',
    test: { file: relays, name: 'waits for a foreign transaction that hides its last cursor' },
  },
  {
    name: 'exactly once: cursor read before the predecessor is fenced',
    why: 'a paused predecessor commits after the cursor was read, and its rows are published twice',
    file: `${outbox}/relay-transactions.ts`,
    replace: 'await producer.open();',
    by: 'void producer;',
    test: { file: relays, name: 'fences a former holder that was paused in a transaction' },
  },
  {
    name: 'exactly once: cursor beyond the outbox accepted',
    why: 'a restored database skips the rows that it writes until it has passed the cursor on the log',
    file: `${outbox}/publishers.ts`,
    replace: 'await refuseOlderDatabase(database, { name, position: lease.position }, ours);',
    by: '',
    test: { file: relays, name: 'stops before a database that is older than the log' },
  },
  {
    name: 'exactly once: cursor of every database counts',
    why: 'a database that was given a new id on purpose never publishes again',
    file: `${outbox}/publishers.ts`,
    replace: 'cursor?.storeId === lease.storeId ? cursor : undefined',
    by: 'cursor',
    test: { file: relays, name: 'stops before a database that is older than the log' },
  },
  {
    name: 'exactly once: lease not checked after the take-over',
    why: 'two relays fence each other in turn, and neither publishes for long',
    file: `${outbox}/publishers.ts`,
    replace: 'await lease.advance(further ? ours.position : lease.position);',
    by: 'if (further) await lease.advance(ours.position);',
    test: { file: relays, name: 'publishes nothing if it loses its lease while it takes over the log' },
  },
  {
    name: 'exactly once: batch repeated after an unknown outcome',
    why: 'a batch whose commit took effect is published twice',
    file: `${outbox}/publishers.ts`,
    replace: '} catch (error) {\n      this.#producer = undefined;',
    by: '} catch (error) {',
    test: { file: relays, name: 'repeats nothing if no broker answered a commit that took effect' },
  },
  {
    name: 'exactly once: fenced relay takes the log over again',
    why: 'two relays fence each other in turn while both believe that they have the lease',
    file: `${outbox}/publishers.ts`,
    replace: "if (!(error instanceof ClientError) || error.kind !== 'fenced') throw error;",
    by: 'if (error instanceof ClientError) throw error;',
    test: { file: relays, name: 'competes for its lease again when another producer takes over' },
  },
  {
    name: 'exactly once: delivery not recorded before the first transaction',
    why: 'a relay that goes back to at-least-once delivery repeats what the cursor on the log has passed',
    file: `${outbox}/publishers.ts`,
    replace: "if (lease.delivery !== 'exactly-once') await lease.declare('exactly-once');",
    by: '',
    test: { file: relays, name: 'hands over to at-least-once delivery where the cursor on the log is' },
  },
];
