import type { Mutant } from './mutant.ts';

/** Faults in events, streams and requests. */
export const commandMutants: readonly Mutant[] = [
  {
    name: 'stream locks in any order',
    why: 'two batches with products in common deadlock',
    file: 'libs/event-sourcing/migrations/0001-event-store.sql',
    replace: 'FROM unnest(streams) AS wanted (id) ORDER BY wanted.id COLLATE "C"\n',
    by: 'FROM unnest(streams) AS wanted (id) ORDER BY wanted.id COLLATE "C" DESC\n',
    test: {
      file: 'libs/event-sourcing/src/postgres/lock-streams.int.spec.ts',
      name: 'are taken in byte order, so a batch that waits for the first holds none of the others',
    },
  },
  {
    name: 'append locks its streams in any order',
    why: 'two appends, or an append and a batch, deadlock',
    file: 'libs/event-sourcing/migrations/0001-event-store.sql',
    replace: '\n    ORDER BY wanted.id COLLATE "C"\n',
    by: '\n    ORDER BY wanted.id COLLATE "C" DESC\n',
    test: {
      file: 'libs/event-sourcing/src/postgres/lock-streams.int.spec.ts',
      name: 'are taken in the order in which appends take streams',
    },
  },
  {
    name: 'expected version not checked',
    why: 'two customers both buy the last lamp',
    file: 'libs/event-sourcing/migrations/0001-event-store.sql',
    replace: 'IF expected_version <> version_before THEN',
    by: 'IF expected_version < 0 THEN',
    test: {
      file: 'libs/event-sourcing/src/postgres/concurrent-appends.int.spec.ts',
      name: 'let exactly one of several writers that expect the same version win',
    },
  },
  {
    name: 'expected versions of several streams not checked',
    why: 'an order takes stock that another order has just taken',
    file: 'libs/event-sourcing/migrations/0001-event-store.sql',
    replace: 'WHERE wanted.expected <> locked.version - wanted.count',
    by: 'WHERE wanted.expected < 0',
    test: {
      file: 'libs/event-sourcing/src/postgres/postgres-event-store.int.spec.ts',
      name: 'writes to none of several streams if one is not at the expected version',
    },
  },
  {
    name: 'effect outside the transaction of its idempotency key',
    why: 'a request repeated after a crash takes effect twice',
    file: 'libs/service-chassis/src/web/idempotency/idempotency.interceptor.ts',
    replace: 'await inRequestTransaction({ transaction, attempt }, work)',
    by: 'await (attempt > 0 ? work() : inRequestTransaction({ transaction, attempt }, work))',
    test: {
      file: 'libs/service-chassis/src/web/idempotency/idempotency.int.spec.ts',
      name: 'covers all its streams, so a refusal undoes everything before it and is itself kept',
    },
  },
  {
    name: 'a preliminary refusal is kept',
    why: 'an order for a new product is refused under its key for a day',
    file: 'libs/service-chassis/src/web/idempotency/idempotency.interceptor.ts',
    replace: '  !error.passes &&\n',
    by: '',
    test: {
      file: 'libs/service-chassis/src/web/idempotency/idempotency.int.spec.ts',
      name: 'is never a temporary refusal',
    },
  },
  {
    name: 'idempotency key answers another request',
    why: 'a client that reuses a key believes that its second order was placed',
    file: 'libs/service-chassis/src/web/idempotency/kept-answers.ts',
    replace: 'if (!fingerprint.equals(known.fingerprint))',
    by: 'if (fingerprint.length !== known.fingerprint.length)',
    test: {
      file: 'libs/service-chassis/src/web/idempotency/idempotency.int.spec.ts',
      name: 'gets a 422 for a different body and has no effect',
    },
  },
  {
    name: 'an answer that another request is in flight is kept',
    why: 'a client that repeats its request too early never gets the real answer',
    file: 'libs/service-chassis/src/web/problems/problem.ts',
    replace: "title: 'A request with this idempotency key is still in progress',\n    retryAfterSeconds: 1,",
    by: "title: 'A request with this idempotency key is still in progress',",
    test: {
      file: 'libs/service-chassis/src/web/idempotency/idempotency.int.spec.ts',
      name: 'does not keep an answer that only says that another request is in flight',
    },
  },
];
