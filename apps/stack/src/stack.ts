import {
  defineStack,
  embeddedBroker,
  embeddedPostgres,
  consoleApp,
  mailSink,
  embeddedKeys,
} from './definition/define-stack.ts';

/**
 * The whole system on one screen. Every line is a process, except for the mail sink, which runs in
 * the stack's own process. Apps run only if `npm start -- --with NAME` names them.
 */
export const stack = defineStack({
  database: embeddedPostgres({ port: 54_329 }),
  keys: embeddedKeys({ port: 54_328 }),
  log: embeddedBroker({ port: 9092, sidePort: 9404 }),
  mail: mailSink({ port: 2525 }),
  console: consoleApp({ port: 3010 }),
  services: {
    order: { app: 'order', port: 3001, readModels: true, personalData: true },
    inventory: { app: 'inventory', port: 3002 },
    payment: { app: 'payment', port: 3003, personalData: true },
    shipping: { app: 'shipping', port: 3004, personalData: true },
    notification: { app: 'notification', port: 3005, personalData: true },
  },
  apps: {
    analytics: {
      app: 'analytics',
      port: 3043,
      state: true,
      topics: {
        'analytics-refused-events': {
          partitions: 1,
          retentionDays: 30,
          people: 'copies of events, with the customer’s id',
        },
      },
    },
    connect: { app: 'connect', port: 8083 },
    dashboard: {
      app: 'dashboard',
      port: 3041,
      state: true,
      database: true,
      topics: {
        page_views: { partitions: 1, retentionDays: 7, people: 'the user’s id, and the pages' },
        'page-view-minutes': { partitions: 6, retentionDays: 7, people: 'nothing' },
        'late-page-views': { partitions: 6, retentionDays: 7, people: 'nothing' },
        'refused-page-views': { partitions: 1, retentionDays: 7, people: 'the user’s id, and the pages' },
      },
    },
    fraud: {
      app: 'fraud',
      port: 3042,
      state: true,
      topics: {
        transactions: { partitions: 6, retentionDays: 7, people: 'the card’s id, amounts and countries' },
        'fraud-alerts': { partitions: 6, retentionDays: 30, people: 'the card’s id, and countries' },
        'late-transactions': {
          partitions: 1,
          retentionDays: 7,
          people: 'the card’s id, amounts and countries',
        },
        'refused-transactions': {
          partitions: 1,
          retentionDays: 7,
          people: 'the card’s id, amounts and countries',
        },
      },
    },
    logs: {
      app: 'logs',
      port: 3045,
      state: true,
      database: true,
      logFiles: true,
      topics: {
        logs: {
          partitions: 6,
          retentionDays: 1,
          retentionBytes: 2_000_000_000,
          people: 'what the programs log',
        },
      },
    },
    recommendation: {
      app: 'recommendation',
      port: 3044,
      state: true,
      oneProcess: 'several would split customers and products, and each would answer with a part of them',
      topics: {
        'recommendation-refused-events': {
          partitions: 1,
          retentionDays: 30,
          people: 'copies of events, with the customer’s id',
        },
      },
    },
    registry: { app: 'registry', port: 8081 },
  },
});
