import { describe, expect, it } from '@jest/globals';
import { defineStack, embeddedBroker, embeddedPostgres, listeners, mailSink, withPorts, withReplicas } from './define-stack.ts';

const shop = defineStack({
  database: embeddedPostgres({ port: 1 }),
  log: embeddedBroker({ port: 2 }),
  mail: mailSink({ port: 3 }),
  services: { 'gift-card': { app: 'gift-card', port: 4 }, second: { app: 'gift-card', port: 5 } },
});

describe('a stack from its sketch', () => {
  it('gives each service the settings of its own name and the database of its app', () => {
    expect(shop.services['gift-card']).toEqual({
      app: 'gift-card',
      database: 'millrace_gift_card',
      processes: [{ port: 4, label: 'gift-card', portSetting: 'GIFT_CARD_PORT', instance: 'gift-card-1' }],
    });
    expect(shop.services.second).toMatchObject({ processes: [{ portSetting: 'SECOND_PORT' }], database: 'millrace_gift_card' });
  });

  it('knows every part that listens, in the order of start', () => {
    expect(listeners(shop).map(({ portSetting }) => portSetting)).toEqual([
      'POSTGRES_PORT',
      'BROKER_PORT',
      'SMTP_PORT',
      'GIFT_CARD_PORT',
      'SECOND_PORT',
    ]);
  });

  it('moves the parts that are named', () => {
    const moved = withPorts(shop, new Map(Object.entries({ broker: 20, second: 50 })));

    expect(listeners(moved).map(({ port }) => port)).toEqual([1, 20, 3, 4, 50]);
  });

  it('gives each replica a name and a port of its own, 100 above the one before', () => {
    const { services } = withReplicas(withPorts(shop, new Map([['second', 50]])), new Map([['second', 3]]));

    expect(services['gift-card'].processes).toHaveLength(1);
    expect(services.second.processes).toEqual([
      { port: 50, label: 'second', portSetting: 'SECOND_PORT', instance: 'second-1' },
      { port: 150, label: 'second-2', portSetting: 'SECOND_2_PORT', instance: 'second-2' },
      { port: 250, label: 'second-3', portSetting: 'SECOND_3_PORT', instance: 'second-3' },
    ]);
  });

  it('gives each replica a free port where the service is to have a free one', () => {
    const { services } = withReplicas(withPorts(shop, new Map([['second', 0]])), new Map([['second', 2]]));

    expect(services.second.processes.map(({ port }) => port)).toEqual([0, 0]);
  });
});
