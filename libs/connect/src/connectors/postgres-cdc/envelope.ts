import type { ConnectSchema, PrimitiveType, StructSchema } from '../../record/connect-schema.ts';

const field = (name: string, type: PrimitiveType, optional = false) => ({
  field: name,
  schema: { type, optional } as const,
});

/** The version of Debezium whose record format this is. */
export const debeziumVersion = '3.5.0.Final';

export type SnapshotMark =
  'true' | 'first' | 'first_in_data_collection' | 'last_in_data_collection' | 'last' | 'false';

const sourceSchema: StructSchema = {
  type: 'struct',
  optional: false,
  name: 'io.debezium.connector.postgresql.Source',
  version: 1,
  fields: [
    field('version', 'string'),
    field('connector', 'string'),
    field('name', 'string'),
    field('ts_ms', 'int64'),
    {
      field: 'snapshot',
      schema: {
        type: 'string',
        optional: true,
        name: 'io.debezium.data.Enum',
        version: 1,
        parameters: {
          allowed: 'true,first,first_in_data_collection,last_in_data_collection,last,false,incremental',
        },
        default: 'false',
      },
    },
    field('db', 'string'),
    field('sequence', 'string', true),
    field('ts_us', 'int64', true),
    field('ts_ns', 'int64', true),
    field('schema', 'string'),
    field('table', 'string'),
    field('txId', 'int64', true),
    field('lsn', 'int64', true),
    field('xmin', 'int64', true),
    field('origin', 'string', true),
    field('origin_lsn', 'int64', true),
  ],
};

/** Stays null, because `provide.transaction.metadata` is not supported. */
const transactionSchema: StructSchema = {
  type: 'struct',
  optional: true,
  name: 'event.block',
  version: 1,
  fields: [field('id', 'string'), field('total_order', 'int64'), field('data_collection_order', 'int64')],
};

export const envelopeSchema = (topic: string, row: ConnectSchema): StructSchema => ({
  type: 'struct',
  optional: false,
  name: `${topic}.Envelope`,
  version: 2,
  fields: [
    { field: 'before', schema: row },
    { field: 'after', schema: row },
    { field: 'source', schema: sourceSchema },
    { field: 'transaction', schema: transactionSchema },
    field('op', 'string'),
    field('ts_ms', 'int64', true),
    field('ts_us', 'int64', true),
    field('ts_ns', 'int64', true),
  ],
});

/** The schema of the key of a message that `pg_logical_emit_message` writes. */
export const messageKeySchema: StructSchema = {
  type: 'struct',
  optional: false,
  name: 'io.debezium.connector.postgresql.MessageKey',
  version: 1,
  fields: [field('prefix', 'string', true)],
};

export const messageSchema: StructSchema = {
  type: 'struct',
  optional: false,
  name: 'io.debezium.connector.postgresql.MessageValue',
  version: 1,
  fields: [
    field('op', 'string'),
    field('ts_ms', 'int64', true),
    { field: 'source', schema: sourceSchema },
    { field: 'transaction', schema: transactionSchema },
    {
      field: 'message',
      schema: {
        type: 'struct',
        optional: false,
        name: 'io.debezium.connector.postgresql.Message',
        version: 1,
        fields: [field('prefix', 'string', true), field('content', 'bytes', true)],
      },
    },
  ],
};

export const heartbeatKeySchema: StructSchema = {
  type: 'struct',
  optional: false,
  name: 'io.debezium.connector.common.ServerNameKey',
  version: 1,
  fields: [field('serverName', 'string')],
};

export const heartbeatSchema: StructSchema = {
  type: 'struct',
  optional: false,
  name: 'io.debezium.connector.common.Heartbeat',
  version: 1,
  fields: [field('ts_ms', 'int64')],
};
