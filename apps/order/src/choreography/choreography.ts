import type { CancellationReason, OrderLine } from '@millrace/contracts';
import {
  assertNever,
  isErased,
  isRejected,
  rejected,
  type Folding,
  type Rejected,
} from '@millrace/event-sourcing';
import type { OrderEvent } from '../domain/events.ts';
import { order as orderDecider, type Order } from '../domain/order.ts';
import type { ChoreographyEvent, Step, UndoneStep } from './events.ts';

/** A fact about a choreographed order that a message brings. */
export type HeardMessage =
  | { readonly type: 'placed' }
  | { readonly type: 'done'; readonly step: Step }
  | { readonly type: 'failed'; readonly reason: CancellationReason }
  | { readonly type: 'undone'; readonly step: UndoneStep };

/** A fact about a choreographed order. `at` is when the order service learned of it, in ISO 8601 UTC. */
export type Heard = { readonly at: string } & (HeardMessage | { readonly type: 'deadline' });

/**
 * How far a choreographed order has come:
 * - `running`: the services reserve, charge and book, each when it hears of the one before.
 * - `committing`: the order is completed, and its units are not shipped yet.
 * - `compensating`: the order has failed, and not every service has answered that it has undone its part.
 */
export type Choreography =
  | { readonly status: 'absent' }
  | ({ readonly status: 'running'; readonly detailsRepeated: boolean } & Done)
  | ({ readonly status: 'committing' } & Done)
  | {
      readonly status: 'compensating';
      readonly reason: CancellationReason;
      readonly undone: readonly UndoneStep[];
    }
  | { readonly status: 'completed' }
  | { readonly status: 'compensated' };

interface Done {
  readonly done: readonly Step[];
}

const initialState: Choreography = { status: 'absent' };

export const choreographyFolding: Folding<ChoreographyEvent, Choreography> = { initialState, evolve };

const undoneSteps: readonly UndoneStep[] = ['reserve', 'pay', 'ship'];

interface States {
  readonly choreography: Choreography;
  readonly order: Order;
}
type Placed = Exclude<Order, { status: 'absent' }>;

interface Decision {
  readonly events: {
    readonly choreography: readonly ChoreographyEvent[];
    readonly order?: readonly OrderEvent[];
  };
}

/**
 * Decides what follows from something that order has heard. The order's own stream decides whether it
 * is completed or has been cancelled by then. What comes too late changes nothing: the services undo
 * it when they hear that the order has failed.
 */
export function react(heard: Heard, { choreography, order }: States): Decision | Rejected<'unknown_order'> {
  if (order.status === 'absent') return rejected('unknown_order');
  if (order.style !== 'choreographed') return { events: { choreography: [] } };
  if (choreography.status !== 'absent') return follow(heard, choreography, order);
  const started: ChoreographyEvent = {
    type: 'ChoreographyStarted',
    orderId: order.orderId,
    at: heard.at,
  };
  const { events } = follow(heard, evolve(choreography, started), order);
  return { events: { ...events, choreography: [started, ...events.choreography] } };
}

const nothing: Decision = { events: { choreography: [] } };

function follow(heard: Heard, choreography: Choreography, order: Placed): Decision {
  switch (heard.type) {
    case 'placed':
      return nothing;
    case 'done':
      return done(heard, choreography, order);
    case 'failed':
      return choreography.status === 'running' ? failed(heard.reason, heard.at, order) : nothing;
    case 'undone':
      return undone(heard, choreography, order);
    case 'deadline':
      return choreography.status === 'running' ? overdue(heard.at, choreography, order) : nothing;
    default:
      return assertNever(heard);
  }
}

/** The shipment is the last step that can be undone, so the order is completed with it. */
function done(
  { step, at }: Extract<Heard, { type: 'done' }>,
  choreography: Choreography,
  order: Placed,
): Decision {
  if (choreography.status !== 'running' && choreography.status !== 'committing') return nothing;
  if (choreography.done.includes(step)) return nothing;
  const { orderId } = order;
  const stepDone: ChoreographyEvent = { type: 'StepDone', orderId, step, at };
  if (step === 'commit')
    return { events: { choreography: [stepDone, { type: 'ChoreographyCompleted', orderId, at }] } };
  if (step !== 'ship' || choreography.status !== 'running') return { events: { choreography: [stepDone] } };
  const events = decided({ type: 'CompleteOrder', orderId, completedAt: at }, order);
  const refusal = events.find((event) => event.type === 'OrderCompletionRejected');
  const then: readonly ChoreographyEvent[] =
    refusal === undefined
      ? [{ type: 'StepDone', orderId, step: 'complete', at }]
      : [failure(refusal.reason, at, order)];
  return { events: { choreography: [stepDone, ...then], order: events } };
}

const failed = (reason: CancellationReason, at: string, order: Placed): Decision => ({
  events: { choreography: [failure(reason, at, order)] },
});

const failure = (
  reason: CancellationReason,
  at: string,
  { orderId, customerId, lines }: Placed,
): ChoreographyEvent => ({
  type: 'ChoreographyFailed',
  orderId,
  customerId,
  lines: lines.map(({ sku, quantity }): OrderLine => ({ sku, quantity })),
  reason,
  at,
});

/** The order is cancelled once every service has answered. */
function undone(
  { step, at }: Extract<Heard, { type: 'undone' }>,
  choreography: Choreography,
  order: Placed,
): Decision {
  if (choreography.status !== 'compensating' || choreography.undone.includes(step)) return nothing;
  const { orderId } = order;
  const stepUndone: ChoreographyEvent = { type: 'StepUndone', orderId, step, at };
  const all = [...choreography.undone, step];
  if (undoneSteps.some((each) => !all.includes(each))) return { events: { choreography: [stepUndone] } };
  const { reason } = choreography;
  return {
    events: {
      choreography: [stepUndone, { type: 'ChoreographyCompensated', orderId, at }],
      order: decided({ type: 'CancelOrder', orderId, reason, cancelledAt: at }, order),
    },
  };
}

/**
 * The details are the only messages that may have become dead letters without a trace in the events,
 * so they are published once more. Those of an erased customer cannot be.
 */
function overdue(
  at: string,
  { detailsRepeated }: Extract<Choreography, { status: 'running' }>,
  order: Placed,
): Decision {
  const { orderId, customerId, total, personal } = order;
  if (detailsRepeated || isErased(personal)) return failed('step_timeout', at, order);
  const { shippingAddress, paymentMethod } = personal;
  return {
    events: {
      choreography: [
        {
          type: 'DetailsRepeated',
          orderId,
          customerId,
          total,
          at,
          personal: { subject: customerId, shippingAddress, paymentMethod },
        },
      ],
    },
  };
}

function decided(command: Parameters<typeof orderDecider.decide>[0], order: Order): readonly OrderEvent[] {
  const events = orderDecider.decide(command, order);
  if (isRejected(events)) throw new Error(`${command.type} was rejected: ${events.rejected}`);
  return events;
}

function evolve(state: Choreography, event: ChoreographyEvent): Choreography {
  switch (event.type) {
    case 'ChoreographyStarted':
      return { status: 'running', detailsRepeated: false, done: [] };
    case 'StepDone': {
      const before = existing(state, 'done');
      const all = [...before.done, event.step];
      return event.step === 'complete' || before.status === 'committing'
        ? { status: 'committing', done: all }
        : { ...before, done: all };
    }
    case 'DetailsRepeated':
      return state.status === 'running' ? { ...state, detailsRepeated: true } : state;
    case 'ChoreographyFailed':
      return { status: 'compensating', reason: event.reason, undone: [] };
    case 'StepUndone': {
      const before = existing(state, 'undone');
      return { ...before, undone: [...before.undone, event.step] };
    }
    case 'ChoreographyCompleted':
      return { status: 'completed' };
    case 'ChoreographyCompensated':
      return { status: 'compensated' };
    default:
      return assertNever(event);
  }
}

function existing<Key extends 'done' | 'undone'>(state: Choreography, key: Key) {
  if (key in state) return state as Extract<Choreography, Readonly<Record<Key, unknown>>>;
  throw new Error(`a choreography that is ${state.status} has no steps that are ${key}`);
}
