import { ConnectError } from '../../plugin/connect-error.ts';
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

/** Confluent's JDBC sink, for PostgreSQL only. */
export const confluentJdbcSink: SinkConnector = {
  kind: 'sink',
  class: 'io.confluent.connect.jdbc.JdbcSinkConnector',
  aliases: ['JdbcSinkConnector'],
  version: '1.0.0',
  settings: [
    ...sharedSettings,
    {
      name: 'connection.user',
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
      name: 'pk.mode',
      type: 'STRING',
      default: 'none',
      values: keyModes,
      importance: 'HIGH',
      doc:
        'The source of the primary key: the key or the value of the record, or its topic, partition and ' +
        'offset (kafka).',
      check: keyModeCheck('pk.fields'),
    },
    {
      name: 'pk.fields',
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
      doc: 'Deletes the row of a record whose value is null.',
    },
    {
      name: 'auto.create',
      type: 'BOOLEAN',
      default: 'false',
      importance: 'MEDIUM',
      doc: 'Creates a table that does not exist.',
    },
    {
      name: 'auto.evolve',
      type: 'BOOLEAN',
      default: 'false',
      importance: 'MEDIUM',
      doc: 'Adds columns for new fields.',
    },
    {
      name: 'table.name.format',
      type: 'STRING',
      default: '${topic}',
      importance: 'MEDIUM',
      doc: 'The table of a topic, as TABLE or SCHEMA.TABLE.',
    },
    {
      name: 'fields.whitelist',
      type: 'LIST',
      default: '',
      importance: 'MEDIUM',
      doc: 'The fields of the value that are written. Without it, all are.',
    },
  ],
  ignored: [
    'batch.size',
    'connection.attempts',
    'connection.backoff.ms',
    'db.timezone',
    'dialect.name',
    'max.retries',
    'quote.sql.identifiers',
    'retry.backoff.ms',
    'table.types',
    'trim.sensitive.log',
  ],
  check: (config, signal) => databaseProblems(optionsOf(config), 'connection.user', signal),
  createTask: () => new JdbcSink(optionsOf),
};

function optionsOf(config: ConnectConfig): JdbcSinkOptions {
  return {
    ...sharedOptions(config, config['connection.user']),
    keyMode: config['pk.mode'] as JdbcSinkOptions['keyMode'],
    keyFields: listOf(config['pk.fields']),
    createsTables: config['auto.create'] === 'true',
    addsColumns: config['auto.evolve'] === 'true',
    fields: listOf(config['fields.whitelist']),
    tableOf: (topic) => tableOf(config['table.name.format'] ?? '', topic),
    readsEnvelopes: false,
  };
}

/** The name may have a schema and a dot before the table, as in Confluent's sink. */
function tableOf(format: string, topic: string): TableName {
  const name = format.replaceAll('${topic}', topic);
  const parts = name.split('.');
  if (parts.length > 2 || parts.includes(''))
    throw new ConnectError(
      `${name} is not the name of a table: write TABLE or SCHEMA.TABLE in table.name.format, or ` +
        'rename the topic with the transform RegexRouter',
    );
  return parts.length === 1 ? { name } : { schema: parts[0], name: parts[1]! };
}
