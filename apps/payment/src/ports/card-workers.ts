import { lockStreams, assertNever, type CallIntent } from '@millrace/event-sourcing';
import { wokenByCommits, type Commits, type CommandHandler } from '@millrace/service-chassis/service';
import { systemClock, type DurationMs, type Logger } from '@millrace/streaming-core/runtime';
import { createExternalCallWorker, type ExternalCall } from '@millrace/streaming-core/external-calls';
import type { Holder } from '@millrace/streaming-core/personal';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { Money } from '@millrace/contracts';
import { payment, type CardCall, type ChargeOutcome } from '../domain/payment.ts';
import { returnRefund, type RefundOutcome, type ReturnCall } from '../domain/return-refund.ts';
import { paymentStream, returnStream } from '../stream-ids.ts';
import type { PaymentProvider } from './payment-provider.ts';

interface ChargePayload {
  readonly orderId: string;
  readonly token: string;
  readonly amount: Money;
}

interface RefundPayload {
  readonly orderId: string;
}

interface PartRefundPayload {
  readonly orderId: string;
  readonly amount: Money;
}

export const chargeKind = 'card-charge';
const refundKind = 'card-refund';
const partRefundKind = 'card-part-refund';
const reversalKind = 'card-refund-reversal';

/** Stable keys of the charge, of a return's refund and of their undos, by which the provider recognises a repetition. */
export const chargeKey = (orderId: string): string => `${orderId}:pay`;
const refundKey = (orderId: string): string => `${orderId}:pay:undo`;
const partRefundKey = (orderId: string): string => `return:${orderId}:refund`;
const reversalKey = (orderId: string): string => `return:${orderId}:refund:undo`;

/** Turns a call that the domain has decided on into a request to store. */
export function cardCall(call: CardCall | ReturnCall): CallIntent {
  const { orderId } = call;
  switch (call.type) {
    case 'ChargeCard': {
      const payload: ChargePayload = { orderId, token: call.token, amount: call.amount };
      return { kind: chargeKind, key: chargeKey(orderId), subject: call.customerId, payload };
    }
    case 'RefundCharge':
      return { kind: refundKind, key: refundKey(orderId), payload: { orderId } satisfies RefundPayload };
    case 'RefundPart': {
      const payload: PartRefundPayload = { orderId, amount: call.amount };
      return { kind: partRefundKind, key: partRefundKey(orderId), payload };
    }
    case 'ReverseRefund':
      return { kind: reversalKind, key: reversalKey(orderId), payload: { orderId } satisfies RefundPayload };
    default:
      return assertNever(call);
  }
}

type CallOfOrder = ExternalCall<{ readonly orderId: string }>;

const logFields = ({ payload: { orderId } }: CallOfOrder) => ({ orderId });
const ofPayment = ({ payload: { orderId } }: CallOfOrder) => [paymentStream(orderId)];
const ofReturn = ({ payload: { orderId } }: CallOfOrder) => [returnStream(orderId)];

interface CardWorkerOptions {
  readonly database: SqlDatabase;
  readonly commits: Commits;
  readonly provider: PaymentProvider;
  readonly commands: CommandHandler<CardCall | ReturnCall>;
  /** Opens the payloads. */
  readonly holder: Holder;
  readonly logger: Logger;
  readonly idlePollMs: DurationMs;
}

/**
 * Creates the workers that call the provider once a request is committed, and record its answer.
 */
export function cardWorkers({
  database,
  commits,
  provider,
  commands,
  holder,
  logger,
  idlePollMs,
}: CardWorkerOptions) {
  const common = {
    database,
    holder,
    logger,
    logFields,
    lockStreams,
    clock: systemClock,
    idleMsMax: idlePollMs,
  };
  const charges = createExternalCallWorker<ChargePayload, ChargeOutcome>({
    ...common,
    locks: ofPayment,
    kind: chargeKind,
    call: ({ key, payload: { token, amount } }, { signal }) =>
      provider.charge({ key, token, amount }, { signal }),
    query: ({ key }) => provider.findCharge(key),
    complete: (transaction, { payload: { orderId }, metadata }, outcome) =>
      commands.handle({ transaction, metadata }, payment, paymentStream(orderId), {
        type: 'RecordCharge',
        orderId,
        outcome,
      }),
  });
  const refunds = createExternalCallWorker<RefundPayload, 'refunded'>({
    ...common,
    locks: ofPayment,
    kind: refundKind,
    call: ({ key, payload }, { signal }) =>
      provider.refund({ key, chargeKey: chargeKey(payload.orderId) }, { signal }),
    complete: (transaction, { payload: { orderId }, metadata }) =>
      commands.handle({ transaction, metadata }, payment, paymentStream(orderId), {
        type: 'RecordRefund',
        orderId,
      }),
  });
  const partRefunds = createExternalCallWorker<PartRefundPayload, RefundOutcome>({
    ...common,
    locks: ofReturn,
    kind: partRefundKind,
    call: ({ key, payload: { orderId, amount } }, { signal }) =>
      provider.refundPart({ key, chargeKey: chargeKey(orderId), amount }, { signal }),
    complete: (transaction, { payload: { orderId }, metadata }, outcome) =>
      commands.handle({ transaction, metadata }, returnRefund, returnStream(orderId), {
        type: 'RecordReturnRefund',
        orderId,
        outcome,
      }),
  });
  const reversals = createExternalCallWorker<RefundPayload, 'reversed'>({
    ...common,
    locks: ofReturn,
    kind: reversalKind,
    call: ({ key, payload }, { signal }) =>
      provider.reverse({ key, refundKey: partRefundKey(payload.orderId) }, { signal }),
    complete: (transaction, { payload: { orderId }, metadata }) =>
      commands.handle({ transaction, metadata }, returnRefund, returnStream(orderId), {
        type: 'RecordReversal',
        orderId,
      }),
  });
  return wokenByCommits(commits, [charges, refunds, partRefunds, reversals]);
}
