import type { SinkConnector } from '../../plugin/connector.ts';
import type { ConnectConfig } from '../../plugin/setting.ts';
import { databaseProblems } from './database-check.ts';
import { JdbcSink } from './jdbc-sink.ts';
import { sharedOptions, sharedSettings, type JdbcSinkOptions, type TableName } from './sink-options.ts';

const names = {
  user: 'connection.username',
  keyMode: 'primary.key.mode',
  keyFields: 'primary.key.fields',
  fields: 'field.include.list',
} as const;

/** Debezium's JDBC sink, for PostgreSQL only. It reads Debezium's envelopes without a transform. */
export const debeziumJdbcSink: SinkConnector = {
  kind: 'sink',
  class: 'io.debezium.connector.jdbc.JdbcSinkConnector',
  aliases: ['debezium-jdbc-sink'],
  version: '1.0.0',
  settings: [
    ...sharedSettings(names),
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
  check: (config, signal) => databaseProblems(optionsOf(config), names.user, signal),
  createTask: () => new JdbcSink(optionsOf),
};

function optionsOf(config: ConnectConfig): JdbcSinkOptions {
  const evolves = config['schema.evolution'] === 'basic';
  return {
    ...sharedOptions(config, names),
    createsTables: evolves,
    addsColumns: evolves,
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
