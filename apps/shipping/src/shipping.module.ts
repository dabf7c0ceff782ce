import { join } from 'node:path';
import { Module, type DynamicModule } from '@nestjs/common';
import { orderEvents, paymentEvents, shippingCommands, shippingEvents } from '@millrace/contracts';
import { messagesAbout } from '@millrace/event-sourcing';
import { IdempotencyModule } from '@millrace/service-chassis/http';
import { MessagingModule } from '@millrace/service-chassis/messages';
import {
  COMMITS,
  DATABASE,
  DatabaseModule,
  EventStoreModule,
  HOLDER,
  LOGGER,
  PersonalDataModule,
  provideLifecycle,
  QUIET_DATABASE,
  serviceMigrations,
  COMMAND_HANDLER,
} from '@millrace/service-chassis/service';
import { systemClock } from '@millrace/streaming-core/runtime';
import { awaitedShipment, awaitedShipmentEventTypes } from './choreography/awaited-shipment.ts';
import { awaitedShipmentStream, ChoreographyMessages } from './choreography/choreography.messages.ts';
import type { ShippingConfig } from './config.ts';
import { returnLabel } from './domain/return-label.ts';
import { shipment } from './domain/shipment.ts';
import { returnLabelEventTypes, shipmentEventTypes } from './domain/events.ts';
import { ShipmentsController } from './http.ts';
import { publicMessages } from './public-messages.ts';
import { ShippingMessages } from './messages.ts';
import { bookingKey } from './ports/carrier.ts';
import { carrierCall, carrierWorkers } from './ports/carrier-workers.ts';
import { simulatedCarrier } from './ports/simulated-carrier.ts';
import { ReturnLabel, returnLabelProjection, Shipment, shipmentProjection } from './projections.ts';
import { shipmentStream } from './stream-ids.ts';

@Module({})
class ShippingModule {}

export const shippingModule = ({
  databaseUrl,
  databasePoolSize,
  keysDatabaseUrl,
  lostKeysId,
  sealing,
  idlePollMs,
  deliveryMs,
}: ShippingConfig): DynamicModule => ({
  module: ShippingModule,
  imports: [
    DatabaseModule.forRoot({
      url: databaseUrl,
      poolSize: databasePoolSize,
      entities: [Shipment, ReturnLabel],
      migrations: serviceMigrations({
        service: 'shipping',
        folder: join(import.meta.dirname, '../src/migrations'),
      }),
    }),
    PersonalDataModule.forRoot({
      keysUrl: keysDatabaseUrl,
      lostKeysId,
      sealing,
      records: {
        streams: (_, { ids }) => [...ids.map(shipmentStream), ...ids.map(awaitedShipmentStream)],
        calls: (ids) => ids.map(bookingKey),
      },
    }),
    IdempotencyModule,
    EventStoreModule.forRoot({
      events: [shipmentEventTypes, returnLabelEventTypes, awaitedShipmentEventTypes],
      states: {
        'shipment-': shipment,
        'return-label-': returnLabel,
        'awaited-shipment-': awaitedShipment,
      },
      inline: [shipmentProjection, returnLabelProjection],
      publicMessages: [messagesAbout({ ...shipmentEventTypes, ...returnLabelEventTypes }, publicMessages)],
      externalCall: carrierCall,
    }),
    MessagingModule.forRoot({
      commands: [shippingCommands],
      events: [shippingEvents, orderEvents, paymentEvents],
    }),
  ],
  controllers: [ShipmentsController, ShippingMessages, ChoreographyMessages],
  providers: [
    provideLifecycle(
      { name: 'carrier workers', role: 'worker' },
      [DATABASE, COMMITS, QUIET_DATABASE, COMMAND_HANDLER, HOLDER, LOGGER],
      (database, commits, quietDatabase, commands, holder, logger) => {
        const carrier = simulatedCarrier({ database: quietDatabase, clock: systemClock, deliveryMs });
        return carrierWorkers({ database, commits, carrier, commands, holder, logger, idlePollMs });
      },
    ),
  ],
});
