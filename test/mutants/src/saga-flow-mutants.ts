import type { Mutant } from './mutant.ts';

const decision = 'libs/saga/src/decision';

/** Faults in results, steps side by side, waits and the deadline of sagas. */
export const sagaFlowMutants: readonly Mutant[] = [
  {
    name: 'steps side by side joined by the first reply',
    why: 'an order is completed although one of its steps may still be refused',
    file: `${decision}/flow.ts`,
    replace: "return steps.every(({ name }) => sent[name]?.status === 'accepted') ? 'done' : 'waits';",
    by: "return steps.some(({ name }) => sent[name]?.status === 'accepted') ? 'done' : 'waits';",
    test: {
      file: `${decision}/flow.spec.ts`,
      name: 'are sent together and join, whatever the order of replies',
    },
  },
  {
    name: 'late result taken although the undoing command was sent',
    why: 'a re-send of a command has another content than its first sending, and the participant keeps the first',
    file: `${decision}/evolve.ts`,
    replace: "role === 'step' && result !== undefined && !(step in compensations)",
    by: "role === 'step' && result !== undefined && compensations !== undefined",
    test: {
      file: `${decision}/flow.spec.ts`,
      name: 'are taken from a late reply until the step is being undone, so that a re-send never differs',
    },
  },
  {
    name: 'message that comes before its wait ignored',
    why: 'a parcel that comes back early is waited for until the return is closed as overdue',
    file: `${decision}/replies.ts`,
    replace: "(known !== undefined && known.status !== 'open')",
    by: "known?.status !== 'open'",
    test: {
      file: `${decision}/flow.spec.ts`,
      name: 'takes a message that came before the saga waited for it',
    },
  },
  {
    name: 'deadline compensates a saga whose pivot is on its way',
    why: 'a return is refunded and closed as overdue as well',
    file: `${decision}/timers.ts`,
    replace: "state.status === 'running' && !pivotSent(definition, state) ? state.deadline : undefined",
    by: "state.status === 'running' && definition.deadline !== undefined ? state.deadline : undefined",
    test: { file: `${decision}/flow.spec.ts`, name: 'has no effect once the pivot was sent' },
  },
  {
    name: 'withheld command counted as unanswered',
    why: 'orders are cancelled because an operator held back the commands to a participant that was down',
    file: 'libs/saga/src/postgres/saga.sql.ts',
    replace: 'AND due_at <= $3 AND NOT withheld FOR UPDATE SKIP LOCKED',
    by: 'AND due_at <= $3 AND withheld FOR UPDATE SKIP LOCKED',
    test: {
      file: 'libs/saga/src/engine/holds.int.spec.ts',
      name: 'send nothing while the',
    },
  },
  {
    name: 'message of a path that was not taken kept',
    why: 'a message that the saga never waits for changes what a later re-send says',
    file: `${decision}/flow.ts`,
    replace: 'const paths = taken === undefined ? [...node.then, ...node.otherwise] : node[taken];',
    by: 'const paths = taken === undefined ? [] : [...node.then, ...node.otherwise];',
    test: {
      file: `${decision}/flow.spec.ts`,
      name: 'ignores a message of a path that was not taken, so that a re-send never differs',
    },
  },
  {
    name: 'saga within a wait counted as late',
    why: 'every return that waits for its parcel raises an alarm',
    file: 'libs/saga/src/postgres/saga.sql.ts',
    replace: "FROM saga_timer WHERE role IN ('step', 'compensation', 'closing')",
    by: "FROM saga_timer WHERE role IN ('step', 'compensation', 'closing', 'wait')",
    test: {
      file: 'libs/saga/src/postgres/saga-figures.int.spec.ts',
      name: 'show how long the oldest command of each definition has waited, without sagas that are within a wait',
    },
  },
];
