import type { NotificationKind } from '@millrace/contracts';

/** The private stream of one mail. An order gets at most one mail of each kind. */
export const mailStream = (orderId: string, kind: NotificationKind): string => `mail-${orderId}-${kind}`;
