import { join } from 'node:path';
import { Module, type DynamicModule } from '@nestjs/common';
import {
  inventoryEvents,
  notificationCommands,
  orderCommands,
  orderEvents,
  paymentCommands,
  paymentEvents,
  productEvents,
  shippingCommands,
  shippingEvents,
} from '@millrace/contracts';
import { messagesAbout } from '@millrace/event-sourcing';
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
import { ChoreographedOrder, choreographedOrderProjection } from './choreography/choreographed-order.ts';
import { ChoreographedViews } from './choreography/choreographed-views.ts';
import { choreographyFolding } from './choreography/choreography.ts';
import { ChoreographyMessages } from './choreography/choreography.messages.ts';
import { choreographyEventTypes } from './choreography/events.ts';
import { OrderStyles, provideChoreography } from './choreography/order-style.ts';
import { deadlineProcess } from './choreography/deadline.ts';
import { messagesOfChoreography } from './choreography/public-messages.ts';
import type { OrderConfig } from './config.ts';
import { order } from './domain/order.ts';
import { orderEventTypes } from './domain/events.ts';
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
import { returnEventTypes } from './returns/events.ts';
import { OrderReturn, orderReturnProjection } from './returns/order-return.ts';
import { messagesOfReturn } from './returns/public-messages.ts';
import { completeReturn, returnSaga } from './returns/return.saga.ts';
import { orderReturn } from './returns/return.ts';
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
      entities: [OrderSummary, OrderReturn, ProductPrice, OrderOverview, ChoreographedOrder],
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
      events: [orderEventTypes, returnEventTypes, sagaEventTypes, choreographyEventTypes],
      states: {
        'order-': order,
        'return-': orderReturn,
        'saga-': sagaFolding,
        'choreography-': choreographyFolding,
      },
      inline: [orderSummaryProjection, orderReturnProjection, choreographedOrderProjection],
      publicMessages: [
        messagesAbout(orderEventTypes, publicMessages),
        messagesAbout(returnEventTypes, messagesOfReturn),
        messagesAbout({ ...orderEventTypes, ...choreographyEventTypes }, messagesOfChoreography),
      ],
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
      timedProcesses: [deadlineProcess(config.deadlineMs)],
    }),
    MessagingModule.forRoot({
      commands: [orderCommands],
      events: [
        orderEvents,
        productEvents,
        notificationCommands,
        inventoryEvents,
        paymentEvents,
        shippingEvents,
        paymentCommands,
        shippingCommands,
      ],
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
    ChoreographyMessages,
  ],
  providers: [
    ActiveCustomers,
    OrderViews,
    PlaceOrderPreparation,
    PriceList,
    ...priceWaits(config),
    ChoreographedViews,
    OrderStyles,
    provideChoreography(config),
  ],
});
