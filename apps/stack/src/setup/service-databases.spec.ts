import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { stack } from '../stack.ts';
import { databasesOf } from './service-databases.ts';

const places = { postgresUrl: 'postgres://u:p@h:1', workspace: join(import.meta.dirname, '../../../..') };
const { order, inventory } = stack.services;
const { dashboard } = stack.apps;

const made = (databases: ReturnType<typeof databasesOf>) =>
  databases.map(({ url, folders }) => [url, folders.map(({ library }) => library).join(' ')]);

describe('the databases of a service', () => {
  it('are a single one, which also has the tables of its read models', () => {
    expect(made(databasesOf(inventory, places))).toEqual([
      ['postgres://u:p@h:1/millrace_inventory', 'streaming-core event-sourcing service-chassis inventory'],
    ]);
    expect(made(databasesOf(order, places))).toEqual([
      [
        'postgres://u:p@h:1/millrace_order',
        'streaming-core event-sourcing saga service-chassis order order-read',
      ],
    ]);
  });

  it('have the tables of the libraries that an optional app with a database depends on', () => {
    expect(made(databasesOf(dashboard!, places))).toEqual([
      ['postgres://u:p@h:1/millrace_dashboard', 'streaming-core service-chassis dashboard'],
    ]);
  });

  it.each([
    ['on the same server', { ...order, readDatabase: 'order_read' }, {}, 'postgres://u:p@h:1/order_read'],
    [
      'wherever the setting says',
      order,
      { ORDER_READ_DATABASE_URL: 'postgres://r@elsewhere/read' },
      'postgres://r@elsewhere/read',
    ],
  ])('are two if the read models have one of their own, %s', (_where, service, environment, readUrl) => {
    expect(made(databasesOf(service, { ...places, environment }))).toEqual([
      ['postgres://u:p@h:1/millrace_order', 'streaming-core event-sourcing saga service-chassis order'],
      [readUrl, 'streaming-core order-read'],
    ]);
  });
});
