import { join } from 'node:path';
import { Module, type DynamicModule } from '@nestjs/common';
import {
  inventoryCommands,
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
import { sagaFigures, sagaMigrations, type SagaEngine } from '@millrace/saga';
import { MessagingModule } from '@millrace/service-chassis/messages';
import {
  DATABASE,
  DatabaseModule,
  EventStoreModule,
  LOGGER,
  provideLifecycle,
  provideSagaWatch,
  readDatabaseMigrations,
  ReadModelModule,
  readModelTables,
  serviceMigrations,
} from '@millrace/service-chassis/service';
import type { Logger } from '@millrace/streaming-core/contract';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { OrderConfig } from './config.ts';
import { fulfillmentEngine, SAGA_ENGINE } from './messages/fulfillment-engine.ts';
import { OrderOverviewsController } from './http/order-overviews.controller.ts';
import { OrdersController } from './http/orders.controller.ts';
import { OrderViews } from './http/order-views.ts';
import { OverviewViews } from './http/overview-views.ts';
import { SagasController } from './http/sagas.controller.ts';
import { OrderMessages } from './messages/order.messages.ts';
import { publicMessages } from './messages/public-messages.ts';
import { orderOverview } from './projections/order-overview.projection.ts';
import { OrderSummary } from './projections/order-summary.entity.ts';
import { orderSummary } from './projections/order-summary.projection.ts';
import { PriceList } from './projections/price-list.ts';
import { ProductPrice } from './projections/product-price.entity.ts';

/** The saga runs on the consumer of this service, and its timers with the partitions that the service owns. */
@Module({})
class FulfillmentModule {}

const fulfillmentModule = ({ stepTimeoutMs, stepResends }: OrderConfig): DynamicModule => ({
  module: FulfillmentModule,
  global: true,
  providers: [
    {
      provide: SAGA_ENGINE,
      inject: [DATABASE, LOGGER],
      useFactory: async (database: SqlDatabase, logger: Logger) => {
        const engine = fulfillmentEngine({ database, logger, stepTimeoutMs, stepResends });
        await engine.assertLiveVersionsKnown(database);
        return engine;
      },
    },
    provideSagaWatch(sagaFigures),
    provideLifecycle({
      name: 'saga timers',
      role: 'worker',
      inject: [SAGA_ENGINE],
      useFactory: ({ timers }: SagaEngine) => timers,
    }),
  ],
  exports: [SAGA_ENGINE],
});

const commandTopics = [inventoryCommands, paymentCommands, shippingCommands, notificationCommands];
const eventTopics = [orderEvents, inventoryEvents, paymentEvents, shippingEvents, productEvents];

const readModel = { service: 'order', folder: join(import.meta.dirname, '../src/migrations/read') };

@Module({})
class OrderModule {}

/** The order service: what is bound to what. */
export const orderModule = (config: OrderConfig): DynamicModule => ({
  module: OrderModule,
  imports: [
    DatabaseModule.forRoot({
      url: config.databaseUrl,
      poolSize: config.databasePoolSize,
      entities: [OrderSummary, ProductPrice],
      migrations: serviceMigrations({
        service: 'order',
        folder: join(import.meta.dirname, '../src/migrations'),
        libraries: [
          { library: 'saga', folder: sagaMigrations },
          ...(config.readDatabaseUrl === undefined ? [readModelTables(readModel)] : []),
        ],
      }),
    }),
    EventStoreModule.forRoot({ inline: [orderSummary], publicMessages }),
    fulfillmentModule(config),
    MessagingModule.forRoot({
      commands: [orderCommands],
      events: [...eventTopics, ...commandTopics],
      reactions: {
        inject: [SAGA_ENGINE],
        useFactory: ({ handlers, ownership }: SagaEngine) => ({ handlers, ownership: [ownership] }),
      },
    }),
    ReadModelModule.forRoot({
      url: config.readDatabaseUrl,
      poolSize: config.databasePoolSize,
      migrations: readDatabaseMigrations(readModel),
      projections: [orderOverview],
    }),
  ],
  controllers: [OrdersController, OrderOverviewsController, SagasController, OrderMessages],
  providers: [OrderViews, OverviewViews, PriceList],
});
