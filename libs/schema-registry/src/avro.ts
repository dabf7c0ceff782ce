/** Avro schemas and their encoding, for code that builds schemas. */
export { avroType, encoded } from './avro/binary.ts';
export { canonicalText } from './avro/canonical.ts';
export {
  isNamed,
  type AvroEnum,
  type AvroRecord,
  type AvroSchema,
  type AvroUnion,
} from './avro/avro-schema.ts';
export { parseAvro } from './avro/parse-avro.ts';
export { InvalidSchema } from './errors.ts';
export { isRawJson, rawJson } from './schema-json.ts';
