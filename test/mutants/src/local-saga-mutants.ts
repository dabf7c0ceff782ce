import type { Mutant } from './mutant.ts';

const engine = 'libs/saga/src/engine';

/** Faults in what a saga does in the transactions of its own service. */
export const localSagaMutants: readonly Mutant[] = [
  {
    name: 'timer of a local start left without a partition',
    why: 'a lost reservation is never asked for again',
    file: `${engine}/take-input.ts`,
    replace: 'if (stillAwaited(before, after).length > 0)',
    by: 'if (before === after)',
    test: {
      file: `${engine}/timer-adoption.int.spec.ts`,
      name: 'gets the partition from the first message that leaves it as it is',
    },
  },
  {
    name: 'timer of a local start keeps its due time',
    why: 'an outage of the relay cancels orders whose commands were published just now',
    file: 'libs/saga/src/postgres/saga.sql.ts',
    replace:
      "SET partition = adopted.partition, due_at = adopted.at + timer.step_timeout_ms * interval '1 millisecond'",
    by: 'SET partition = adopted.partition',
    test: {
      file: `${engine}/timer-adoption.int.spec.ts`,
      name: 'has the whole timeout from then on',
    },
  },
  {
    name: 'adopted timer adopted again',
    why: 'copies of a message postpone a timer forever',
    file: 'libs/saga/src/postgres/saga.sql.ts',
    replace: 'timer.saga_id = adopted.saga_id AND timer.partition IS NULL',
    by: 'timer.saga_id = adopted.saga_id',
    test: {
      file: `${engine}/timer-adoption.int.spec.ts`,
      name: 'gets the partition from the first message that leaves it as it is',
    },
  },
  {
    name: 'start version ignored by the local start',
    why: 'during an upgrade, a request starts a saga that other processes do not know',
    file: `${engine}/definitions.ts`,
    replace: 'const local = names.map(starting).filter(',
    by: 'const local = sorted.filter(',
    test: {
      file: `${engine}/local-start.int.spec.ts`,
      name: 'waits for its message while new instances start with a version that does not start locally',
    },
  },
];
