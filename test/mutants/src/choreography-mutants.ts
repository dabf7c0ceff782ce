import type { Mutant } from './mutant.ts';

/** The simulation plays the handlers of choreographed orders beside the sagas. */
const test = {
  file: 'test/simulation/src/simulation.spec.ts',
  name: 'P09 end exactly once, in each possible way',
};

/** Faults in how services react to each other's events. */
export const choreographyMutants: readonly Mutant[] = [
  {
    name: 'failure of a choreographed order answered only by a payment that has begun',
    why: 'an order that fails before it is paid is never cancelled',
    file: 'apps/payment/src/choreography/choreography.messages.ts',
    replace: 'refundPayment(command, { payment, isReturned: false }, message.id)',
    by: "payment.status === 'none' ? { events: {} } : refundPayment(command, { payment, isReturned: false }, message.id)",
    test,
  },
  {
    name: 'answers of a choreographed order counted and not told apart',
    why: 'an answer that comes twice cancels an order whose payment was not refunded',
    file: 'apps/order/src/choreography/choreography.ts',
    replace: `choreography.undone.includes(step)) return nothing;
  const { orderId } = order;
  const stepUndone: ChoreographyEvent = { type: 'StepUndone', orderId, step, at };
  const all = [...choreography.undone, step];
  if (undoneSteps.some((each) => !all.includes(each)))`,
    by: `step === undefined) return nothing;
  const { orderId } = order;
  const stepUndone: ChoreographyEvent = { type: 'StepUndone', orderId, step, at };
  const all = [...choreography.undone, step];
  if (all.length < undoneSteps.length)`,
    test,
  },
  {
    name: 'details of a choreographed order dropped that come before their event',
    why: 'every order waits until its details are published again at the deadline',
    file: 'apps/payment/src/choreography/awaited-payment.ts',
    replace: "type === 'ReservationSeen' ? !isReserved : details === undefined",
    by: "type === 'ReservationSeen' ? !isReserved : isReserved && details === undefined",
    test,
  },
  {
    name: 'deadline of a choreographed order fires once',
    why: 'an order whose event was lost is never cancelled, and its units stay reserved',
    file: 'apps/order/src/choreography/deadline.ts',
    replace: "recorded.choreography.state.status === 'running' ? deadlineMs : undefined",
    by: "recorded.choreography.state.status === 'absent' ? deadlineMs : undefined",
    test,
  },
];
