import type { Money } from '@millrace/contracts';
import { assertNever, type CallIntent } from '@millrace/event-sourcing';
import type { CardCall } from '../domain/payment.ts';

export interface ChargePayload {
  readonly orderId: string;
  readonly token: string;
  readonly amount: Money;
}

export interface RefundPayload {
  readonly orderId: string;
}

export const chargeKind = 'card-charge';
export const refundKind = 'card-refund';

/** Stable keys of the charge and of its undo, by which the provider recognises a repetition. */
export const chargeKey = (orderId: string): string => `${orderId}:pay`;
const refundKey = (orderId: string): string => `${orderId}:pay:undo`;

/** Turns a call that the domain has decided on into a request to store. */
export function cardCall(call: CardCall): CallIntent {
  const { orderId } = call;
  switch (call.type) {
    case 'ChargeCard': {
      const payload: ChargePayload = { orderId, token: call.token, amount: call.amount };
      return { kind: chargeKind, key: chargeKey(orderId), subject: call.customerId, payload };
    }
    case 'RefundCharge':
      return { kind: refundKind, key: refundKey(orderId), payload: { orderId } satisfies RefundPayload };
    default:
      return assertNever(call);
  }
}
