import type { PersonalRecords } from '@millrace/service-chassis/service';
import { bookingKey } from './ports/carrier-workers.ts';
import { shipmentStream } from './streams.ts';

/** The addresses of a customer's orders. */
export const personalRecords: PersonalRecords = {
  streams: (_, { ids }) => ids.map(shipmentStream),
  calls: (ids) => ids.map(bookingKey),
};
