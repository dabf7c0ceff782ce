import { describe, it } from '@jest/globals';
import { given } from '@millrace/testing';
import { mail } from './mail.ts';
import type { MailEvent } from './events.ts';

const asked = { orderId: 'o1', kind: 'order-completed', subject: 'Your order is complete' } as const;
const requested: MailEvent = {
  type: 'MailRequested',
  ...asked,
  personal: { subject: 'ada', to: 'ada@example.org', text: 'Thank you.' },
};
const failed: MailEvent = {
  type: 'MailFailed',
  ...asked,
  reason: 'refused_by_relay',
  failedAt: '2026-11-20T10:00:00.000Z',
};
const sent: MailEvent = { type: 'NotificationSent', ...asked, sentAt: '2026-11-20T10:00:00.000Z' };

describe('a mail', () => {
  it('D08 is requested once', () => {
    const letter = { to: 'ada@example.org', text: 'Thank you.' };
    const request = { type: 'RequestMail', customerId: 'ada', ...asked, ...letter } as const;
    given(mail).when(request).then([requested]);
    given(mail)
      .when(request)
      .thenCalls([{ customerId: 'ada', ...asked, ...letter }]);
    for (const history of [[requested], [requested, sent], [requested, failed]]) {
      given(mail, history).when(request).then([]);
      given(mail, history).when(request).thenCalls([]);
    }
  });

  it('D08 is recorded as sent once', () => {
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
