import { days } from '@millrace/streaming-core/runtime';
import {
  messagesOf,
  sagaDecider,
  type SagaDecider,
  type SagaDefinition,
  type SagaSettings,
} from '@millrace/saga';
import type { Order, OrderCommand } from '../../../apps/order/src/domain/order.ts';
import {
  completeOrder,
  fulfillment,
  personalOf,
} from '../../../apps/order/src/fulfillment/fulfillment.saga.ts';
import { completeReturn, returnSaga } from '../../../apps/order/src/returns/return.saga.ts';
import type { ReturnCommand } from '../../../apps/order/src/returns/return.ts';
import type { Letter } from './log.ts';

export const at = '2026-11-20T10:00:00.000Z';
const settings: SagaSettings = {
  stepTimeoutMs: 1_000,
  resendsMax: 1,
  resendDelayMsMax: 4_000,
  attemptsBeforeAttention: 3,
  ignoredRepliesMax: 10,
};

interface SagaToSimulate {
  readonly definition: SagaDefinition;
  readonly personalOf: (order: Order, orderId: string) => unknown;
  /** Turns the command of a local step into that of the order's own stream. */
  readonly localCommand: (message: unknown) => OrderCommand | ReturnCommand;
}

/** The sagas of the order service. Another one is another line. */
const sagasToSimulate: readonly SagaToSimulate[] = [
  { definition: fulfillment, personalOf, localCommand: (message) => completeOrder(message, at) },
  {
    definition: returnSaga({
      returnApprovalMs: days(3),
      returnParcelMs: days(14),
      returnInspectionMs: days(1),
    }),
    personalOf: () => undefined,
    localCommand: (message) => completeReturn(message, at),
  },
];

export interface SimulatedSaga extends SagaToSimulate {
  readonly decider: SagaDecider;
  readonly messages: ReadonlySet<string>;
  /** The messages that start or cancel the saga, whatever they belong to. */
  readonly listensTo: ReadonlySet<string>;
}

const simulatedSagas = sagasToSimulate.map((saga): SimulatedSaga => {
  const { definition } = saga;
  return {
    ...saga,
    decider: sagaDecider(definition, settings),
    messages: new Set(messagesOf(definition).map(({ type }) => type)),
    listensTo: new Set([definition.starts.type, definition.cancelledBy?.message.type ?? '']),
  };
});

/** A message that belongs to no saga of the engine only starts or cancels one. */
export const takersOf = ({ message, saga }: Letter): readonly SimulatedSaga[] =>
  simulatedSagas.filter(({ messages, listensTo }) =>
    (saga === undefined ? messages : listensTo).has(message.type),
  );
