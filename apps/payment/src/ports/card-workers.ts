import { lockStreams, assertNever, type CallIntent } from '@millrace/event-sourcing';
import { wokenByCommits, type Commits, type CommandHandler } from '@millrace/service-chassis/service';
import { systemClock, type DurationMs, type Logger } from '@millrace/streaming-core/runtime';
import { createExternalCallWorker, type ExternalCall } from '@millrace/streaming-core/external-calls';
import type { Holder } from '@millrace/streaming-core/personal';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { Money } from '@millrace/contracts';
import { payment, type CardCall, type ChargeOutcome } from '../domain/payment.ts';
import { paymentStream } from '../stream-ids.ts';
import type { PaymentProvider } from './payment-provider.ts';

interface ChargePayload {
  readonly orderId: string;
  readonly token: string;
  readonly amount: Money;
}

interface RefundPayload {
  readonly orderId: string;
}

export const chargeKind = 'card-charge';
const refundKind = 'card-refund';

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

interface CardWorkerOptions {
  readonly database: SqlDatabase;
  readonly commits: Commits;
  readonly provider: PaymentProvider;
  readonly commands: CommandHandler<CardCall>;
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
  const logFields = ({ payload: { orderId } }: ExternalCall<{ readonly orderId: string }>) => ({ orderId });
  const locks = ({ payload: { orderId } }: ExternalCall<{ readonly orderId: string }>) => [
    paymentStream(orderId),
  ];
  const common = {
    database,
    holder,
    logger,
    logFields,
    locks,
    lockStreams,
    clock: systemClock,
    idleMsMax: idlePollMs,
  };
  const charges = createExternalCallWorker<ChargePayload, ChargeOutcome>({
    ...common,
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
    kind: refundKind,
    call: ({ key, payload }, { signal }) =>
      provider.refund({ key, chargeKey: chargeKey(payload.orderId) }, { signal }),
    complete: (transaction, { payload: { orderId }, metadata }) =>
      commands.handle({ transaction, metadata }, payment, paymentStream(orderId), {
        type: 'RecordRefund',
        orderId,
      }),
  });
  return wokenByCommits(commits, [charges, refunds]);
}
