import { notificationCommands, notificationEvents, type SendOrderMail } from '@millrace/contracts';
import { openTestService, until, type PublishedMessage, type TestService } from '@millrace/testing/service';
import { settings } from './config.ts';
import { startMailRelay, type MailRelay } from './mail-relay.fake.ts';
import { notificationModule } from './notification.module.ts';

/** The notification service over HTTP and the log, with a mail relay of its own. */
export interface NotificationFixture extends TestService {
  readonly relay: MailRelay;
  /** Requests a mail as the order service does, and returns the command's id. */
  ask(orderId: string, mail?: Partial<SendOrderMail>, id?: string): Promise<string>;
  told(orderId: string): Promise<readonly PublishedMessage[]>;
  toldOf(orderId: string, count: number): Promise<readonly PublishedMessage[]>;
  /** Returns the deliveries to the relay for one order, including repetitions. */
  mailsOf(
    orderId: string,
  ): readonly { readonly messageId: string; readonly to: readonly string[]; readonly text: string }[];
}

export async function openNotification(): Promise<NotificationFixture> {
  const relay = await startMailRelay();
  const notification = await openTestService({
    name: 'notification',
    settings,
    module: notificationModule,
    logSubject: 'orderId',
    folder: import.meta.dirname,
    topics: [notificationCommands, notificationEvents],
    env: { SMTP_URL: `smtp://127.0.0.1:${relay.port}`, NOTIFICATION_FROM: 'shop@example.org' },
  });
  const told = (orderId: string) => notification.published('notification-events', orderId);
  return {
    ...notification,
    relay,
    told,
    async ask(orderId, mail = {}, id) {
      const total = { amount: 24_90, currency: 'EUR' };
      const command = {
        orderId,
        customerId: 'ada',
        kind: 'order-completed',
        to: 'ada@example.org',
        name: 'Ada Lovelace',
        total,
        ...mail,
      } as const;
      return notification.send(
        notificationCommands,
        notificationCommands.SendOrderMail(command),
        id === undefined ? {} : { id },
      );
    },
    toldOf: (orderId, count) =>
      until(
        () => told(orderId),
        (messages) => messages.length >= count,
      ),
    mailsOf: (orderId) => relay.received.filter(({ messageId }) => messageId.includes(orderId)),
    async close() {
      await notification.close();
      await relay.stop();
    },
  };
}
