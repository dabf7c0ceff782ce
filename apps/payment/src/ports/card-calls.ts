import type { Money } from '@millrace/contracts';
import type { EventMetadata } from '@millrace/event-sourcing';
import type { ExternalCall } from '@millrace/streaming-core/external-calls';

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

/** Stable keys, `saga:step` and its undo (DESIGN 3.5): the provider knows a repetition by them. */
export const chargeKey = (orderId: string): string => `${orderId}:pay`;
export const refundKey = (orderId: string): string => `${orderId}:pay:undo`;

export const chargeCall = (
  orderId: string,
  { token, amount }: { token: string; amount: Money },
  metadata: EventMetadata,
): ExternalCall<ChargePayload> => ({
  kind: chargeKind,
  key: chargeKey(orderId),
  payload: { orderId, token, amount },
  metadata,
});

export const refundCall = (orderId: string, metadata: EventMetadata): ExternalCall<RefundPayload> => ({
  kind: refundKind,
  key: refundKey(orderId),
  payload: { orderId },
  metadata,
});
