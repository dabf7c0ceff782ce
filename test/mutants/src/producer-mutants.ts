import type { Mutant } from './mutant.ts';

const producer = 'libs/streaming-core/src/client/producer';
const properties = `${producer}/partition-pipeline.property.spec.ts`;
const whateverFails = {
  file: properties,
  name: 'are written in order, never twice, and as often as their results say, whatever fails',
};
const passing = { file: properties, name: 'are all written if every failure passes' };

/** Faults in the sequence numbers of an idempotent producer. */
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
];
