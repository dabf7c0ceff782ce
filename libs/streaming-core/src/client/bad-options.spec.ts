import { describe, expect, it } from '@jest/globals';
import { failureOf } from './called-from-javascript.fixture.ts';
import {
  connectAdmin,
  connectConsumer,
  connectGroupConsumer,
  connectGroupOffsets,
  connectLagReader,
  connectLogReader,
  connectProducer,
  connectTransactionalProducer,
  connectTransformer,
  cooperativeStickyAssignor,
} from './index.ts';

/** No broker listens on this port. */
const place = { bootstrapServers: ['127.0.0.1:1'], clientId: 'bad-options' };
const group = { ...place, groupId: 'shipping', topics: ['orders'] };

const connects = {
  connectProducer,
  connectTransactionalProducer,
  connectTransformer,
  connectConsumer,
  connectGroupConsumer,
  connectGroupOffsets,
  connectLogReader,
  connectLagReader,
  connectAdmin,
};

/** The options that each client needs. */
const needed: Readonly<Record<keyof typeof connects, object>> = {
  connectProducer: place,
  connectTransactionalProducer: { ...place, transactionalId: 'x' },
  connectTransformer: { ...group, transactionalId: 'x', transform: () => [] },
  connectConsumer: group,
  connectGroupConsumer: group,
  connectGroupOffsets: { ...place, groupId: 'shipping' },
  connectLogReader: place,
  connectLagReader: place,
  connectAdmin: place,
};

describe('Q16 unknown options and options of a wrong type', () => {
  it.each(Object.entries(connects))('are rejected by %s, which names what to give', async (name, connect) => {
    const servers = { ...needed[name as keyof typeof connects], bootstrapServers: 'localhost:9092' };
    const mistyped = { ...servers, bootstrapServers: undefined, bootstrapServer: ['localhost:9092'] };

    expect(await failureOf(connect, undefined)).toMatchObject({
      code: 'settings_refused',
      message: expect.stringContaining('the argument is undefined: give an object with bootstrapServers'),
    });
    expect(await failureOf(connect, servers)).toMatchObject({
      code: 'settings_refused',
      message:
        'bootstrapServers is "localhost:9092": ' + "give an array of host:port, such as ['127.0.0.1:9092']",
    });
    expect(await failureOf(connect, mistyped)).toMatchObject({
      code: 'settings_refused',
      message: expect.stringMatching(/^bootstrapServer is not an option: give one of bootstrapServers, /),
    });
  });

  it.each<[keyof typeof connects, object, string]>([
    ['connectAdmin', { bootstrapServers: [] }, 'bootstrapServers is empty: give at least one host:port'],
    [
      'connectAdmin',
      { bootstrapServers: ['localhost'] },
      'bootstrapServers[0] is "localhost": give host:port',
    ],
    ['connectAdmin', { bootstrapServers: null }, 'bootstrapServers is null: give an array of host:port'],
    ['connectAdmin', { clientId: undefined }, 'clientId is undefined: give a string'],
    ['connectAdmin', { clientId: 7 }, 'clientId is 7: give a string'],
    ['connectAdmin', { logger: 'debug' }, 'logger is "debug": give a logger'],
    ['connectAdmin', { logger: { info() {} } }, 'logger.debug is undefined: give a function'],
    ['connectAdmin', { requestTimeoutMs: '500' }, 'requestTimeoutMs is "500": give a number of milliseconds'],
    ['connectAdmin', { requestTimeoutMs: 5n }, 'requestTimeoutMs is 5n: give a number of milliseconds'],
    ['connectAdmin', { requestTimeoutMs: 2 ** 31 }, 'requestTimeoutMs is 2147483648: give a number'],
    ['connectAdmin', { metadataTimeoutMs: null }, 'metadataTimeoutMs is null: give a number'],
    ['connectAdmin', { random: 0.5 }, 'random is 0.5: give a function'],
    ['connectAdmin', { replicationFactor: 0 }, 'replicationFactor is 0: give a whole number from 1'],
    ['connectAdmin', { operationTimeoutMS: 500 }, 'operationTimeoutMS is not an option: give one of'],
    ['connectAdmin', { security: true }, 'security is true: give an object with tls and sasl'],
    ['connectAdmin', { security: { tls: true } }, 'security.tls is true: give a secure context'],
    ['connectAdmin', { security: { tsl: {} } }, 'security.tsl is not an option: give one of'],
    [
      'connectAdmin',
      { security: { sasl: { mechanism: 'plain', username: 'u', password: 'p' } } },
      'security.sasl.mechanism is "plain": give PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER',
    ],
    [
      'connectAdmin',
      { security: { sasl: { mechanism: 'OAUTHBEARER', token: 'secret' } } },
      'security.sasl.token has type string: give a function that returns a token',
    ],
    [
      'connectAdmin',
      { security: { sasl: { mechanism: 'PLAIN', user: 'u', password: () => 'p' } } },
      'security.sasl.user is not an option: give one of mechanism, username, password',
    ],
    ['connectProducer', { acks: -1 }, "acks is -1: give 0, 1 or 'all'"],
    ['connectProducer', { acks: 'All' }, `acks is "All": give 0, 1 or 'all'`],
    ['connectProducer', { lingerms: 5 }, 'lingerms is not an option: give one of'],
    ['connectProducer', { maxInFlight: 2.5 }, 'maxInFlight is 2.5: give a whole number from 1 to 5'],
    [
      'connectProducer',
      { compression: 'GZIP' },
      'compression is "GZIP": give none, gzip, snappy, lz4 or zstd',
    ],
    ['connectProducer', { partitioner: () => 0 }, 'partitioner is a function: give a partitioner'],
    ['connectProducer', { idempotence: 'yes' }, 'idempotence is "yes": give true or false'],
    [
      'connectTransactionalProducer',
      { transactionalId: undefined },
      'transactionalId is undefined: give the id of this producer',
    ],
    ['connectTransactionalProducer', { transactionalId: 'x', idempotence: false }, 'idempotence is false'],
    ['connectTransformer', { transform: undefined }, 'transform is undefined: give a function'],
    ['connectConsumer', { groupId: 7 }, 'groupId is 7: give the group a name'],
    ['connectConsumer', { topics: 'orders' }, 'topics is "orders": give an array of topic names'],
    ['connectConsumer', { topics: [] }, 'topics is empty: give at least one topic'],
    ['connectConsumer', { topics: [''] }, 'topics[0] is empty: give the name of a topic'],
    ['connectConsumer', { topics: undefined, pattern: '^orders' }, 'pattern is "^orders": give a regular'],
    ['connectConsumer', { topics: undefined, topic: 'orders' }, 'topic is not an option: give one of'],
    ['connectConsumer', { autoCommit: true }, 'autoCommit is true: give false, or an interval above 0'],
    ['connectConsumer', { autoOffsetReset: 'first' }, 'autoOffsetReset is "first": give earliest, latest or'],
    ['connectConsumer', { assignors: ['range'] }, 'assignors[0] is "range": give an assignor'],
    [
      'connectConsumer',
      { signal: new AbortController() },
      'signal is an AbortController: give an AbortSignal',
    ],
    ['connectConsumer', { onAssigned: [] }, 'onAssigned is empty: give a function'],
    ['connectConsumer', { isolation: 1 }, 'isolation is 1: give read_uncommitted or read_committed'],
    ['connectGroupConsumer', { fetchConnectionsMax: 0 }, 'fetchConnectionsMax is 0: give a whole number'],
    [
      'connectGroupConsumer',
      { assignors: [cooperativeStickyAssignor] },
      'assignors[0].protocols[0] is "cooperative": give eager,',
    ],
    ['connectGroupConsumer', { groupInstanceId: 1 }, 'groupInstanceId is 1: give a string'],
    ['connectLogReader', { fetchMaxBytes: Number.NaN }, 'fetchMaxBytes is NaN: give a whole number from 1'],
  ])('are rejected by %s with the remedy: %j', async (name, options, message) => {
    const given = { ...needed[name], ...options };

    expect(await failureOf(connects[name], given)).toMatchObject({
      code: 'settings_refused',
      message: expect.stringContaining(message),
    });
  });

  it('are rejected without a password in the message', async () => {
    const sasl = { mechanism: 'PLAIN', username: 'u', password: 'open sesame' };
    const failure = await failureOf(connectAdmin, { ...place, security: { sasl } });

    expect(failure).toMatchObject({
      message: expect.stringContaining('security.sasl.password has type string: give a function'),
    });
    expect(String(failure)).not.toContain('sesame');
  });
});
