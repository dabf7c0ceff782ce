import { loadState, postgresEventStore } from '@millrace/event-sourcing';
import { createSagaEngine, type SagaEngine } from '@millrace/saga';
import { newId } from '@millrace/service-chassis/service';
import { systemClock, type DurationMs, type Logger } from '@millrace/streaming-core/contract';
import { appendToOutbox } from '@millrace/streaming-core/outbox';
import type { SqlDatabase, SqlTransaction } from '@millrace/streaming-core/postgres';
import { order } from '../domain/decide.ts';
import { orderStream } from '../streams.ts';
import { fulfillment, type FulfillmentPersonal } from '../fulfillment/fulfillment.saga.ts';

export const SAGA_ENGINE = Symbol('SagaEngine');

/** The saga's streams speak to nobody but the saga: a store of their own, without projections and publications. */
const store = postgresEventStore({});

interface FulfillmentEngineOptions {
  readonly database: SqlDatabase;
  readonly logger: Logger;
  readonly stepTimeoutMs: DurationMs;
  readonly stepResends: number;
}

/**
 * Every version of the flow that may still have live instances, on this service's tables. How long to wait is no part of a version: an
 * instance that began under other settings waits out the timer that it has, and goes by these from its next sending on.
 */
export const fulfillmentEngine = ({
  database,
  logger,
  stepTimeoutMs,
  stepResends,
}: FulfillmentEngineOptions): SagaEngine =>
  createSagaEngine({
    definitions: [fulfillment],
    store,
    appendToOutbox,
    database,
    personal: personalOf,
    alsoLocks: (orderId) => [orderStream(orderId)],
    source: '/millrace/order',
    clock: systemClock,
    newId,
    settings: { stepTimeoutMs, resendsMax: stepResends },
    logger,
  });

/** Read from the order's private stream in the transaction that sends a command, and stored nowhere else. */
async function personalOf(transaction: SqlTransaction, orderId: string): Promise<FulfillmentPersonal> {
  const { state } = await loadState(transaction, store, order, orderStream(orderId));
  if (state.status === 'absent') throw new Error(`a saga for order ${orderId}, which is not in this store`);
  const { shippingAddress, paymentMethod } = state.personal;
  return { shippingAddress, paymentMethod };
}
