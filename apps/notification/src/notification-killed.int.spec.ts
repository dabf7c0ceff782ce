import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { until } from '@millrace/testing/service';
import { openNotification, type NotificationFixture } from './notification.fixture.ts';

let notification: NotificationFixture;
beforeAll(async () => {
  notification = await openNotification();
});
afterAll(() => notification.close());

describe('the notification service as a process', () => {
  it('sends a mail again under the same Message-ID, and publishes it once, if it is killed before it has recorded the send', async () => {
    const orderId = randomUUID();
    await notification.service().stop();
    const victim = notification.spawn();
    await victim.ready;
    const accept = notification.relay.delay();
    await notification.ask(orderId);
    await until(
      () => Promise.resolve(notification.mailsOf(orderId)),
      (mails) => mails.length === 1,
    );
    const record = await notification.hold('SELECT 1 FROM stream WHERE id = $1 FOR UPDATE', [
      `mail-${orderId}-order-completed`,
    ]);
    accept();
    await until(notification.waitingForLocks, (count) => count > 0);
    victim.kill('SIGKILL');
    await victim.ended;
    await record();
    expect(await notification.told(orderId)).toEqual([]);

    // Ends the lease of the killed process without waiting for it.
    await notification.database.sql.query(`UPDATE external_call SET lease_until = '-infinity'`);
    await notification.restart();
    expect(await notification.toldOf(orderId, 1)).toHaveLength(1);
    const mails = notification.mailsOf(orderId);
    expect(mails.length).toEqual(2);
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toEqual(1);
    expect((await notification.call('GET', `/notifications?orderId=${orderId}`)).body.items).toHaveLength(1);
  });

  it('exits with a line for each wrong setting', async () => {
    const { code, stderr } = await notification.spawn({ SMTP_URL: 'smtp://', NOTIFICATION_FROM: 'me' }).ended;
    expect(code).toEqual(1);
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^notification: SMTP_URL: must be a URL such as/),
      expect.stringMatching(/^notification: NOTIFICATION_FROM: must be an e-mail address/),
    ]);
  });
});
