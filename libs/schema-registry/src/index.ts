/** A client of schema registries, and a serde for Avro. */
export { avroSerde, AvroSerdeError, type AvroSerde, type AvroSerdeOptions } from './client/avro-serde.ts';
export {
  RegistryCallError,
  RegistryClient,
  type NewSchema,
  type RegisteredSchema,
  type RegisteredVersion,
  type RegistryClientOptions,
} from './client/registry-client.ts';
export { avroText } from './client/referenced-types.ts';
export { headerBytes, headerOf, schemaIdOf, subjectOf, type SubjectName } from './client/wire-format.ts';
