import type { Mutant } from './mutant.ts';

const decision = 'libs/saga/src/decision';
const engine = 'libs/saga/src/engine';

/** The saga, and what its participants promise it. */
export const sagaMutants: readonly Mutant[] = [
  {
    name: 'timer fired without reading up',
    why: 'an outage cancels orders whose replies wait on the log',
    file: `${engine}/timer-driver.ts`,
    replace:
      'if (!mayFire(held) || !(await held.owned.caughtUp(topicsByStart.get(topic) ?? []))) return false;',
    by: 'await held.owned.caughtUp(topicsByStart.get(topic) ?? []);',
    test: {
      file: `${engine}/timers.int.spec.ts`,
      name: 'wait until the replies that wait on the log have been taken',
    },
  },
  {
    name: 'due timers not moved after an assignment',
    why: 'an outage of the order service cancels what had succeeded',
    file: `${engine}/held-partitions.ts`,
    replace: 'settled: 0,',
    by: 'settled: 1,',
    test: {
      file: `${engine}/timer-disruption.int.spec.ts`,
      name: 'are moved even when the runtime never says that the assignment was a disruption',
    },
  },
  {
    name: 'timer fired without looking again under its locks',
    why: 'a timer that was granted more time fires all the same',
    file: `${engine}/saga-engine.ts`,
    replace: 'if (rowCount === 0) return;',
    by: 'void rowCount;',
    test: {
      file: `${engine}/timer-races.int.spec.ts`,
      name: 'does nothing when it was granted more time while it waited',
    },
  },
  {
    name: 'pivot compensated on a timeout',
    why: 'an order that was completed is refunded',
    file: `${decision}/timeouts.ts`,
    replace: "step?.kind === 'compensatable' &&",
    by: "step?.kind !== 'retriable' &&",
    test: { file: `${decision}/decide.spec.ts`, name: 'never undoes because of a silent %s' },
  },
  {
    name: 'compensation of an unanswered step skipped',
    why: 'a card that was charged, but whose answer was lost, is never refunded',
    file: `${decision}/transitions.ts`,
    replace: "exchange.status !== 'rejected' &&",
    by: "exchange.status === 'accepted' &&",
    test: { file: `${decision}/decide.spec.ts`, name: 'too when it fell silent, since it may have happened' },
  },
  {
    name: 'compensation in the order of the steps',
    why: 'stock is given back while its payment still stands',
    file: `${decision}/transitions.ts`,
    replace: 'context.definition.steps.toReversed().find(',
    by: 'context.definition.steps.find(',
    test: { file: `${decision}/decide.spec.ts`, name: 'awaits each compensation before the next one' },
  },
  {
    name: 'late reply taken as in time',
    why: 'a saga that is being compensated sends its next step as well',
    file: `${decision}/replies.ts`,
    replace: 'if (late) return [recorded];',
    by: 'void late;',
    test: { file: `${decision}/decide.spec.ts`, name: 'is recorded; the compensation on its way undoes it' },
  },
  {
    name: 'cancellation compensates a saga whose pivot is on its way',
    why: 'an order is completed and refunded',
    file: `${decision}/decide.ts`,
    replace: "if (state.status !== 'running' || pivotSent) return [recorded];",
    by: "if (state.status !== 'running') return [recorded];",
    test: {
      file: `${decision}/decide.spec.ts`,
      name: 'after the pivot was sent is recorded, and an accepted pivot wins',
    },
  },
  {
    name: 'a re-send gets a new id',
    why: 'the participant takes it for another command, and does it twice',
    file: `${decision}/evolve.ts`,
    replace: 'return change(state, event, { attempts: event.attempt });',
    by: 'return change(state, event, { attempts: event.attempt, commandId: `${event.commandId}x` });',
    test: {
      file: `${decision}/decide.spec.ts`,
      name: 'sends a step again with the same id before it counts as a timeout',
    },
  },
  {
    name: 'cancellation marker missing (inventory)',
    why: 'a reservation that comes after its release holds stock for ever',
    file: 'apps/inventory/src/domain/reservation.ts',
    replace: "return { status: 'released' };",
    by: "return event.lines.length === 0 ? initialState : { status: 'released' };",
    test: {
      file: 'apps/inventory/src/domain/stock.spec.ts',
      name: 'and refuses every reservation once it was released',
    },
  },
  {
    name: 'cancellation marker missing (payment)',
    why: 'a payment that comes after its refund takes the money for ever',
    file: 'apps/payment/src/domain/payment.ts',
    replace:
      "return event.amount === null ? { status: 'void' } : { status: 'refunded', amount: event.amount };",
    by: "return event.amount === null ? initialState : { status: 'refunded', amount: event.amount };",
    test: {
      file: 'apps/payment/src/domain/payment.spec.ts',
      name: 'is answered, and refuses the late payment',
    },
  },
  {
    name: 'cancellation marker missing (shipping)',
    why: 'a parcel is booked for an order that was cancelled',
    file: 'apps/shipping/src/domain/shipment.ts',
    replace: "case 'ShipmentCancelled':\n      return { status: 'cancelled' };",
    by: "case 'ShipmentCancelled':\n      return { status: 'none' };",
    test: {
      file: 'apps/shipping/src/domain/shipment.spec.ts',
      name: 'answers a cancellation also when nothing was scheduled, and then refuses the late command',
    },
  },
  {
    name: 'an unwanted charge is not given back',
    why: 'a card whose answer came after the refund stays charged',
    file: 'apps/payment/src/domain/decide-payment.ts',
    replace: "if (outcome === 'declined') return { events: [nothingRefunded(orderId, payment)], answers };",
    by: "return { events: [{ type: 'PaymentRefunded', orderId, amount: payment.amount }], answers };",
    test: {
      file: 'apps/payment/src/domain/payment.spec.ts',
      name: 'that turns out approved then is undone, and only the refund is told',
    },
  },
];
