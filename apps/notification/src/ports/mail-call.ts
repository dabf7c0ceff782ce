import type { CallIntent } from '@millrace/event-sourcing';
import type { MailCall } from '../domain/mail.ts';

export const mailKind = 'mail';

export const mailKey = ({ orderId, kind }: Pick<MailCall, 'orderId' | 'kind'>): string =>
  `${orderId}:${kind}`;

/**
 * Turns a mail that the domain has decided on into a request to store. Its row holds the address
 * and is deleted once the mail was sent or has failed.
 */
export const mailCall = (mail: MailCall): CallIntent => ({
  kind: mailKind,
  key: mailKey(mail),
  subject: mail.customerId,
  payload: mail,
});
