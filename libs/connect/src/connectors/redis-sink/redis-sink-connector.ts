import type { SinkConnector } from '../../plugin/connector.ts';
import { RedisSession } from './redis-session.ts';
import { RedisSink } from './redis-sink.ts';

/** Writes records into Redis: a hash, a text, a JSON document or a stream for each key. */
export const redisSink: SinkConnector = {
  kind: 'sink',
  class: 'millrace.redis.sink',
  aliases: ['redis-sink'],
  version: '1.0.0',
  settings: [
    {
      name: 'redis.url',
      type: 'STRING',
      default: 'redis://127.0.0.1:6379',
      importance: 'HIGH',
      doc: 'The server, as redis://HOST:PORT/DATABASE or rediss:// for TLS.',
      check: (value) =>
        /^rediss?:\/\/[^/@]+(\/\d*)?$/.test(value)
          ? undefined
          : 'write redis://HOST:PORT/DATABASE, with user and password in redis.username and redis.password',
    },
    {
      name: 'redis.username',
      type: 'STRING',
      optional: true,
      importance: 'MEDIUM',
      doc: 'The user, if the server has users.',
    },
    {
      name: 'redis.password',
      type: 'PASSWORD',
      optional: true,
      importance: 'MEDIUM',
      doc: 'The password, if the server asks for one.',
    },
    {
      name: 'mode',
      type: 'STRING',
      default: 'hash',
      values: ['hash', 'string', 'json', 'stream'],
      importance: 'HIGH',
      doc:
        'hash: a field of a hash for each field of the value. string: a text or bytes as they are. ' +
        'json: the value as JSON text. stream: an entry for each record.',
    },
    {
      name: 'key.pattern',
      type: 'STRING',
      default: '${topic}:${key}',
      importance: 'HIGH',
      doc:
        'The key in Redis. ${topic}, ${partition} and ${key} stand for those of the record, and ' +
        '${key.NAME} for a field of its key.',
      check: (value, config) =>
        config.mode === 'stream' || /\$\{key(\.[^}]+)?\}/.test(value)
          ? undefined
          : 'the pattern has no ${key}, so that all records would overwrite each other: add it',
    },
    {
      name: 'ttl.seconds',
      type: 'INT',
      default: '0',
      min: 0,
      max: 2_147_483_647,
      importance: 'MEDIUM',
      doc: 'How long Redis keeps a key after its last change. 0 keeps it.',
    },
    {
      name: 'stream.entries.max',
      type: 'INT',
      default: '1000000',
      min: 1,
      max: 1_000_000_000,
      importance: 'MEDIUM',
      doc: 'About how many entries a stream keeps.',
    },
    {
      name: 'offset.prefix',
      type: 'STRING',
      default: 'millrace:connect',
      importance: 'LOW',
      doc:
        'The first part of the keys PREFIX:CONNECTOR:offset:TOPIC-PARTITION, which hold the offset of ' +
        'the next record.',
    },
    {
      name: 'request.timeout.ms',
      type: 'INT',
      default: '10000',
      min: 100,
      max: 3_600_000,
      importance: 'LOW',
      doc: 'How long Redis may take to answer before the sink connects again.',
    },
  ],
  ignored: [],
  check: async (config) => {
    const session = new RedisSession(config);
    try {
      await session.run((client) => client.ping());
      return [];
    } finally {
      session.close();
    }
  },
  createTask: () => new RedisSink(),
};
