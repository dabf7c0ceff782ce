import { isNamed, type AvroRecord, type AvroSchema, type AvroUnion } from '@millrace/schema-registry/avro';

/** The names that Confluent's `AvroData` gives to what Connect has and Avro does not, and the other way round. */
export const namespace = 'io.confluent.connect.avro';
/** The record of a struct without a name. The second one is `ConnectDefault2`. */
export const unnamedRecord = 'ConnectDefault';
/** The record of an entry of a map whose keys are not text. */
export const mapEntry = 'MapEntry';
/** A struct that has one field of each branch of a union. */
export const unionName = `${namespace}.Union`;

export const properties = {
  name: 'connect.name',
  version: 'connect.version',
  doc: 'connect.doc',
  parameters: 'connect.parameters',
  default: 'connect.default',
  /** int8 or int16 of an Avro int. */
  type: 'connect.type',
  /** On the record of an entry of a map that has a name. */
  internalType: 'connect.internal.type',
} as const;

/** Parameters of a Connect schema that stand for attributes of an Avro schema. */
export const parameters = {
  recordDoc: `${namespace}.record.doc`,
  fieldDoc: `${namespace}.field.doc.`,
  /** The default is that of an Avro field. */
  fieldDefault: `${namespace}.field.default`,
  enum: `${namespace}.Enum`,
  enumDoc: `${namespace}.enum.doc.`,
  enumDefault: `${namespace}.enum.default.`,
  fixedSize: 'connect.fixed.size',
  precision: 'connect.decimal.precision',
} as const;

/** The precision of a decimal that states none. */
export const precisionByDefault = 64;

const logical = 'org.apache.kafka.connect.data';

interface LogicalType {
  readonly logicalType: string;
  /** The types of Avro that may have it. */
  readonly types: readonly string[];
}

/** Avro's logical types by Connect's names. */
export const logicalTypes: Readonly<Record<string, LogicalType>> = {
  [`${logical}.Decimal`]: { logicalType: 'decimal', types: ['bytes', 'fixed'] },
  [`${logical}.Date`]: { logicalType: 'date', types: ['int'] },
  [`${logical}.Time`]: { logicalType: 'time-millis', types: ['int'] },
  [`${logical}.Timestamp`]: { logicalType: 'timestamp-millis', types: ['long'] },
};

export const branchesOf = ({ branches }: AvroUnion): readonly AvroSchema[] =>
  branches.filter(({ type }) => type !== 'null');

/** The name of a branch in the values of a union, and of its field in Connect's struct. */
export const branchNames = (branch: AvroSchema): { readonly branch: string; readonly field: string } =>
  isNamed(branch)
    ? { branch: branch.name.full, field: branch.name.name }
    : { branch: branch.type, field: branch.type };

/** Whether the array stands for a map whose keys are not text. */
export const isMapEntry = (items: AvroSchema): items is AvroRecord =>
  items.type === 'record' &&
  (items.name.full.startsWith(`${namespace}.${mapEntry}`) ||
    items.properties[properties.internalType] === mapEntry);

/** Whether a null in a field with a default becomes that default, as in Kafka's `Struct.get`, or stays null. */
export type Nulls = 'become defaults' | 'stay';
