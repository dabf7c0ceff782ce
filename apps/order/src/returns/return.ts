import type { Money, OrderLine, ReturnReason } from '@millrace/contracts';
import {
  assertNever,
  isErased,
  rejected,
  type Decider,
  type Erased,
  type Rejected,
} from '@millrace/event-sourcing';
import type { Order } from '../domain/order.ts';
import type { ReturnEvent, ReturnPersonal } from './events.ts';

type Decision = readonly ReturnEvent[] | Rejected<ReturnRejection>;
type CommandOf<Type extends ReturnCommand['type']> = Extract<ReturnCommand, { type: Type }>;

export type ReturnCommand =
  | { readonly type: 'ApproveReturn'; readonly orderId: string; readonly approvedAt: string }
  | { readonly type: 'DenyReturn'; readonly orderId: string; readonly deniedAt: string }
  | { readonly type: 'WithdrawReturn'; readonly orderId: string; readonly withdrawnAt: string }
  | { readonly type: 'AnnounceReturn'; readonly orderId: string; readonly trackingNumber: string }
  | { readonly type: 'CompleteReturn'; readonly orderId: string; readonly completedAt: string }
  | {
      readonly type: 'CloseReturn';
      readonly orderId: string;
      readonly reason: ReturnReason;
      readonly closedAt: string;
    };

export type ReturnRejection =
  | 'unknown_order'
  | 'order_not_completed'
  | 'return_exists'
  | 'not_in_order'
  | 'customer_erased'
  | 'unknown_return'
  | 'approval_not_needed'
  | 'return_decided'
  | 'return_ended';

/** The return of an order. An order has at most one. */
export type Return =
  | { readonly status: 'none' }
  | ({ readonly status: 'open' } & Progress & Requested)
  | ({ readonly status: 'completed' } & Progress & Requested)
  | ({ readonly status: 'closed'; readonly reason: ReturnReason } & Progress & Requested);

interface Requested {
  readonly orderId: string;
  readonly customerId: string;
  readonly lines: readonly OrderLine[];
  readonly refund: Money;
  readonly personal: ReturnPersonal | Erased;
}
interface Progress {
  readonly approval?: 'approved' | 'denied';
  readonly trackingNumber?: string;
  readonly withdrawn: boolean;
  readonly completionRejected: boolean;
}

/** A refund above this amount, in minor units of any currency, needs the approval of an operator. */
const approvalAbove = 200_00;
export const needsApproval = ({ amount }: Money): boolean => amount > approvalAbove;

const initialState: Return = { status: 'none' };

export const orderReturn: Decider<ReturnCommand, ReturnEvent, Return, ReturnRejection> = {
  initialState,
  decide,
  evolve,
};

/** The customer asks to send back some lines of a completed order, for the price that they had. */
export function requestReturn(
  { orderId, lines, requestedAt }: { orderId: string; lines: readonly OrderLine[]; requestedAt: string },
  { order, orderReturn: state }: { readonly order: Order; readonly orderReturn: Return },
): { readonly events: { readonly orderReturn: readonly ReturnEvent[] } } | Rejected<ReturnRejection> {
  if (order.status === 'absent') return rejected('unknown_order');
  if (order.status !== 'completed') return rejected('order_not_completed', { orderStatus: order.status });
  if (state.status !== 'none') return rejected('return_exists');
  if (isErased(order.personal)) return rejected('customer_erased');
  const bought = new Map(order.lines.map((line) => [line.sku, line]));
  const wrong = lines.filter(({ sku, quantity }) => quantity > (bought.get(sku)?.quantity ?? 0));
  if (wrong.length > 0) return rejected('not_in_order', { skus: wrong.map(({ sku }) => sku) });
  const amount = lines.reduce(
    (sum, { sku, quantity }) => sum + quantity * (bought.get(sku)?.unitPrice ?? 0),
    0,
  );
  const { customerId, personal, total } = order;
  const requested: ReturnEvent = {
    type: 'ReturnRequested',
    orderId,
    customerId,
    lines,
    refund: { amount, currency: total.currency },
    requestedAt,
    personal: { subject: customerId, email: personal.email, name: personal.shippingAddress.name },
  };
  return { events: { orderReturn: [requested] } };
}

/** A command that has already taken effect records no new event. */
function decide(command: ReturnCommand, state: Return): Decision {
  if (state.status === 'none') return rejected('unknown_return');
  switch (command.type) {
    case 'ApproveReturn': {
      const { orderId, approvedAt } = command;
      return judge(state, 'approved', [{ type: 'ReturnApproved', orderId, approvedAt }]);
    }
    case 'DenyReturn': {
      const { orderId, deniedAt } = command;
      return judge(state, 'denied', [{ type: 'ReturnDenied', orderId, deniedAt }]);
    }
    case 'WithdrawReturn':
      return withdraw(command, state);
    case 'AnnounceReturn': {
      const { orderId, trackingNumber } = command;
      return state.trackingNumber === undefined ? [{ type: 'ReturnAnnounced', orderId, trackingNumber }] : [];
    }
    case 'CompleteReturn':
      return complete(command, state);
    case 'CloseReturn':
      return close(command, state);
    default:
      return assertNever(command);
  }
}

type Existing = Exclude<Return, { status: 'none' }>;

/** The first decision of an operator counts. */
function judge(state: Existing, approval: 'approved' | 'denied', events: readonly ReturnEvent[]): Decision {
  if (state.approval === approval) return [];
  if (state.approval !== undefined) return rejected('return_decided', { decision: state.approval });
  if (state.status !== 'open' || state.withdrawn) return rejected('return_ended', { status: state.status });
  return needsApproval(state.refund) ? events : rejected('approval_not_needed');
}

/** Whichever comes first in the stream wins: the withdrawal or the completion. */
function withdraw({ orderId, withdrawnAt }: CommandOf<'WithdrawReturn'>, state: Existing): Decision {
  if (state.withdrawn) return [];
  return state.status === 'open'
    ? [{ type: 'ReturnWithdrawn', orderId, withdrawnAt }]
    : rejected('return_ended', { status: state.status });
}

function complete({ orderId, completedAt }: CommandOf<'CompleteReturn'>, state: Existing): Decision {
  if (state.status === 'completed' || state.completionRejected) return [];
  const reason = state.status === 'closed' ? state.reason : 'withdrawn_by_customer';
  return state.status === 'open' && !state.withdrawn
    ? [{ type: 'ReturnCompleted', orderId, completedAt }]
    : [{ type: 'ReturnCompletionRejected', orderId, reason }];
}

function close({ orderId, reason, closedAt }: CommandOf<'CloseReturn'>, state: Existing): Decision {
  if (state.status === 'closed') return [];
  return state.status === 'open'
    ? [{ type: 'ReturnClosed', orderId, reason, closedAt }]
    : rejected('return_ended', { status: state.status });
}

function evolve(state: Return, event: ReturnEvent): Return {
  if (event.type === 'ReturnRequested') {
    const { orderId, customerId, lines, refund, personal } = event;
    return {
      status: 'open',
      orderId,
      customerId,
      lines,
      refund,
      personal,
      withdrawn: false,
      completionRejected: false,
    };
  }
  if (state.status === 'none') throw new Error('the first event of a return must be ReturnRequested');
  switch (event.type) {
    case 'ReturnApproved':
      return { ...state, approval: 'approved' };
    case 'ReturnDenied':
      return { ...state, approval: 'denied' };
    case 'ReturnWithdrawn':
      return { ...state, withdrawn: true };
    case 'ReturnAnnounced':
      return { ...state, trackingNumber: event.trackingNumber };
    case 'ReturnCompletionRejected':
      return { ...state, completionRejected: true };
    case 'ReturnCompleted':
      return { ...state, status: 'completed' };
    case 'ReturnClosed':
      return { ...state, status: 'closed', reason: event.reason };
    default:
      return assertNever(event);
  }
}
