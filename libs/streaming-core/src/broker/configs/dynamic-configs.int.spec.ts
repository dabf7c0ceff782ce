import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { within } from '@millrace/testing/within';
import { alterConfigs, describeConfigs, incrementalAlterConfigs } from '../../protocol/apis/configs.ts';
import { describeProducers } from '../../protocol/apis/transactions.ts';
import { errorCodes, type ErrorName } from '../../protocol/errors.ts';
import { WireClient } from '../../protocol/testing/wire-client.ts';
import { batchOf, makeTopic, produceBatch } from '../broker.fixture.ts';
import { startBroker, type Broker } from '../start-broker.ts';

const topicType = 2;
const brokerType = 4;
const set = 0;
const remove = 1;
const append = 2;
const properties = { 'log.retention.hours': '48', 'log.cleaner.backoff.ms': '14000' };
let dataFolder: string;
let broker: Broker;
let client: WireClient;

beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'millrace-dynamic-'));
  await start();
});
afterEach(async () => {
  await stop();
  await rm(dataFolder, { recursive: true });
});

async function start(given: Readonly<Record<string, string>> = properties): Promise<void> {
  broker = await startBroker({ dataFolder, port: 0, flush: 'none', properties: given });
  client = await WireClient.connect(broker);
}

async function stop(): Promise<void> {
  client.close();
  await broker.close();
}

type Change = readonly [name: string, operation: number, value: string | null];

async function alter(
  resourceName: string,
  changes: readonly Change[],
  { validateOnly = false } = {},
): Promise<number> {
  const configs = changes.map(([name, configOperation, value]) => ({ name, configOperation, value }));
  const resources = [{ resourceType: brokerType, resourceName, configs }];
  return (await client.send(incrementalAlterConfigs, 1, { resources, validateOnly })).responses[0]!.errorCode;
}

/** Returns the value, source, `readOnly` and synonyms of each config, by name. */
async function told(resourceName: string, keys: readonly string[] | null, resourceType = brokerType) {
  const resources = [{ resourceType, resourceName, configurationKeys: keys }];
  const { results } = await client.send(describeConfigs, 4, {
    resources,
    includeSynonyms: true,
    includeDocumentation: false,
  });
  return Object.fromEntries(
    results[0]!.configs.map(({ name, value, configSource, readOnly, synonyms }) => [
      name,
      [value, configSource, readOnly, ...synonyms.map((one) => `${one.source}:${one.name}=${one.value}`)],
    ]),
  );
}

/** The expected responses were taken from Apache Kafka 4.3.1. */
describe("a broker's configs while it runs", () => {
  it('are shown as the file sets them, before any change', async () => {
    expect(
      await told('1', [
        'log.retention.ms',
        'log.retention.hours',
        'log.cleaner.backoff.ms',
        'num.partitions',
      ]),
    ).toEqual({
      'log.retention.ms': [null, 5, false],
      'log.retention.hours': ['48', 4, true, '4:log.retention.hours=48', '5:log.retention.hours=168'],
      'log.cleaner.backoff.ms': [
        '14000',
        4,
        false,
        '4:log.cleaner.backoff.ms=14000',
        '5:log.cleaner.backoff.ms=15000',
      ],
      'num.partitions': ['1', 5, true, '5:num.partitions=1'],
    });
    expect(await told('', null)).toEqual({});
  });

  it('L52 can be changed for the cluster and for the broker, are shown with their synonyms, and survive a restart', async () => {
    await makeTopic(client, 't', { 'segment.bytes': '2000000' });
    expect(await alter('', [['log.retention.ms', set, '5000'], ['message.max.bytes', set, '2000000']])).toBe(0); // prettier-ignore
    expect(await alter('1', [['log.retention.ms', set, '6000'], ['log.segment.bytes', set, '3000000']])).toBe(0); // prettier-ignore
    for (const _life of ['this', 'the next']) {
      const behind = ['3:log.retention.ms=5000', '4:log.retention.hours=48', '5:log.retention.hours=168'];
      expect(await told('1', ['log.retention.ms', 'message.max.bytes'])).toEqual({
        'log.retention.ms': ['6000', 2, false, '2:log.retention.ms=6000', ...behind],
        'message.max.bytes': [
          '2000000',
          3,
          false,
          '3:message.max.bytes=2000000',
          '5:message.max.bytes=1048588',
        ],
      });
      expect(await told('', null)).toEqual({
        'log.retention.ms': ['5000', 3, false, '3:log.retention.ms=5000'],
        'message.max.bytes': ['2000000', 3, false, '3:message.max.bytes=2000000'],
      });
      const own = [
        '1:segment.bytes=2000000',
        '2:log.segment.bytes=3000000',
        '5:log.segment.bytes=1073741824',
      ];
      expect(await told('t', ['retention.ms', 'segment.bytes', 'max.message.bytes'], topicType)).toEqual({
        'retention.ms': ['6000', 2, false, '2:log.retention.ms=6000', ...behind],
        'segment.bytes': ['2000000', 1, false, ...own],
        'max.message.bytes': [
          '2000000',
          3,
          false,
          '3:message.max.bytes=2000000',
          '5:message.max.bytes=1048588',
        ],
      });
      await stop();
      await start();
    }
  });

  it('fall back to the previous source after a removal, and accept appends to lists', async () => {
    await alter('', [['log.retention.ms', set, '5000']]);
    await alter('1', [['log.retention.ms', set, '6000']]);
    expect(await alter('1', [['log.retention.ms', remove, null], ['num.partitions', remove, null]])).toBe(0); // prettier-ignore
    expect((await told('1', ['log.retention.ms']))['log.retention.ms']).toEqual(
      expect.arrayContaining(['5000', 3]),
    );
    expect(await alter('1', [['log.cleanup.policy', append, 'compact']])).toBe(0);
    expect((await told('1', ['log.cleanup.policy']))['log.cleanup.policy']).toEqual(
      expect.arrayContaining(['delete,compact', 2]),
    );
    const resources = [
      { resourceType: brokerType, resourceName: '1', configs: [{ name: 'log.roll.ms', value: '8000' }] },
    ];
    expect(
      (await client.send(alterConfigs, 2, { resources, validateOnly: false })).responses[0]!.errorCode,
    ).toBe(0);
    expect(await told('1', ['log.roll.ms', 'log.cleanup.policy'])).toEqual({
      'log.roll.ms': ['8000', 2, false, '2:log.roll.ms=8000', '5:log.roll.hours=168'],
      'log.cleanup.policy': ['delete', 5, false, '5:log.cleanup.policy=delete'],
    });
  });

  it('L52 take effect at once on topics without a config of their own, and on new connections', async () => {
    await makeTopic(client, 'own', { 'max.message.bytes': '1000000' });
    await makeTopic(client, 'none');
    const outcomes = async () =>
      Promise.all(
        ['own', 'none'].map(
          async (topic) => (await produceBatch(client, { topic }, batchOf(['v'.repeat(500)]))).errorCode,
        ),
      );
    expect(await outcomes()).toEqual([0, 0]);
    await alter('', [['message.max.bytes', set, '400'], ['max.connections', set, '1']]); // prettier-ignore
    expect(await outcomes()).toEqual([0, errorCodes.MESSAGE_TOO_LARGE]);
    const refused = await WireClient.connect(broker);
    await expect(
      refused.send(describeConfigs, 4, {
        resources: [],
        includeSynonyms: false,
        includeDocumentation: false,
      }),
    ).rejects.toThrow();
    await alter('', [['message.max.bytes', remove, null], ['max.connections', remove, null]]); // prettier-ignore
    expect(await outcomes()).toEqual([0, 0]);
    (await WireClient.connect(broker)).close();
  });

  it('L52 take effect at once on how long idle producers are kept', async () => {
    await stop();
    await start({ ...properties, 'producer.id.expiration.check.interval.ms': '20' });
    await makeTopic(client, 't');
    await produceBatch(
      client,
      { topic: 't' },
      batchOf(['v'], { producerId: 7n, producerEpoch: 0, baseSequence: 0 }),
    );
    const known = async () => {
      const { topics } = await client.send(describeProducers, 0, {
        topics: [{ name: 't', partitionIndexes: [0] }],
      });
      return topics[0]!.partitions[0]!.activeProducers.length;
    };
    expect(await known()).toBe(1);
    await alter('', [['producer.id.expiration.ms', set, '1']]);
    await within(20_000)(async () => (await known()) === 0);
  });

  it.each<[string, string, Change, ErrorName]>([
    ['one that is only read at the start', '1', ['num.partitions', set, '3'], 'INVALID_REQUEST'],
    [
      'one in a unit that cannot be changed at runtime',
      '1',
      ['log.retention.hours', set, '3'],
      'INVALID_REQUEST',
    ],
    ['an invalid value', '1', ['log.retention.ms', set, 'soon'], 'INVALID_REQUEST'],
    ['one without effect here', '', ['num.io.threads', set, '8'], 'INVALID_REQUEST'],
    ['a misspelt one', '1', ['log.retention.millis', set, '3'], 'INVALID_REQUEST'],
    ['another broker', '2', ['log.retention.ms', set, '3'], 'INVALID_REQUEST'],
    ['a missing value', '1', ['log.retention.ms', set, null], 'INVALID_REQUEST'],
    ['an append to a config that is not a list', '1', ['log.retention.ms', append, '1'], 'INVALID_CONFIG'],
  ])(
    'are not changed by %s, nor by valid changes in the same request',
    async (_what, name, change, error) => {
      expect(await alter(name, [['log.roll.ms', set, '1000'], change])).toBe(errorCodes[error]);
      expect(await told('1', ['log.roll.ms'])).toMatchObject({ 'log.roll.ms': [null, 5, false] });
    },
  );

  it('stay the same with validateOnly', async () => {
    expect(await alter('1', [['log.roll.ms', set, '1000']], { validateOnly: true })).toBe(0);
    expect(await told('1', ['log.roll.ms'])).toMatchObject({ 'log.roll.ms': [null, 5, false] });
  });

  it('keep the broker from starting when their file is damaged, with an error that says so', async () => {
    await alter('1', [['log.retention.ms', set, '60000000']]);
    await stop();
    const file = join(dataFolder, 'dynamic-configs.json');
    const text = await readFile(file, 'utf8');
    for (const spoilt of [
      text.replace('60000000', '6000'),
      text.slice(0, 40),
      text.replace('"version": 1', '"version": 2'),
    ]) {
      await writeFile(file, spoilt);
      await expect(startBroker({ dataFolder, port: 0 })).rejects.toThrow(/dynamic-configs\.json/);
    }
    await writeFile(file, text);
    await start();
    expect((await told('1', ['log.retention.ms']))['log.retention.ms']).toEqual(
      expect.arrayContaining(['60000000', 2]),
    );
  });
});
