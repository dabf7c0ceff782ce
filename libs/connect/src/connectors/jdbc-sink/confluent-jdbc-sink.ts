import { ConnectError } from '../../plugin/connect-error.ts';
import type { SinkConnector } from '../../plugin/connector.ts';
import type { ConnectConfig } from '../../plugin/setting.ts';
import { databaseProblems } from './database-check.ts';
import { JdbcSink } from './jdbc-sink.ts';
import { sharedOptions, sharedSettings, type JdbcSinkOptions, type TableName } from './sink-options.ts';

const names = {
  user: 'connection.user',
  keyMode: 'pk.mode',
  keyFields: 'pk.fields',
  fields: 'fields.whitelist',
} as const;

/** Confluent's JDBC sink, for PostgreSQL only. */
export const confluentJdbcSink: SinkConnector = {
  kind: 'sink',
  class: 'io.confluent.connect.jdbc.JdbcSinkConnector',
  aliases: ['JdbcSinkConnector'],
  version: '1.0.0',
  settings: [
    ...sharedSettings(names),
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
  check: (config, signal) => databaseProblems(optionsOf(config), names.user, signal),
  createTask: () => new JdbcSink(optionsOf),
};

function optionsOf(config: ConnectConfig): JdbcSinkOptions {
  return {
    ...sharedOptions(config, names),
    createsTables: config['auto.create'] === 'true',
    addsColumns: config['auto.evolve'] === 'true',
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
