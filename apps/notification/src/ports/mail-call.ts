import type { CallIntent } from '@millrace/event-sourcing';
import type { MailCall } from '../domain/mail.ts';

export const mailKind = 'mail';

/** The request that a mail of the domain becomes. The row with the address is deleted once the mail is out. */
export const mailCall = (mail: MailCall): CallIntent => ({
  kind: mailKind,
  key: `${mail.orderId}:${mail.kind}`,
  payload: mail,
});
