import { join } from 'node:path';
import { Module, type DynamicModule } from '@nestjs/common';
import { inventoryCommands, inventoryEvents, orderEvents, productEvents } from '@millrace/contracts';
import { IdempotencyModule } from '@millrace/service-chassis/http';
import { MessagingModule } from '@millrace/service-chassis/messages';
import { DatabaseModule, EventStoreModule, serviceMigrations } from '@millrace/service-chassis/service';
import { ChoreographyMessages } from './choreography/choreography.messages.ts';
import type { InventoryConfig } from './config.ts';
import { reservation } from './domain/reservation.ts';
import { orderReturn } from './domain/return.ts';
import { stock } from './domain/stock.ts';
import { reservationEventTypes, returnEventTypes, stockEventTypes } from './domain/events.ts';
import { ProductsController, ReservationsController } from './http.ts';
import { InventoryMessages } from './messages.ts';
import { publicMessages } from './public-messages.ts';
import { Product, productProjection, Reservation, reservationProjection } from './projections.ts';

@Module({})
class InventoryModule {}

/** What reacts to messages. */
const handlers = [InventoryMessages, ChoreographyMessages];

export const inventoryModule = ({ databaseUrl, databasePoolSize }: InventoryConfig): DynamicModule => ({
  module: InventoryModule,
  imports: [
    DatabaseModule.forRoot({
      url: databaseUrl,
      poolSize: databasePoolSize,
      entities: [Product, Reservation],
      migrations: serviceMigrations({
        service: 'inventory',
        folder: join(import.meta.dirname, '../src/migrations'),
      }),
    }),
    IdempotencyModule,
    EventStoreModule.forRoot({
      events: [stockEventTypes, reservationEventTypes, returnEventTypes],
      states: { 'stock-': stock, 'reservation-': reservation, 'return-': orderReturn },
      inline: [productProjection, reservationProjection],
      publicMessages,
    }),
    MessagingModule.forRoot({
      commands: [inventoryCommands],
      events: [inventoryEvents, productEvents, orderEvents],
    }),
  ],
  controllers: [ProductsController, ReservationsController, ...handlers],
});
