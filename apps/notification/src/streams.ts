import type { NotificationKind } from '@millrace/contracts';

/** The private stream of one mail: an order gets one of each kind. */
export const mailStream = (orderId: string, kind: NotificationKind): string => `mail-${orderId}-${kind}`;
