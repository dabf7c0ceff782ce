import { join } from 'node:path';
import { Module, type DynamicModule } from '@nestjs/common';
import { inventoryCommands, inventoryEvents, productEvents } from '@millrace/contracts';
import { IdempotencyModule } from '@millrace/service-chassis/http';
import { MessagingModule } from '@millrace/service-chassis/messages';
import { DatabaseModule, EventStoreModule, serviceMigrations } from '@millrace/service-chassis/service';
import type { InventoryConfig } from './config.ts';
import { reservation } from './domain/decide-reservation.ts';
import { stock } from './domain/decide-stock.ts';
import { reservationEventTypes, stockEventTypes } from './domain/events.ts';
import { ProductsController } from './http/products.controller.ts';
import { ReservationsController } from './http/reservations.controller.ts';
import { InventoryMessages } from './messages/inventory.messages.ts';
import { publicMessages } from './messages/public-messages.ts';
import { Product } from './projections/product.entity.ts';
import { productProjection } from './projections/product.projection.ts';
import { Reservation } from './projections/reservation.entity.ts';
import { reservationProjection } from './projections/reservation.projection.ts';

@Module({})
class InventoryModule {}

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
      events: [stockEventTypes, reservationEventTypes],
      states: { 'stock-': stock, 'reservation-': reservation },
      inline: [productProjection, reservationProjection],
      publicMessages,
    }),
    MessagingModule.forRoot({ commands: [inventoryCommands], events: [inventoryEvents, productEvents] }),
  ],
  controllers: [ProductsController, ReservationsController, InventoryMessages],
});
