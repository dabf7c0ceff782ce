import { join } from 'node:path';
import { Module, type DynamicModule } from '@nestjs/common';
import { notificationCommands, notificationEvents } from '@millrace/contracts';
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
} from '@millrace/service-chassis/service';
import type { NotificationConfig } from './config.ts';
import { mail } from './domain/decide.ts';
import { mailEventTypes } from './domain/events.ts';
import { NotificationsController } from './http/notifications.controller.ts';
import { NotificationMessages } from './messages/notification.messages.ts';
import { publicMessages } from './messages/public-messages.ts';
import { personalRecords } from './personal-records.ts';
import { mailCall } from './ports/mail-call.ts';
import { mailWorker } from './ports/mail-worker.ts';
import { smtpMailer } from './ports/smtp-mailer.ts';
import { Notification } from './projections/notification.entity.ts';
import { notificationProjection } from './projections/notification.projection.ts';

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
    PersonalDataModule.forRoot({ keysUrl: keysDatabaseUrl, lostKeysId, sealing, records: personalRecords }),
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
