import type {
  AnnounceReturn,
  CancelOrder,
  CloseReturn,
  OrderLine,
  OrderStyle,
  PaymentMethod,
} from '@millrace/contracts';
import { foldEvents, isRejected, type PublicMessage } from '@millrace/event-sourcing';
import { buildCommand, isLocal, type CommandToSend, type SagaInput, type SagaState } from '@millrace/saga';
import { order, type Order, type OrderCommand } from '../../../apps/order/src/domain/order.ts';
import { messagesOfChoreography } from '../../../apps/order/src/choreography/public-messages.ts';
import type { OrderEvent } from '../../../apps/order/src/domain/events.ts';
import { publicMessages } from '../../../apps/order/src/public-messages.ts';
import type { ReturnEvent } from '../../../apps/order/src/returns/events.ts';
import { messagesOfReturn } from '../../../apps/order/src/returns/public-messages.ts';
import {
  orderReturn,
  requestReturn,
  type Return,
  type ReturnCommand,
} from '../../../apps/order/src/returns/return.ts';
import type { Letter } from './log.ts';
import type { House } from './participants.ts';
import { at, takersOf, type SimulatedSaga } from './sagas.ts';

export interface NewOrder {
  readonly orderId: string;
  readonly customerId: string;
  readonly lines: readonly OrderLine[];
  readonly paymentMethod: PaymentMethod;
  readonly postcode: string;
  readonly style: OrderStyle;
}

export const unitPrice = 100_00;
/** What an event of an order publishes. */
const messagesOfOrder: ReadonlyArray<(event: OrderEvent, order: Order) => readonly PublicMessage[]> = [
  publicMessages,
  messagesOfChoreography,
];

/** An instance of a saga with the tokens of its timers. */
interface Instance {
  readonly orderId: string;
  readonly saga: SimulatedSaga;
  state: SagaState;
  readonly timers: Map<string, string>;
}

/**
 * The order service without a database: its orders and their sagas, wired as in
 * `apps/order/src/messages`.
 */
export class OrderModel {
  readonly orders = new Map<string, Order>();
  /** The instances by definition and order. */
  readonly instances = new Map<string, Instance>();
  /** The orders whose cancellation the customer was promised. */
  readonly cancellations = new Set<string>();
  readonly returns = new Map<string, Return>();
  /** The kind and the order of each mail. */
  readonly mails: string[] = [];
  readonly house: House;
  /** The instance that sent a command, by the command's id. */
  readonly #senders = new Map<string, Instance>();

  constructor(house: House) {
    this.house = house;
  }

  place({ orderId, customerId, lines, paymentMethod, postcode, style }: NewOrder): void {
    const priced = lines.map((line) => ({ ...line, unitPrice }));
    const total = {
      amount: priced.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0),
      currency: 'EUR',
    };
    const shippingAddress = { name: 'Ada', street: 'Mill Lane 1', city: 'Berlin', postcode, country: 'DE' };
    const personal = { shippingAddress, email: 'ada@example.org', paymentMethod };
    const published = this.#decide(
      {
        type: 'PlaceOrder',
        orderId,
        customerId,
        lines: priced,
        total,
        placedAt: at,
        style,
        personal,
      },
      'request',
    );
    for (const letter of published) this.takeEvent(letter); // the local start
  }

  /**
   * Makes a cancellation request. One that comes too late gets a refusal and leaves no dead letter.
   */
  requestCancellation(orderId: string): void {
    const command = { type: 'RequestCancellation', orderId, requestedAt: at } as const;
    let isAccepted = true;
    this.#decide(command, 'request', () => (isAccepted = false));
    if (isAccepted) this.cancellations.add(orderId);
  }

  /** Asks to send back everything, or one unit of the first line. */
  requestReturn(orderId: string, what: 'all' | 'one'): void {
    const current = this.orders.get(orderId) ?? order.initialState;
    if (current.status === 'absent') return;
    const bought = current.lines.map(({ sku, quantity }) => ({ sku, quantity }));
    const lines = what === 'all' ? bought : bought.slice(0, 1).map(({ sku }) => ({ sku, quantity: 1 }));
    const before = this.returns.get(orderId) ?? orderReturn.initialState;
    const states = { order: current, orderReturn: before };
    const outcome = requestReturn({ orderId, lines, requestedAt: at }, states);
    if (isRejected(outcome)) return;
    const published = this.#writeReturn(orderId, outcome.events.orderReturn, 'request');
    for (const letter of published) this.takeEvent(letter); // the local start
  }

  /** An operator approves or denies the return, or the customer withdraws it. */
  judgeReturn(orderId: string, type: 'ApproveReturn' | 'DenyReturn' | 'WithdrawReturn'): void {
    const times = { approvedAt: at, deniedAt: at, withdrawnAt: at };
    this.#decideReturn({ type, orderId, ...times }, 'request', () => undefined);
  }

  takeCommand({ id, key: orderId, message }: Letter): void {
    const command = message as CancelOrder | AnnounceReturn | CloseReturn;
    if (command.type === 'AnnounceReturn') this.#decideReturn(command, id);
    else if (command.type === 'CloseReturn')
      this.#decideReturn({ type: 'CloseReturn', orderId, reason: command.reason, closedAt: at }, id);
    else this.#decide({ type: 'CancelOrder', orderId, reason: command.reason, cancelledAt: at }, id);
  }

  takesEvent = (letter: Letter): boolean => takersOf(letter).length > 0;

  takeEvent(letter: Letter): void {
    for (const saga of takersOf(letter)) this.#hear(saga, letter);
  }

  fireTimer(instance: Instance, token: string): void {
    this.#feed(instance, { type: 'timer', token, at });
  }

  #hear(saga: SimulatedSaga, { id, key, topic, message, causationId }: Letter): void {
    const { definition } = saga;
    const instance = this.#instanceOf(saga, key);
    const sender = this.#senders.get(causationId);
    if (message.type === definition.starts.type) {
      const about = { messageId: id, correlationId: key, startTopic: topic, partition: 0, at };
      this.#feed(instance, { type: 'start', sagaId: key, message, ...about });
    } else if (message.type === definition.cancelledBy?.message.type)
      this.#feed(instance, { type: 'cancel', messageId: id, at });
    else if (sender === undefined)
      this.#feed(instance, { type: 'message', message, messageId: id, causationId, at });
    else if (sender === instance)
      this.#feed(instance, { type: 'reply', message, messageId: id, causationId, at });
  }

  #instanceOf(saga: SimulatedSaga, orderId: string): Instance {
    const name = `${saga.definition.name} ${orderId}`;
    const { initialState: state } = saga.decider;
    return this.instances.get(name) ?? { orderId, saga, state, timers: new Map() };
  }

  #decide(
    command: OrderCommand,
    causationId: string,
    refuse: (why: string) => unknown = (why) => this.house.deadLetters.push(why),
  ): readonly Letter[] {
    const state = this.orders.get(command.orderId) ?? order.initialState;
    const outcome = order.decide(command, state);
    if (isRejected(outcome)) {
      refuse(`${command.type}: ${outcome.rejected}`);
      return [];
    }
    const after = foldEvents(order, outcome, state);
    this.orders.set(command.orderId, after);
    const messages = outcome.flatMap((event) => messagesOfOrder.flatMap((of) => of(event, after)));
    return this.publish(messages, causationId);
  }

  #decideReturn(
    command: ReturnCommand,
    causationId: string,
    refuse: (why: string) => unknown = (why) => this.house.deadLetters.push(why),
  ): readonly Letter[] {
    const { orderId, type } = command;
    const outcome = orderReturn.decide(command, this.returns.get(orderId) ?? orderReturn.initialState);
    if (!isRejected(outcome)) return this.#writeReturn(orderId, outcome, causationId);
    refuse(`${type}: ${outcome.rejected}`);
    return [];
  }

  #writeReturn(orderId: string, events: readonly ReturnEvent[], causationId: string): readonly Letter[] {
    const after = foldEvents(orderReturn, events, this.returns.get(orderId) ?? orderReturn.initialState);
    this.returns.set(orderId, after);
    const messages = events.flatMap((event) => messagesOfReturn(event, after));
    return this.publish(messages, causationId);
  }

  publish = (messages: readonly PublicMessage[], causationId: string): readonly Letter[] => {
    const isMail = ({ message }: PublicMessage) => message.type === 'SendOrderMail';
    this.mails.push(...messages.filter(isMail).map(({ key, message }) => `${String(message.kind)} ${key}`));
    return this.house.log.publish(
      messages.filter((message) => !isMail(message)),
      causationId,
    );
  };

  #decideLocally = (command: OrderCommand | ReturnCommand, id: string): readonly Letter[] =>
    command.type === 'CompleteReturn'
      ? this.#decideReturn(command, id)
      : this.#decide(command as OrderCommand, id);

  #feed(instance: Instance, input: SagaInput): void {
    const { definition, decider } = instance.saga;
    const { state, commands, timers } = decider.decide(input, instance.state, this.house.log.newId);
    if (state.status !== 'absent') this.instances.set(`${definition.name} ${instance.orderId}`, instance);
    instance.state = state;
    for (const { role, step, ...timer } of timers)
      if (timer.change === 'set') instance.timers.set(`${role} ${step}`, timer.token);
      else instance.timers.delete(`${role} ${step}`);
    for (const command of commands) this.#send(instance, command);
  }

  #send(instance: Instance, command: CommandToSend): void {
    const { orderId, state, saga } = instance;
    const current = this.orders.get(orderId);
    if (state.status === 'absent' || current === undefined)
      throw new Error(`${orderId}: a saga without its order`);
    const { commandId: id, causationId } = command;
    this.#senders.set(id, instance);
    const message = buildCommand(saga.definition, state, command, saga.personalOf(current, orderId));
    if (isLocal(saga.definition, command)) {
      for (const reply of this.#decideLocally(saga.localCommand(message), id)) this.takeEvent(reply);
      return;
    }
    const topic = saga.definition.commands.get(message.type)?.topic.name;
    if (topic === undefined) throw new Error(`${orderId}: ${message.type} belongs to no command topic`);
    this.house.log.append({ id, topic, key: orderId, message, causationId });
  }
}
