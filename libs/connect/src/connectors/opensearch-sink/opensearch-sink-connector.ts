import type { SinkConnector } from '../../plugin/connector.ts';
import { listOf } from '../../plugin/setting.ts';
import { OpenSearchClient } from './opensearch-client.ts';
import { OpenSearchSink } from './opensearch-sink.ts';

/** Aiven's sink for OpenSearch: a document for each key, or for each record. */
export const openSearchSink: SinkConnector = {
  kind: 'sink',
  class: 'io.aiven.kafka.connect.opensearch.OpensearchSinkConnector',
  aliases: [
    'io.aiven.kafka.connect.opensearch.OpenSearchSinkConnector',
    'OpensearchSinkConnector',
    'OpenSearchSinkConnector',
  ],
  version: '1.0.0',
  settings: [
    {
      name: 'connection.url',
      type: 'LIST',
      importance: 'HIGH',
      doc: 'The addresses of OpenSearch, as http://HOST:PORT, separated by commas.',
      check: (value) =>
        listOf(value).length > 0 && listOf(value).every((url) => /^https?:\/\/[^/@]+\/?$/.test(url))
          ? undefined
          : 'write http://HOST:PORT, with user and password in connection.username and connection.password',
    },
    {
      name: 'connection.username',
      type: 'STRING',
      optional: true,
      importance: 'MEDIUM',
      doc: 'The user, if OpenSearch asks for one.',
    },
    {
      name: 'connection.password',
      type: 'PASSWORD',
      optional: true,
      importance: 'MEDIUM',
      doc: 'The password of the user.',
    },
    {
      name: 'read.timeout.ms',
      type: 'INT',
      default: '10000',
      min: 100,
      max: 3_600_000,
      importance: 'LOW',
      doc: 'How long OpenSearch may take to answer before the sink asks again.',
    },
    {
      name: 'batch.size',
      type: 'INT',
      default: '2000',
      min: 1,
      max: 100_000,
      importance: 'MEDIUM',
      doc: 'The records of one request.',
    },
    {
      name: 'key.ignore',
      type: 'BOOLEAN',
      default: 'false',
      importance: 'HIGH',
      doc: "false: the key is the document's id, and the document keeps the newest value. true: every record becomes a document.",
    },
    {
      name: 'key.ignore.id.strategy',
      type: 'STRING',
      default: 'topic.partition.offset',
      values: ['topic.partition.offset', 'record.key'],
      importance: 'LOW',
      doc: 'The id of a document whose key is ignored. `none` is not supported: OpenSearch would store repeated records twice.',
    },
    {
      name: 'topic.key.ignore',
      type: 'LIST',
      default: '',
      importance: 'LOW',
      doc: 'Topics for which key.ignore is true.',
    },
    {
      name: 'index.write.method',
      type: 'STRING',
      default: 'insert',
      values: ['insert'],
      importance: 'LOW',
      doc: 'insert replaces the whole document. upsert is not supported: a replay would apply old updates again.',
    },
    {
      name: 'behavior.on.null.values',
      type: 'STRING',
      default: 'ignore',
      values: ['ignore', 'delete', 'fail'],
      importance: 'LOW',
      doc: 'What a record with a key and without a value does: nothing, delete the document, or fail.',
    },
    {
      name: 'behavior.on.malformed.documents',
      type: 'STRING',
      default: 'fail',
      values: ['ignore', 'warn', 'fail', 'report'],
      importance: 'LOW',
      doc: 'What happens with a record that cannot be a document: fail and report follow errors.tolerance, ignore and warn skip it.',
    },
    {
      name: 'offset.index',
      type: 'STRING',
      default: 'millrace-connect-offsets',
      importance: 'LOW',
      doc: 'The index in which the sink keeps the offset of the next record, by connector, topic and partition.',
      check: (value) =>
        /^[a-z0-9][a-z0-9._-]{0,254}$/.test(value)
          ? undefined
          : 'write the name of an index, in small letters',
    },
  ],
  ignored: [
    'behavior.on.version.conflict',
    'connection.timeout.ms',
    'flush.timeout.ms',
    'linger.ms',
    'max.buffered.records',
    'max.in.flight.requests',
    'max.retries',
    'retry.backoff.ms',
    'schema.ignore',
    'topic.schema.ignore',
  ],
  check: async (config) => {
    await new OpenSearchClient(config).ping();
    return [];
  },
  createTask: () => new OpenSearchSink(),
};
