import { notificationKind } from '@millrace/contracts';
import type { PersonalRecords } from '@millrace/service-chassis/service';
import { mailKey } from './ports/mail-call.ts';
import { mailStream } from './stream-ids.ts';

const mailsOf = (orderId: string) => notificationKind.options.map((kind) => ({ orderId, kind }));

/** The mails about a customer's orders. */
export const personalRecords: PersonalRecords = {
  streams: (_, { ids }) => ids.flatMap(mailsOf).map(({ orderId, kind }) => mailStream(orderId, kind)),
  calls: (ids) => ids.flatMap(mailsOf).map(mailKey),
};
