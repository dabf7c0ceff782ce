import { Inject, Injectable } from '@nestjs/common';
import type { ProcessPayment, RefundPayment } from '@millrace/contracts';
import { loadState, type EventMetadata, type EventStore } from '@millrace/event-sourcing';
import { metadataOf, recording } from '@millrace/service-chassis/messages';
import { EVENT_STORE } from '@millrace/service-chassis/service';
import type { MessageContext } from '@millrace/streaming-core/consumer';
import { requestExternalCall } from '@millrace/streaming-core/external-calls';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import { account } from '../domain/account.ts';
import {
  chargeSettled,
  processPayment,
  refundPayment,
  refundSettled,
  type ChargeOutcome,
  type PaymentDecision,
} from '../domain/decide-payment.ts';
import { payment } from '../domain/payment.ts';
import { chargeCall, refundCall } from '../ports/card-calls.ts';
import { accountStream, paymentStream } from '../streams.ts';

/** Loads what a decision needs, and writes what it decided: events of both streams and the call outside, in one transaction. */
@Injectable()
export class Payments {
  constructor(@Inject(EVENT_STORE) private readonly store: EventStore) {}

  async process(command: ProcessPayment, message: MessageContext): Promise<void> {
    const { transaction } = message;
    const current = await this.paymentOf(transaction, command.orderId);
    const customer = await loadState(transaction, this.store, account, accountStream(command.customerId));
    const decision = processPayment(command, current.state, customer.state);
    await this.write(transaction, command.orderId, decision, metadataOf(message));
  }

  async refund(command: RefundPayment, message: MessageContext): Promise<void> {
    const { state } = await this.paymentOf(message.transaction, command.orderId);
    await this.write(
      message.transaction,
      command.orderId,
      refundPayment(command, state),
      metadataOf(message),
    );
  }

  /** The caller holds the payment's stream. A refund that waited for this outcome is the cause of what follows: the answer is its reply. */
  async chargeSettled(
    transaction: SqlTransaction,
    orderId: string,
    outcome: ChargeOutcome,
    asked: EventMetadata,
  ): Promise<void> {
    const { state } = await this.paymentOf(transaction, orderId);
    const metadata = state.status === 'refunding' ? await this.metadataOfRefund(transaction, orderId) : asked;
    await this.write(transaction, orderId, chargeSettled(orderId, outcome, state), metadata);
  }

  async refundSettled(transaction: SqlTransaction, orderId: string, asked: EventMetadata): Promise<void> {
    const { state } = await this.paymentOf(transaction, orderId);
    await this.write(transaction, orderId, refundSettled(orderId, state), asked);
  }

  private paymentOf(transaction: SqlTransaction, orderId: string) {
    return loadState(transaction, this.store, payment, paymentStream(orderId));
  }

  private async metadataOfRefund(transaction: SqlTransaction, orderId: string): Promise<EventMetadata> {
    const events = await this.store.read(transaction, paymentStream(orderId));
    const requested = events.find(({ event }) => event.type === 'RefundRequested');
    if (requested === undefined)
      throw new Error(`${orderId}: a payment that is being refunded has no RefundRequested`);
    return requested.metadata;
  }

  private async write(
    transaction: SqlTransaction,
    orderId: string,
    decision: PaymentDecision,
    metadata: EventMetadata,
  ): Promise<void> {
    const [customer] = decision.account;
    const appends = [
      ...(customer === undefined
        ? []
        : [
            { stream: accountStream(customer.accountId), expected: 'any' as const, events: decision.account },
          ]),
      ...(decision.payment.length === 0
        ? []
        : [{ stream: paymentStream(orderId), expected: 'any' as const, events: decision.payment }]),
    ];
    if (appends.length > 0) await this.store.append(transaction, appends, recording(metadata));
    const { call } = decision;
    if (call?.kind === 'charge') await requestExternalCall(transaction, chargeCall(orderId, call, metadata));
    if (call?.kind === 'refund') await requestExternalCall(transaction, refundCall(orderId, metadata));
  }
}
