import type { Mutant } from './mutant.ts';

const engine = 'libs/saga/src/engine';

/** Faults in the steps that a saga takes in transactions of its own service. */
export const localSagaMutants: readonly Mutant[] = [
  {
    name: 'timer of a local start left without a partition',
    why: 'a lost reservation is never asked for again',
    file: `${engine}/take-input.ts`,
    replace: 'if (keepsTimers(before, after))',
    by: 'if (before === after)',
    test: {
      file: `${engine}/timer-adoption.int.spec.ts`,
      name: 'gets the partition from the first message that does not set it',
    },
  },
  {
    name: 'timer of a local start keeps its due time',
    why: 'an outage of the relay cancels orders whose commands were published just now',
    file: 'libs/saga/src/postgres/saga.sql.ts',
    replace: "ELSE greatest(timer.due_at, adopted.at + timer.step_timeout_ms * interval '1 millisecond') END",
    by: 'ELSE timer.due_at END',
    test: {
      file: `${engine}/timer-adoption.int.spec.ts`,
      name: 'gets its whole timeout again with the partition',
    },
  },
  {
    name: 'adopted timer adopted again',
    why: 'copies of a message postpone a timer forever',
    file: 'libs/saga/src/postgres/saga.sql.ts',
    replace: '    AND timer.partition IS NULL',
    by: '',
    test: {
      file: `${engine}/timer-adoption.int.spec.ts`,
      name: 'gets the partition from the first message that does not set it',
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
      name: 'waits for its message while the start version does not start locally',
    },
  },
  {
    name: 'terminal error of a local step passed on',
    why: "a participant's reply becomes a dead letter because the order service has a fault",
    file: `${engine}/local-steps.ts`,
    replace:
      "throw error instanceof TerminalError ? failedStep(incoming, command, 'was rejected', error) : error;",
    by: 'throw error;',
    test: {
      file: `${engine}/local-pivot.int.spec.ts`,
      name: 'makes the transaction of the reply fail with a retriable error, for %s',
    },
  },
  {
    name: 'local step tried for ever with its reply',
    why: "a participant's reply becomes a dead letter once its retries are used up",
    file: `${engine}/local-steps.ts`,
    replace: 'if (attempt <= attemptsMax)',
    by: 'if (attempt > 0)',
    test: {
      file: `${engine}/local-pivot.int.spec.ts`,
      name: 'makes the saga need attention at the fourth attempt, and is tried again by its timer',
    },
  },
  {
    name: 'command of a local pivot sent as well',
    why: 'the order handles a completion that was decided already',
    file: `${engine}/take-input.ts`,
    replace: 'sent.flatMap(({ local, message }) => (local ? [] : [message])),',
    by: 'sent.map(({ message }) => message),',
    test: {
      file: `${engine}/local-pivot.int.spec.ts`,
      name: 'is decided in the transaction of the reply that leads to it, with the next command',
    },
  },
  {
    name: 'local pivot decided without the lock of its stream',
    why: 'an order is completed although its cancellation was accepted',
    file: `${engine}/handlers.ts`,
    replace: '[sagaStream(name, sagaId), ...(alsoLocks?.(sagaId, name) ?? [])]',
    by: '[sagaStream(name, sagaId)]',
    test: {
      file: `${engine}/local-pivot.int.spec.ts`,
      name: 'waits for a cancellation that holds the lock, and is rejected once it commits',
    },
  },
];
