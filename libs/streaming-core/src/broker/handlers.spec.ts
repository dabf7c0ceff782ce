import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '../contract/index.ts';
import { systemClock } from '../contract/clock.ts';
import { servedApis } from '../protocol/served-apis.ts';
import type { BrokerServices } from './broker-services.ts';
import { handlers } from './handlers.ts';
import { defaultLimits } from './limits.ts';

describe('the handlers', () => {
  it('serve exactly what ApiVersions tells clients', () => {
    const services: Omit<BrokerServices, 'logs' | 'groups'> = {
      advertised: { host: 'localhost', port: 1 },
      autoCreateTopics: false,
      defaultPartitions: 1,
      limits: defaultLimits,
      clock: systemClock,
      logger: silentLogger,
    };
    const served = handlers(services as BrokerServices).map(({ api }) => api.name);
    expect(served).toEqual(servedApis.map(({ name }) => name));
  });
});
