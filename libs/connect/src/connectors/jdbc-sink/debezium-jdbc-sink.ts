import type { SinkConnector } from '../../plugin/connector.ts';
import type { ConnectConfig } from '../../plugin/setting.ts';
import { databaseProblems } from './database-check.ts';
import { JdbcSink } from './jdbc-sink.ts';
import {
  insertModes,
  keyModeCheck,
  keyModes,
  listOf,
  sharedOptions,
  sharedSettings,
  type JdbcSinkOptions,
  type TableName,
} from './sink-options.ts';

/** Debezium's JDBC sink, for PostgreSQL only. It reads Debezium's envelopes without a transform. */
export const debeziumJdbcSink: SinkConnector = {
  kind: 'sink',
  class: 'io.debezium.connector.jdbc.JdbcSinkConnector',
  aliases: ['debezium-jdbc-sink'],
  version: '1.0.0',
  settings: [
    ...sharedSettings,
    {
      name: 'connection.username',
      type: 'STRING',
      optional: true,
      importance: 'HIGH',
      doc: 'The user of the database.',
    },
    {
      name: 'insert.mode',
      type: 'STRING',
      default: 'insert',
      values: insertModes,
      importance: 'HIGH',
      doc: 'insert adds rows, upsert replaces the row of the same key, update changes only rows that exist.',
    },
    {
      name: 'primary.key.mode',
      type: 'STRING',
      default: 'none',
      values: keyModes,
      importance: 'HIGH',
      doc:
        'The source of the primary key: the key or the value of the record, or its topic, partition and ' +
        'offset (kafka).',
      check: keyModeCheck('primary.key.fields'),
    },
    {
      name: 'primary.key.fields',
      type: 'LIST',
      default: '',
      importance: 'MEDIUM',
      doc:
        'The columns of the primary key. Without it, a key that is a plain value gets the column ' +
        '`key`, and every field of another key is a column.',
    },
    {
      name: 'delete.enabled',
      type: 'BOOLEAN',
      default: 'false',
      importance: 'MEDIUM',
      doc: 'Deletes the row of a record that says so, or whose value is null.',
    },
    {
      name: 'schema.evolution',
      type: 'STRING',
      default: 'none',
      values: ['none', 'basic'],
      importance: 'MEDIUM',
      doc: 'basic creates tables that do not exist, and adds columns for new fields.',
    },
    {
      name: 'collection.name.format',
      type: 'STRING',
      default: '${topic}',
      importance: 'MEDIUM',
      doc: 'The table of a topic, whose dots become underscores. SCHEMA.${topic} names a schema.',
    },
    {
      name: 'field.include.list',
      type: 'LIST',
      default: '',
      importance: 'MEDIUM',
      doc: 'The fields of the value that are written. Without it, all are.',
    },
  ],
  ignored: [
    'batch.size',
    'connection.pool.acquire_increment',
    'connection.pool.max_size',
    'connection.pool.min_size',
    'connection.pool.timeout',
    'connection.provider',
    'connection.restart.on.errors',
    'database.time_zone',
    'dialect.postgres.postgis.schema',
    'flush.max.retries',
    'flush.retry.delay.ms',
    'hibernate.dialect',
    'quote.identifiers',
    'use.reduction.buffer',
    'use.time.zone',
  ],
  check: (config, signal) => databaseProblems(optionsOf(config), 'connection.username', signal),
  createTask: () => new JdbcSink(optionsOf),
};

function optionsOf(config: ConnectConfig): JdbcSinkOptions {
  const evolves = config['schema.evolution'] === 'basic';
  return {
    ...sharedOptions(config, config['connection.username']),
    keyMode: config['primary.key.mode'] as JdbcSinkOptions['keyMode'],
    keyFields: listOf(config['primary.key.fields']),
    createsTables: evolves,
    addsColumns: evolves,
    fields: listOf(config['field.include.list']),
    tableOf: (topic) => tableOf(config['collection.name.format'] ?? '', topic),
    readsEnvelopes: true,
  };
}

function tableOf(format: string, topic: string): TableName {
  const [schema, ...rest] = format.split('.');
  const name = (rest.length === 0 ? format : rest.join('.')).replaceAll(
    '${topic}',
    topic.replaceAll('.', '_'),
  );
  return rest.length === 0 ? { name } : { schema, name };
}
