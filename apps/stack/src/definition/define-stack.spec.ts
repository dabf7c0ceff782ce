import { describe, expect, it } from '@jest/globals';
import {
  defineStack,
  embeddedBroker,
  embeddedPostgres,
  listeners,
  mailSink,
  withPorts,
  withScale,
} from './define-stack.ts';
import { embeddedKeys } from './keys.ts';

const shop = defineStack({
  database: embeddedPostgres({ port: 1 }),
  keys: embeddedKeys({ port: 7 }),
  log: embeddedBroker({ port: 2, sidePort: 6 }),
  mail: mailSink({ port: 3 }),
  services: { 'gift-card': { app: 'gift-card', port: 4 }, second: { app: 'gift-card', port: 5 } },
});

describe('a stack from its sketch', () => {
  it('gives each service the settings of its own name and the database of its app', () => {
    expect(shop.services['gift-card']).toEqual({
      app: 'gift-card',
      database: 'millrace_gift_card',
      processes: [
        {
          port: 4,
          label: 'gift-card',
          portSetting: 'GIFT_CARD_PORT',
          instance: 'gift-card-1',
          ops: {
            port: 904,
            label: 'operators of gift-card',
            portSetting: 'GIFT_CARD_OPS_PORT',
            orAnyFree: true,
          },
        },
      ],
    });
    expect(shop.services.second).toMatchObject({
      processes: [{ portSetting: 'SECOND_PORT' }],
      database: 'millrace_gift_card',
    });
  });

  it('lists every part that listens, in start order', () => {
    expect(listeners(shop).map(({ portSetting }) => portSetting)).toEqual([
      'POSTGRES_PORT',
      'KEYS_PORT',
      'BROKER_PORT',
      'BROKER_HTTP_PORT',
      'SMTP_PORT',
      'GIFT_CARD_PORT',
      'GIFT_CARD_OPS_PORT',
      'SECOND_PORT',
      'SECOND_OPS_PORT',
    ]);
  });

  it('moves the named parts to other ports', () => {
    const moved = withPorts(
      shop,
      new Map(Object.entries({ broker: 20, second: 50, 'operators of gift-card': 70 })),
    );

    expect(listeners(moved).map(({ port }) => port)).toEqual([1, 7, 20, 6, 3, 4, 70, 50, 905]);
  });

  it('gives each replica a name and a port of its own, 100 above the one before', () => {
    const { services } = withScale(withPorts(shop, new Map([['second', 50]])), {
      replicas: new Map([['second', 3]]),
      split: new Set(),
    });

    expect(services['gift-card'].processes).toHaveLength(1);
    expect(services.second.processes).toMatchObject([
      { port: 50, label: 'second', portSetting: 'SECOND_PORT', instance: 'second-1', ops: { port: 950 } },
      {
        port: 150,
        label: 'second-2',
        portSetting: 'SECOND_2_PORT',
        instance: 'second-2',
        ops: { port: 1050 },
      },
      {
        port: 250,
        label: 'second-3',
        portSetting: 'SECOND_3_PORT',
        instance: 'second-3',
        ops: { port: 1150 },
      },
    ]);
  });

  it('gives each replica a free port if the service gets a free one', () => {
    const { services } = withScale(withPorts(shop, new Map([['second', 0]])), {
      replicas: new Map([['second', 2]]),
      split: new Set(),
    });

    expect(services.second.processes.map(({ port, ops }) => [port, ops.port])).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it('splits a service into the requested number of processes for each role, and gives its read models a database', () => {
    const sketch = { ...shop.services.second, readModels: true as const };
    const { services } = withScale(
      { ...shop, services: { ...shop.services, second: sketch } },
      { replicas: new Map([['second', 2]]), split: new Set(['second', 'gift-card']) },
    );

    expect(services.second.readDatabase).toBe('millrace_gift_card_read');
    expect(services.second.processes.map(({ label, role, port }) => [label, role, port])).toEqual([
      ['second', 'api', 5],
      ['second-2', 'api', 105],
      ['second-worker', 'worker', 15],
      ['second-worker-2', 'worker', 115],
      ['second-relay', 'relay', 25],
      ['second-relay-2', 'relay', 125],
      ['second-projector', 'projector', 35],
      ['second-projector-2', 'projector', 135],
    ]);
    expect(services['gift-card'].readDatabase).toBeUndefined();
    expect(services['gift-card'].processes.map(({ role }) => role)).toEqual(['api', 'worker', 'relay']);
  });
});
