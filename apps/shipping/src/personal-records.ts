import type { PersonalRecords } from '@millrace/service-chassis/service';
import { bookingKey } from './ports/carrier-calls.ts';
import { shipmentStream } from './stream-ids.ts';

/** The addresses of a customer's orders. */
export const personalRecords: PersonalRecords = {
  streams: (_, { ids }) => ids.map(shipmentStream),
  calls: (ids) => ids.map(bookingKey),
};
