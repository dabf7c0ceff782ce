import { describe, expect, it } from '@jest/globals';
import { defineStack, embeddedBroker, embeddedPostgres, listeners, mailSink, withPorts } from './define-stack.ts';

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
      port: 4,
      label: 'gift-card',
      portSetting: 'GIFT_CARD_PORT',
      database: 'millrace_gift_card',
    });
    expect(shop.services.second).toMatchObject({ portSetting: 'SECOND_PORT', database: 'millrace_gift_card' });
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
    const moved = withPorts(shop, new Map(Object.entries({ BROKER_PORT: 20, SECOND_PORT: 50 })));

    expect(listeners(moved).map(({ port }) => port)).toEqual([1, 20, 3, 4, 50]);
  });
});
