import { json } from './json-serde.ts';
import { double, integer, long, safeLong } from './number-serdes.ts';
import { boolean, bytes } from './plain-serdes.ts';
import { string, uuid } from './text-serdes.ts';
import { sessionWindowed, timeWindowed } from './windowed-serdes.ts';

/** The serdes of this library. Their bytes are those of Kafka's serializers of the same names. */
export const serdes = Object.freeze({
  string,
  bytes,
  long,
  safeLong,
  integer,
  double,
  boolean,
  uuid,
  json,
  timeWindowed,
  sessionWindowed,
});
