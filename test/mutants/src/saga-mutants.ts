import type { Mutant } from './mutant.ts';

const decision = 'libs/saga/src/decision';
const engine = 'libs/saga/src/engine';

/** Faults in the saga and in the promises of its participants. */
export const sagaMutants: readonly Mutant[] = [
  {
    name: 'timer fired before its owner has caught up',
    why: 'an outage cancels orders whose replies are waiting on the log',
    file: `${engine}/timer-driver.ts`,
    replace: 'const overtakesNothing = due.filter(({ due_at }) => due_at.getTime() <= caughtUpTo);',
    by: 'const overtakesNothing = due.filter(() => caughtUpTo < Infinity);',
    test: {
      file: `${engine}/timers.int.spec.ts`,
      name: 'wait until the saga has handled the replies on the log',
    },
  },
  {
    name: 'timer fired although its owner has caught up only to an earlier moment',
    why: 'under load a step times out although its reply was on the log in time',
    file: `${engine}/timer-driver.ts`,
    replace: 'const overtakesNothing = due.filter(({ due_at }) => due_at.getTime() <= caughtUpTo);',
    by: 'const overtakesNothing = due.filter(() => caughtUpTo > -Infinity);',
    test: {
      file: `${engine}/timers.int.spec.ts`,
      name: 'fire under load only if they came due by the moment that the owner has caught up to',
    },
  },
  {
    name: 'timer fired while a message of its saga is parked',
    why: 'a step is compensated although its reply waits behind a failed message',
    file: `${engine}/timer-driver.ts`,
    replace: 'parkedAmong(topics, idsOf(overtakesNothing))',
    by: 'parkedAmong(topics, idsOf([]))',
    test: {
      file: `${engine}/timer-parked.int.spec.ts`,
      name: 'does not fire until the message is given up, and does not hold up others',
    },
  },
  {
    name: 'ends of the log fetched again at each check',
    why: 'while the order service lags, no timer fires',
    file: 'libs/streaming-core/src/messaging/consumer/catching-up.ts',
    replace: 'progress.wanted = reached ? undefined : ends;',
    by: 'progress.wanted = undefined;',
    test: {
      file: 'libs/streaming-core/src/messaging/consumer/ownership.int.spec.ts',
      name: 'catches up to a moment under load once the messages before it are handled, even if later ones have arrived',
    },
  },
  {
    name: 'disruption during the handling of the previous one is lost',
    why: 'timers fire although the second outage delayed their replies',
    file: 'libs/streaming-core/src/messaging/consumer/ownership.ts',
    replace: 'this.#settledDisruptions = disruptions;',
    by: 'this.#settledDisruptions = this.#disruptions;',
    test: {
      file: 'libs/streaming-core/src/messaging/consumer/ownership.int.spec.ts',
      name: 'announces another disruption that comes while the listeners handle the previous one',
    },
  },
  {
    name: 'disruption during the move of timers after the previous one is lost',
    why: 'timers fire that fell due during the second outage',
    file: `${engine}/timer-driver.ts`,
    replace: 'if (left === 0) held.settled = Math.max(held.settled, disruptions);',
    by: 'if (left === 0) held.settled = held.disruptions;',
    test: {
      file: `${engine}/timer-disruption.int.spec.ts`,
      name: 'are moved again after a second disruption that came during the first move',
    },
  },
  {
    name: 'due timers not moved after an assignment',
    why: 'an outage of the order service cancels orders whose steps succeeded',
    file: `${engine}/held-partitions.ts`,
    replace: 'settled: 0,',
    by: 'settled: 1,',
    test: {
      file: `${engine}/timer-disruption.int.spec.ts`,
      name: 'are moved even if the runtime never reports the assignment as a disruption',
    },
  },
  {
    name: 'timer fired without a second check under its locks',
    why: 'a timer fires although it was granted more time',
    file: `${engine}/saga-engine.ts`,
    replace: 'if (stillDue.has(place) && mayGoOn())',
    by: 'if (mayGoOn())',
    test: {
      file: `${engine}/timer-races.int.spec.ts`,
      name: 'does nothing if it was granted more time while it waited',
    },
  },
  {
    name: 'failed timer postponed although a reply has set another',
    why: 'the next step times out later than configured',
    file: 'libs/saga/src/postgres/saga.sql.ts',
    replace: 'USING (definition, saga_id, role, step, token)\n    FOR UPDATE OF saga_timer SKIP LOCKED',
    by: 'USING (definition, saga_id, role, step)\n    FOR UPDATE OF saga_timer SKIP LOCKED',
    test: {
      file: `${engine}/timers.int.spec.ts`,
      name: 'are postponed after a failure only if no reply has set another one in the meantime',
    },
  },
  {
    name: 'live saga of an unknown version treated as a failed message',
    why: 'during a rolling release, replies that the next version awaits become dead letters',
    file: `${engine}/definitions.ts`,
    replace: 'return new BlockedError(message,',
    by: 'return new Error(message,',
    test: {
      file: `${engine}/versions.int.spec.ts`,
      name: 'blocks the earlier release if it is %s, and is handled by the later one',
    },
  },
  {
    name: 'saga with an unknown name left out of the guard',
    why: 'replies of a new saga are lost while the earlier release still has partitions',
    file: 'libs/saga/src/postgres/saga.sql.ts',
    replace: 'WHERE ${column} > ${as}.${column} ORDER BY ${column} LIMIT 1',
    by: 'WHERE ${column} > ${as}.${column} AND false LIMIT 1',
    test: {
      file: `${engine}/versions.int.spec.ts`,
      name: 'blocks a release that does not know the saga by name',
    },
  },
  {
    name: 'ended saga of an unknown version blocks',
    why: 'a release that was rolled back is blocked by late messages of ended sagas',
    file: 'libs/saga/src/postgres/saga.sql.ts',
    replace: "AND saga_id = wanted.saga_id AND status NOT IN ('completed', 'compensated') LIMIT 1",
    by: 'AND saga_id = wanted.saga_id LIMIT 1',
    test: {
      file: `${engine}/versions.int.spec.ts`,
      name: 'is skipped if the instance has ended, does not exist or has a known version',
    },
  },
  {
    name: 'start version ignored',
    why: 'a release starts the next version while other processes do not know it',
    file: `${engine}/definitions.ts`,
    replace: 'starts.get(name) ?? sorted.find',
    by: 'sorted.find',
    test: {
      file: `${engine}/versions.int.spec.ts`,
      name: 'is the newest, or the one that the options name',
    },
  },
  {
    name: 'pivot compensated on a timeout',
    why: 'an order that was completed is refunded',
    file: `${decision}/timers.ts`,
    replace: "step?.kind === 'compensatable' &&",
    by: "step?.kind !== 'retriable' &&",
    test: { file: `${decision}/decide.spec.ts`, name: 'never undoes anything for a silent %s' },
  },
  {
    name: 'compensation of an unanswered step skipped',
    why: 'a charge with a lost answer is never refunded',
    file: `${decision}/flow.ts`,
    replace: "status !== 'rejected' &&",
    by: "status === 'accepted' &&",
    test: {
      file: `${decision}/decide.spec.ts`,
      name: 'also undoes %s if it got no reply, since it may have happened',
    },
  },
  {
    name: 'compensation in the order of the steps',
    why: 'stock is released before its payment is refunded',
    file: `${decision}/flow.ts`,
    replace: 'Object.entries(state.steps).findLast(',
    by: 'Object.entries(state.steps).find(',
    test: { file: `${decision}/decide.spec.ts`, name: 'awaits each compensation before the next one' },
  },
  {
    name: 'late reply treated as on time',
    why: 'a saga that is being compensated sends its next step as well',
    file: `${decision}/replies.ts`,
    replace: 'if (late || state.paused !== undefined) return [recorded];',
    by: 'if (state.paused !== undefined) return [recorded];',
    test: {
      file: `${decision}/decide.spec.ts`,
      name: 'is recorded if it is %s, and the pending compensation undoes it',
    },
  },
  {
    name: 'cancellation compensates a saga whose pivot is on its way',
    why: 'an order is completed and refunded',
    file: `${decision}/decide.ts`,
    replace: ' || pivotSent(context.definition, state);',
    by: ';',
    test: {
      file: `${decision}/decide.spec.ts`,
      name: 'is only recorded after the pivot was sent, and an accepted pivot wins',
    },
  },
  {
    name: 'a re-send gets a new id',
    why: 'the participant treats it as another command and handles it twice',
    file: `${decision}/evolve.ts`,
    replace: 'return change(state, event, { attempts: event.attempt });',
    by: 'return change(state, event, { attempts: event.attempt, commandId: `${event.commandId}x` });',
    test: {
      file: `${decision}/decide.spec.ts`,
      name: 'sends a step again with the same id before it counts as a timeout',
    },
  },
];
