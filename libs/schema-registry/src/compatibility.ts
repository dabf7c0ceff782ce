/**
 * Functions on schemas: they parse a schema, write its canonical text, and compare a reader with a writer.
 */
export type { AvroSchema } from './avro/avro-schema.ts';
export { canonicalText } from './avro/canonical.ts';
export { parseAvro } from './avro/parse-avro.ts';
export { readable, type Incompatibility } from './avro/readable.ts';
export { InvalidSchema } from './errors.ts';
export type { JsonDifference } from './json/json-difference.ts';
export { jsonDifferences } from './json/json-differences.ts';
export { parseJsonSchema } from './json/json-schema.ts';
