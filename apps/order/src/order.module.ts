import { join } from 'node:path';
import { Module, type DynamicModule } from '@nestjs/common';
import { notificationCommands, orderCommands, orderEvents, productEvents } from '@millrace/contracts';
import { sagaEventTypes, sagaFolding, sagaMigrations, type SagaDefinition } from '@millrace/saga';
import { IdempotencyModule } from '@millrace/service-chassis/http';
import { MessagingModule } from '@millrace/service-chassis/messages';
import { SAGA_ENGINE, SagaModule, serviceSaga } from '@millrace/service-chassis/saga';
import {
  DatabaseModule,
  EventStoreModule,
  PersonalDataModule,
  readDatabaseMigrations,
  ReadModelModule,
  readModelTables,
  serviceMigrations,
} from '@millrace/service-chassis/service';
import type { OrderConfig } from './config.ts';
import { order, type Order } from './domain/order.ts';
import { orderEventTypes, type OrderEvent } from './domain/events.ts';
import { completeOrder, personalOf, fulfillmentVersions } from './fulfillment/fulfillment.saga.ts';
import { OrderOverviewsController } from './http/order-overviews.controller.ts';
import { OrdersController } from './http/orders.controller.ts';
import { OrderViews } from './http/order-views.ts';
import { ActiveCustomers, PlaceOrderPreparation } from './http/place-order-preparation.ts';
import { SagasController } from './http/sagas.controller.ts';
import { OrderMessages } from './messages.ts';
import { publicMessages } from './public-messages.ts';
import { orderOverviewProjection, OrderOverview } from './projections/order-overview.ts';
import { orderSummaryProjection, OrderSummary, personalRecords } from './projections/order-summary.ts';
import { PriceList, priceWaits, ProductPrice, productPriceProjection } from './projections/price-list.ts';
import { returnEventTypes, type ReturnEvent } from './returns/events.ts';
import { OrderReturn, orderReturnProjection } from './returns/order-return.ts';
import { messagesOfReturn } from './returns/public-messages.ts';
import { completeReturn, returnSaga } from './returns/return.saga.ts';
import { orderReturn, type Return } from './returns/return.ts';
import { ReturnsController } from './returns/returns.controller.ts';
import { orderStream, returnStream } from './stream-ids.ts';

const readModel = { service: 'order', folder: join(import.meta.dirname, '../src/migrations/read') };

@Module({})
class OrderModule {}

export const orderModule = (
  config: OrderConfig,
  sagas: readonly SagaDefinition[] = fulfillmentVersions,
): DynamicModule => ({
  module: OrderModule,
  imports: [
    DatabaseModule.forRoot({
      url: config.databaseUrl,
      poolSize: config.databasePoolSize,
      entities: [OrderSummary, OrderReturn, ProductPrice, OrderOverview],
      migrations: serviceMigrations({
        service: 'order',
        folder: join(import.meta.dirname, '../src/migrations'),
        libraries: [
          { library: 'saga', folder: sagaMigrations },
          ...(config.readDatabaseUrl === undefined ? [readModelTables(readModel)] : []),
        ],
      }),
    }),
    PersonalDataModule.forRoot({
      keysUrl: config.keysDatabaseUrl,
      lostKeysId: config.lostKeysId,
      sealing: config.sealing,
      records: personalRecords,
    }),
    IdempotencyModule,
    EventStoreModule.forRoot({
      events: [orderEventTypes, returnEventTypes, sagaEventTypes],
      states: { 'order-': order, 'return-': orderReturn, 'saga-': sagaFolding },
      inline: [orderSummaryProjection, orderReturnProjection],
      publicMessages: (event: OrderEvent | ReturnEvent, state: Order | Return) =>
        event.type in returnEventTypes
          ? messagesOfReturn(event as ReturnEvent, state as Return)
          : publicMessages(event as OrderEvent, state as Order),
      starts: SAGA_ENGINE,
    }),
    SagaModule.forRoot({
      sagas: [
        serviceSaga(sagas, {
          personal: { stream: orderStream, decider: order, of: personalOf },
          local: { stream: orderStream, decider: order, command: completeOrder },
        }),
        serviceSaga([returnSaga(config)], {
          local: { stream: returnStream, decider: orderReturn, command: completeReturn },
        }),
      ],
      startVersions: config.startVersions,
      stepTimeoutMs: config.stepTimeoutMs,
      stepResends: config.stepResends,
    }),
    MessagingModule.forRoot({
      commands: [orderCommands],
      events: [orderEvents, productEvents, notificationCommands],
      projections: [productPriceProjection],
      reactions: SagaModule.reactions,
    }),
    ReadModelModule.forRoot({
      url: config.readDatabaseUrl,
      poolSize: config.databasePoolSize,
      delayMs: config.readModelDelayMs,
      migrations: readDatabaseMigrations(readModel),
      projections: [orderOverviewProjection],
    }),
  ],
  controllers: [
    OrdersController,
    ReturnsController,
    OrderOverviewsController,
    SagasController,
    OrderMessages,
  ],
  providers: [ActiveCustomers, OrderViews, PlaceOrderPreparation, PriceList, ...priceWaits(config)],
});
