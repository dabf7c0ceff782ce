import type { PersonalRecords } from '@millrace/service-chassis/service';
import { chargeKey } from './ports/card-workers.ts';
import { paymentStream } from './streams.ts';

/** The cards of a customer's orders. */
export const personalRecords: PersonalRecords = {
  streams: (_, { ids }) => ids.map(paymentStream),
  calls: (ids) => ids.map(chargeKey),
};
