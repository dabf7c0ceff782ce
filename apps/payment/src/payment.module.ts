import { join } from 'node:path';
import { Module, type DynamicModule } from '@nestjs/common';
import {
  accountEvents,
  inventoryEvents,
  orderEvents,
  paymentCommands,
  paymentEvents,
} from '@millrace/contracts';
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
import { awaitedPayment, awaitedPaymentEventTypes } from './choreography/awaited-payment.ts';
import { awaitedPaymentStream, ChoreographyMessages } from './choreography/choreography.messages.ts';
import type { PaymentConfig } from './config.ts';
import { account } from './domain/account.ts';
import { payment } from './domain/payment.ts';
import { accountEventTypes, paymentEventTypes, returnRefundEventTypes } from './domain/events.ts';
import { returnRefund } from './domain/return-refund.ts';
import { AccountsController, PaymentsController } from './http.ts';
import { PaymentMessages } from './messages.ts';
import { publicMessages } from './public-messages.ts';
import { cardCall, cardWorkers, chargeKey } from './ports/card-workers.ts';
import { simulatedProvider } from './ports/simulated-provider.ts';
import { paymentStream } from './stream-ids.ts';
import {
  AccountSummary,
  accountProjection,
  PaymentSummary,
  paymentProjection,
  ReturnRefundSummary,
  returnRefundProjection,
} from './projections.ts';

@Module({})
class PaymentModule {}

export const paymentModule = ({
  databaseUrl,
  databasePoolSize,
  keysDatabaseUrl,
  lostKeysId,
  sealing,
  idlePollMs,
}: PaymentConfig): DynamicModule => ({
  module: PaymentModule,
  imports: [
    DatabaseModule.forRoot({
      url: databaseUrl,
      poolSize: databasePoolSize,
      entities: [AccountSummary, PaymentSummary, ReturnRefundSummary],
      migrations: serviceMigrations({
        service: 'payment',
        folder: join(import.meta.dirname, '../src/migrations'),
      }),
    }),
    PersonalDataModule.forRoot({
      keysUrl: keysDatabaseUrl,
      lostKeysId,
      sealing,
      records: {
        streams: (_, { ids }) => [...ids.map(paymentStream), ...ids.map(awaitedPaymentStream)],
        calls: (ids) => ids.map(chargeKey),
      },
    }),
    IdempotencyModule,
    EventStoreModule.forRoot({
      events: [accountEventTypes, paymentEventTypes, returnRefundEventTypes, awaitedPaymentEventTypes],
      states: {
        'account-': account,
        'payment-': payment,
        'return-': returnRefund,
        'awaited-payment-': awaitedPayment,
      },
      inline: [accountProjection, paymentProjection, returnRefundProjection],
      publicMessages: [
        messagesAbout(
          { ...accountEventTypes, ...paymentEventTypes, ...returnRefundEventTypes },
          publicMessages,
        ),
      ],
      externalCall: cardCall,
    }),
    MessagingModule.forRoot({
      commands: [paymentCommands],
      events: [paymentEvents, accountEvents, inventoryEvents, orderEvents],
    }),
  ],
  controllers: [AccountsController, PaymentsController, PaymentMessages, ChoreographyMessages],
  providers: [
    provideLifecycle(
      { name: 'card workers', role: 'worker' },
      [DATABASE, COMMITS, QUIET_DATABASE, COMMAND_HANDLER, HOLDER, LOGGER],
      (database, commits, quietDatabase, commands, holder, logger) => {
        const provider = simulatedProvider(quietDatabase, systemClock);
        return cardWorkers({ database, commits, provider, commands, holder, logger, idlePollMs });
      },
    ),
  ],
});
