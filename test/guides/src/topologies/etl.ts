import { consumed, produced, serdes, StreamsBuilder, type Topology } from '@millrace/streams';

/** A row as the warehouse wants it. */
export interface BookingRow {
  readonly listing: string;
  readonly nights: number;
  readonly euros: number;
}

const texts = consumed(serdes.string, serdes.string);
const lines = produced(serdes.string, serdes.string);
const rows = produced(serdes.string, serdes.json<BookingRow>());
const format = /^(?<listing>[\w-]+);(?<nights>\d+);(?<price>\d+);(?<currency>[A-Z]{3})$/;

/** G48, Airbnb: in place of a nightly ETL job, each line is extracted, converted and loaded as it comes. */
export function bookingsToWarehouse(): Topology {
  const builder = new StreamsBuilder();
  const euros = builder.globalTable('euros-per-currency', consumed(serdes.string, serdes.double));
  const loaded = builder
    .stream('booking-lines', texts)
    .leftJoin(euros, (_id, line) => format.exec(line)?.groups?.currency ?? '', rowOf);
  loaded.flatMapValues((row) => (typeof row === 'string' ? [] : [row])).to('booking-rows', rows);
  loaded.flatMapValues((row) => (typeof row === 'string' ? [row] : [])).to('refused-booking-lines', lines);
  return builder.build();
}

/** Returns the line itself if it cannot be read, or if nobody knows its currency. */
function rowOf(line: string, rate: number | null): BookingRow | string {
  const [, listing, nights, price] = format.exec(line) ?? [];
  if (listing === undefined || rate === null) return line;
  return { listing, nights: Number(nights), euros: Number(price) * rate };
}
