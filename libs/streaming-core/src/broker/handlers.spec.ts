import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '../runtime/index.ts';
import { systemClock } from '../runtime/clock.ts';
import { apiVersions, type ApiVersionsResponse } from '../protocol/apis/handshake.ts';
import { heartbeat } from '../protocol/apis/groups.ts';
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

describe('a version in ApiVersions', () => {
  it('comes from its handler, which may serve fewer than are known; Produce begins at 0 (KAFKA-18659)', async () => {
    const handler = apiVersionsHandler(
      [serve(heartbeat, noAnswer, { versions: '1-3' }), serve(produce, noAnswer, { versions: '3-11' })],
      [],
    );
    expect(await told(handler)).toEqual([
      { apiKey: 0, minVersion: 0, maxVersion: 11 },
      { apiKey: 12, minVersion: 1, maxVersion: 3 },
      { apiKey: 18, minVersion: 0, maxVersion: 4 },
    ]);
  });

  it('must have a layout', () => {
    expect(() => serve(heartbeat, noAnswer, { versions: '0-5' })).toThrow(
      'Heartbeat has versions 0 to 4, not 0-5',
    );
  });
});
