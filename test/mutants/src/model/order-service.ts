import type { CancelOrder, OrderLine, PaymentMethod } from '@millrace/contracts';
import { foldEvents, isRejected, type PublicMessage } from '@millrace/event-sourcing';
import {
  awaited,
  buildCommand,
  isLocal,
  sagaDecider,
  tokenOf,
  type CommandToSend,
  type SagaInput,
  type SagaSettings,
  type SagaState,
} from '@millrace/saga';
import { order, type Order, type OrderCommand } from '../../../../apps/order/src/domain/order.ts';
import { fulfillment } from '../../../../apps/order/src/fulfillment/fulfillment.saga.ts';
import { publicMessages } from '../../../../apps/order/src/public-messages.ts';
import type { Letter } from './log.ts';
import type { House } from './participants.ts';

export interface NewOrder {
  readonly orderId: string;
  readonly customerId: string;
  readonly lines: readonly OrderLine[];
  readonly paymentMethod: PaymentMethod;
  readonly postcode: string;
}

const at = '2026-11-20T10:00:00.000Z';
const settings: SagaSettings = {
  stepTimeoutMs: 1_000,
  resendsMax: 1,
  resendDelayMsMax: 4_000,
  attemptsBeforeAttention: 3,
  ignoredRepliesMax: 10,
};
const decider = sagaDecider(fulfillment, settings);

/**
 * The order service without a database: its orders and their sagas, wired as in
 * `apps/order/src/messages`.
 */
export class OrderModel {
  readonly orders = new Map<string, Order>();
  readonly sagas = new Map<string, SagaState>();
  /** The mails by order id, one for each event that ends the order. */
  readonly mails: string[] = [];
  readonly #house: House;

  constructor(house: House) {
    this.#house = house;
  }

  place({ orderId, customerId, lines, paymentMethod, postcode }: NewOrder): void {
    const priced = lines.map((line) => ({ ...line, unitPrice: 10 }));
    const total = {
      amount: priced.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0),
      currency: 'EUR',
    };
    const shippingAddress = { name: 'Ada', street: 'Mill Lane 1', city: 'Berlin', postcode, country: 'DE' };
    const personal = { shippingAddress, email: 'ada@example.org', paymentMethod };
    const published = this.#decide(
      { type: 'PlaceOrder', orderId, customerId, lines: priced, total, placedAt: at, personal },
      'request',
    );
    for (const letter of published) this.takeEvent(letter); // the local start
  }

  /**
   * Makes a cancellation request. One that comes too late gets a refusal and leaves no dead letter.
   */
  requestCancellation(orderId: string): void {
    this.#decide({ type: 'RequestCancellation', orderId, requestedAt: at }, 'request', () => undefined);
  }

  takeCommand({ id, key: orderId, message }: Letter): void {
    const { reason } = message as CancelOrder;
    this.#decide({ type: 'CancelOrder', orderId, reason, cancelledAt: at }, id);
  }

  takeEvent({ id, key, topic, message, causationId }: Letter): void {
    if (message.type === 'OrderCreated') {
      const about = { messageId: id, correlationId: key, startTopic: topic, partition: 0, at };
      this.#feed(key, { type: 'start', sagaId: key, message, ...about });
    } else if (message.type === 'OrderCancellationRequested')
      this.#feed(key, { type: 'cancel', messageId: id, at });
    else this.#feed(key, { type: 'reply', message, messageId: id, causationId, at });
  }

  /** The orders whose saga waits for a reply, so that its timer may fire at any time. */
  get waiting(): readonly string[] {
    return [...this.sagas].filter(([, state]) => awaited(state).length > 0).map(([orderId]) => orderId);
  }

  fireTimer(orderId: string): void {
    const [waits] = awaited(this.sagas.get(orderId) ?? decider.initialState);
    if (waits !== undefined) this.#feed(orderId, { type: 'timer', token: tokenOf(waits.exchange), at });
  }

  #decide(
    command: OrderCommand,
    causationId: string,
    refuse = (why: string) => void this.#house.deadLetters.push(why),
  ): readonly Letter[] {
    const state = this.orders.get(command.orderId) ?? order.initialState;
    const outcome = order.decide(command, state);
    if (isRejected(outcome)) {
      refuse(`${command.type}: ${outcome.rejected}`);
      return [];
    }
    const after = foldEvents(order, outcome, state);
    this.orders.set(command.orderId, after);
    const messages = outcome.flatMap((event) => publicMessages(event, after));
    const isMail = ({ message }: PublicMessage) => message.type === 'SendOrderMail';
    this.mails.push(...messages.filter(isMail).map(({ key }) => key));
    return this.#house.log.publish(
      messages.filter((message) => !isMail(message)),
      causationId,
    );
  }

  #feed(orderId: string, input: SagaInput): void {
    const { state, commands } = decider.decide(
      input,
      this.sagas.get(orderId) ?? decider.initialState,
      this.#house.log.newId,
    );
    this.sagas.set(orderId, state);
    for (const command of commands) this.#send(orderId, command, state);
  }

  #send(orderId: string, command: CommandToSend, state: SagaState): void {
    const current = this.orders.get(orderId);
    if (state.status === 'absent' || current === undefined || current.status === 'absent')
      throw new Error(`${orderId}: a saga without its order`);
    const { commandId: id, causationId } = command;
    if (isLocal(fulfillment, command)) {
      const replies = this.#decide({ type: 'CompleteOrder', orderId, completedAt: at }, id);
      for (const reply of replies) this.takeEvent(reply);
      return;
    }
    const message = buildCommand(fulfillment, state, command, current.personal);
    const topic = fulfillment.commands.get(message.type)?.topic.name;
    if (topic === undefined) throw new Error(`${orderId}: ${message.type} belongs to no command topic`);
    this.#house.log.append({ id, topic, key: orderId, message, causationId });
  }
}
