import { describe, it } from '@jest/globals';
import { given } from '@millrace/testing';
import { mail, type MailEvent } from './mail.ts';

const asked = { orderId: 'o1', kind: 'order-completed', subject: 'Your order is complete' } as const;
const requested: MailEvent = {
  type: 'MailRequested',
  ...asked,
  personal: { to: 'ada@example.org', text: 'Thank you.' },
};
const failed: MailEvent = {
  type: 'MailFailed',
  ...asked,
  reason: 'refused_by_relay',
  failedAt: '2026-11-20T10:00:00.000Z',
};
const sent: MailEvent = { type: 'NotificationSent', ...asked, sentAt: '2026-11-20T10:00:00.000Z' };

describe('a mail', () => {
  it('is asked for once', () => {
    given(mail)
      .when({ type: 'RequestMail', ...asked, to: 'ada@example.org', text: 'Thank you.' })
      .then([requested]);
    for (const history of [[requested], [requested, sent], [requested, failed]])
      given(mail, history)
        .when({ type: 'RequestMail', ...asked, to: 'ada@example.org', text: 'Thank you.' })
        .then([]);
  });

  it('counts as sent once', () => {
    const record = { type: 'RecordSent', ...asked, sentAt: '2026-11-20T10:00:00.000Z' } as const;
    given(mail, [requested]).when(record).then([sent]);
    given(mail, [requested, sent]).when(record).then([]);
  });

  it('fails once, and not after it was sent', () => {
    const record = {
      type: 'RecordFailure',
      ...asked,
      reason: 'refused_by_relay',
      failedAt: '2026-11-20T10:00:00.000Z',
    } as const;
    given(mail, [requested]).when(record).then([failed]);
    for (const history of [
      [requested, failed],
      [requested, sent],
    ])
      given(mail, history).when(record).then([]);
    given(mail, [requested, failed])
      .when({ type: 'RecordSent', ...asked, sentAt: '2026-11-20T10:00:00.000Z' })
      .then([]);
  });
});
