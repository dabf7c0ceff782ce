import type { NotificationKind } from '@millrace/contracts';

export const mailKind = 'mail';

/** The row with the address is deleted once the mail is out. */
export interface MailPayload {
  readonly orderId: string;
  readonly kind: NotificationKind;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export const mailKey = ({ orderId, kind }: Pick<MailPayload, 'orderId' | 'kind'>): string =>
  `${orderId}:${kind}`;
