import type { Mutant } from './mutant.ts';

const producer = 'libs/streaming-core/src/client/producer';
const transactions = 'libs/streaming-core/src/client/transactions';
const inFlight = `${transactions}/transaction-in-flight.int.spec.ts`;
const properties = `${producer}/partition-pipeline.property.spec.ts`;
const whateverFails = {
  file: properties,
  name: 'are written in order, never twice, and as often as their results say, whatever fails',
};
const passing = { file: properties, name: 'are all written if every failure passes' };

/** Faults in the sequence numbers of an idempotent producer, and in its transactions. */
export const producerMutants: readonly Mutant[] = [
  {
    name: 'producer pipelines before the broker knows its sequence',
    why: 'the second batch in flight can be written without the first, which then fails',
    file: `${producer}/partition-pipeline.ts`,
    replace: 'return !this.#settings.idempotence || this.#sequence.isProven(topicId, now);',
    by: 'return true;',
    test: passing,
  },
  {
    name: 'producer keeps its epoch after a batch in doubt',
    why: 'the broker takes another batch for the one that was given up',
    file: `${producer}/partition-pipeline.ts`,
    replace: "if (batch.uncertain) this.#repair = 'raise epoch';",
    by: "if (batch.uncertain) this.#repair = 'rewind';",
    test: whateverFails,
  },
  {
    name: 'producer renumbers a batch that may be on the log',
    why: 'the log has it twice',
    file: `${producer}/partition-pipeline.ts`,
    replace: 'if (numbered.some(({ uncertain }) => uncertain)) return;',
    by: '',
    test: whateverFails,
  },
  {
    name: 'producer sends more while it repeats a batch in doubt',
    why: 'the broker no longer recognizes the batch, which then fails although it was written',
    file: `${producer}/partition-pipeline.ts`,
    replace: 'batch.attempts > 1 || (',
    by: '(',
    test: passing,
  },
  {
    name: 'producer writes a batch after a later one',
    why: 'the records of a partition are out of order',
    file: `${producer}/partition-pipeline.ts`,
    replace: '      this.#failOvertaken();\n',
    by: '',
    test: whateverFails,
  },
  {
    name: 'producer raises the epoch of its transaction by itself',
    why: 'the broker takes the producer for its own successor, or fences it',
    file: `${producer}/partition-sequence.ts`,
    replace: ' || !this.#identity!.raisable',
    by: '',
    test: {
      file: `${producer}/partition-sequence.spec.ts`,
      name: 'needs another identity for a raised epoch in a transaction',
    },
  },
  {
    name: 'producer commits before its records are acknowledged',
    why: 'the transaction commits without records whose sends then fail',
    file: `${transactions}/open-transaction.ts`,
    replace: 'Promise.allSettled([...this.#calls])',
    by: 'Promise.resolve()',
    test: { file: inFlight, name: 'is committed once failed requests were repeated' },
  },
  {
    name: 'producer sends on after an abort',
    why: 'records reach the log after the end of their transaction, and may become part of the next one',
    file: `${transactions}/open-transaction.ts`,
    replace: '    this.#context.deliveries.discardUnsent(this.#aborted);\n',
    by: '',
    test: { file: inFlight, name: 'sends nothing more once it is aborted, and waits for what was sent' },
  },
];
