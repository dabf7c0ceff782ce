/** Schemas as values: parsing, canonical texts, and what a reader's schema cannot read. */
export type { AvroSchema } from './avro/avro-schema.ts';
export { canonicalText } from './avro/canonical.ts';
export { parseAvro } from './avro/parse-avro.ts';
export { readable, type Incompatibility } from './avro/readable.ts';
export { InvalidSchema } from './errors.ts';
