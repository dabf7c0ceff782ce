import type { Mutant } from './mutant.ts';

const chassis = 'libs/service-chassis/src';

/** Faults in statements that are sent together with COMMIT, and so have to fail in the database. */
export const commitSentAlongMutants: readonly Mutant[] = [
  {
    name: 'an update of a missing row succeeds',
    why: 'the events are committed, but the view does not show them',
    file: 'libs/read-models/src/tables/row-table.ts',
    replace: 'LIMIT 1)::integer`',
    by: 'LIMIT 1)`',
    test: {
      file: 'libs/read-models/src/projections/inline-projection.int.spec.ts',
      name: 'commits nothing if the row does not exist, although COMMIT is sent together with the change',
    },
  },
  {
    name: 'a kept answer is not kept again, but its request takes effect again',
    why: 'a repeated request orders twice',
    file: `${chassis}/web/idempotency/kept-answers.ts`,
    replace: 'WHERE NOT EXISTS (SELECT FROM kept))::integer`',
    by: 'WHERE NOT EXISTS (SELECT FROM kept))`',
    test: {
      file: `${chassis}/web/idempotency/idempotency.int.spec.ts`,
      name: 'cannot replace a kept answer, even if it found the key free',
    },
  },
  {
    name: 'a companion stream is always taken for new',
    why: 'each append to an existing one fails with a conflict first',
    file: 'libs/event-sourcing/src/transaction-streams.ts',
    replace: 'if (streamsOf(transaction).assumesNew) assumeNew(transaction, stream);',
    by: 'assumeNew(transaction, stream);',
    test: {
      file: 'libs/event-sourcing/src/new-streams.int.spec.ts',
      name: 'lets a companion be new as well, which is otherwise read',
    },
  },
];
