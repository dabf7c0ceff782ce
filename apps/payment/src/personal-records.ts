import type { PersonalRecords } from '@millrace/service-chassis/service';
import { chargeKey } from './ports/card-calls.ts';
import { paymentStream } from './stream-ids.ts';

/** The cards of a customer's orders. */
export const personalRecords: PersonalRecords = {
  streams: (_, { ids }) => ids.map(paymentStream),
  calls: (ids) => ids.map(chargeKey),
};
