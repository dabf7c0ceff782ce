import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '../runtime/index.ts';
import { systemClock } from '../runtime/clock.ts';
import { apiVersions, type ApiVersionsResponse } from '../protocol/apis/handshake.ts';
import { produce } from '../protocol/apis/produce.ts';
import { servedApis } from '../protocol/known-apis.ts';
import type { BrokerServices } from './broker-services.ts';
import { readBrokerConfigs } from './configs/broker-configs.ts';
import { BufferPool } from '../protocol/frames/buffer-pool.ts';
import { ByteBudget } from './connections/byte-budget.ts';
import { handlers } from './handlers.ts';
import { apiVersionsHandler } from './handlers/cluster.handlers.ts';
import { defaultLimits } from './limits.ts';
import { BrokerTraffic } from './broker-statistics.ts';
import { serve, type RequestContext, type ServedApi } from './served-api.ts';

const context: RequestContext = {
  apiVersion: 0,
  clientId: 'c',
  clientHost: '127.0.0.1',
  signal: new AbortController().signal,
};

const told = async (handler: ServedApi | undefined) =>
  ((await handler?.handle({}, context)) as unknown as ApiVersionsResponse).apiKeys;
const noAnswer = () => 'no-answer' as const;

describe('the handlers', () => {
  const services: Omit<BrokerServices, 'logs' | 'groups' | 'transactions' | 'transactionalAppends'> = {
    nodeId: 1,
    advertised: { host: 'localhost', port: 1 },
    autoCreateTopics: false,
    deleteTopics: true,
    configs: { current: readBrokerConfigs({}), apply: () => Promise.resolve() },
    traffic: new BrokerTraffic(),
    defaultPartitions: 1,
    limits: defaultLimits,
    buffers: new BufferPool({ heldBytesMax: 0 }),
    unsent: new ByteBudget({ bytesMax: 0 }),
    clock: systemClock,
    logger: silentLogger,
  };
  const served = handlers(services as BrokerServices);
  const keys = served.map(({ api }) => api.key).sort((a, b) => a - b);

  it('L57 serve each API of the list once, and none of those that only the client uses', () => {
    expect(keys).toEqual(servedApis.map(({ key }) => key).sort((a, b) => a - b));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('L57 serve exactly the versions in ApiVersions', async () => {
    const apiKeys = await told(served.find(({ api }) => api.key === apiVersions.key));
    expect(apiKeys.map(({ apiKey }) => apiKey)).toEqual(keys);
  });
});

describe('an answer to ApiVersions', () => {
  const handler = apiVersionsHandler([serve(produce, noAnswer)]);

  it('has the versions of each layout, but Produce begins at 0 (KAFKA-18659)', async () => {
    expect(await told(handler)).toEqual([
      { apiKey: 0, minVersion: 0, maxVersion: 13 },
      { apiKey: 18, minVersion: 0, maxVersion: 4 },
    ]);
  });

  it.each([
    [3, []],
    [4, [{ name: 'transaction.version', minVersion: 0, maxVersion: 2 }]],
  ])('in v%s has the level of transactions, and a range from 0 only since v4', async (apiVersion, ranges) => {
    const request = { clientSoftwareName: 'client', clientSoftwareVersion: '1' };
    expect(await handler.handle(request, { ...context, apiVersion })).toMatchObject({
      supportedFeatures: ranges,
      finalizedFeatures: [{ name: 'transaction.version', maxVersionLevel: 2, minVersionLevel: 2 }],
    });
  });
});
