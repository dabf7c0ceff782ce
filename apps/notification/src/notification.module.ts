import { join } from 'node:path';
import { Module, type DynamicModule } from '@nestjs/common';
import { notificationCommands, notificationEvents, notificationKind } from '@millrace/contracts';
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
  serviceMigrations,
  COMMAND_HANDLER,
  type PersonalRecords,
} from '@millrace/service-chassis/service';
import type { NotificationConfig } from './config.ts';
import { mail } from './domain/mail.ts';
import { mailEventTypes } from './domain/events.ts';
import { NotificationsController } from './http.ts';
import { NotificationMessages } from './messages.ts';
import { publicMessages } from './public-messages.ts';
import { mailCall, mailWorker, mailKey } from './ports/mail-worker.ts';
import { smtpMailer } from './ports/smtp-mailer.ts';
import { Notification, notificationProjection } from './projections.ts';
import { mailStream } from './stream-ids.ts';

const mailsOf = (orderId: string) => notificationKind.options.map((kind) => ({ orderId, kind }));

/** The mails about a customer's orders. */
const mailRecords: PersonalRecords = {
  streams: (_, { ids }) => ids.flatMap(mailsOf).map(({ orderId, kind }) => mailStream(orderId, kind)),
  calls: (ids) => ids.flatMap(mailsOf).map(mailKey),
};

@Module({})
class NotificationModule {}

export const notificationModule = ({
  databaseUrl,
  databasePoolSize,
  keysDatabaseUrl,
  lostKeysId,
  sealing,
  idlePollMs,
  smtpUrl,
  from,
  retryForMs,
}: NotificationConfig): DynamicModule => ({
  module: NotificationModule,
  imports: [
    DatabaseModule.forRoot({
      url: databaseUrl,
      poolSize: databasePoolSize,
      entities: [Notification],
      migrations: serviceMigrations({
        service: 'notification',
        folder: join(import.meta.dirname, '../src/migrations'),
      }),
    }),
    PersonalDataModule.forRoot({ keysUrl: keysDatabaseUrl, lostKeysId, sealing, records: mailRecords }),
    EventStoreModule.forRoot({
      events: [mailEventTypes],
      states: { 'mail-': mail },
      inline: [notificationProjection],
      publicMessages,
      externalCall: mailCall,
    }),
    MessagingModule.forRoot({ commands: [notificationCommands], events: [notificationEvents] }),
  ],
  controllers: [NotificationsController, NotificationMessages],
  providers: [
    provideLifecycle(
      { name: 'mail worker', role: 'worker' },
      [DATABASE, COMMITS, COMMAND_HANDLER, HOLDER, LOGGER],
      (database, commits, commands, holder, logger) => {
        const mailer = smtpMailer({ url: smtpUrl, from });
        return mailWorker({ database, commits, mailer, commands, holder, logger, idlePollMs, retryForMs });
      },
    ),
  ],
});
