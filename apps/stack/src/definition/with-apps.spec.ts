import { describe, expect, it } from '@jest/globals';
import { readSettings } from '../config.ts';
import { servicePrograms } from '../service-programs.ts';
import { databasesOf } from '../setup/service-databases.ts';
import { defineStack, embeddedBroker, embeddedPostgres, listeners, mailSink } from './define-stack.ts';
import { embeddedKeys } from './keys.ts';
import { withApps } from './with-apps.ts';

const shop = defineStack({
  database: embeddedPostgres({ port: 1 }),
  keys: embeddedKeys({ port: 7 }),
  log: embeddedBroker({ port: 2, sidePort: 6 }),
  mail: mailSink({ port: 3 }),
  services: { order: { app: 'order', port: 3001 } },
  apps: {
    'order-counts': {
      app: 'order-counts',
      port: 3041,
      state: true,
      topics: { 'order-counts': { partitions: 6, retentionDays: 7, retentionBytes: 1_000 } },
    },
    letters: { app: 'letters', port: 3042, logFiles: true },
    'page-figures': { app: 'page-figures', port: 3043, database: true },
  },
});

const addresses = {
  postgresUrl: '',
  smtpUrl: '',
  keysUrl: '',
  stateFolder: '/data/state',
  logFolder: '/data/logs',
};

const chosen = (...names: readonly string[]) => withApps(shop, new Set(names));

const settingsOf = (
  definition: typeof shop,
  given: { replicas?: Record<string, number>; split?: string[]; basePort?: number } = {},
) =>
  readSettings(definition, {
    environment: {},
    workspace: '/workspace',
    replicas: new Map(Object.entries(given.replicas ?? {})),
    split: new Set(given.split),
    kafka: false,
    console: false,
    ...(given.basePort && { basePort: given.basePort }),
    checkPrograms: () => [],
  });

describe('the optional apps of a stack', () => {
  it('run only if they are named, or all of them', () => {
    expect(Object.keys(shop.services)).toEqual(['order']);
    expect(Object.keys(chosen('letters').services)).toEqual(['order', 'letters']);
    expect(Object.keys(chosen('all').services)).toEqual(['order', 'order-counts', 'letters', 'page-figures']);
  });

  it('are named in the error about an unknown one', () => {
    expect(() => chosen('order')).toThrow(
      '--with order: there is no optional app order; the optional apps are order-counts, letters, page-figures',
    );
    expect(() => withApps({ ...shop, apps: {} }, new Set(['letters']))).toThrow(
      '--with letters: there is no optional app letters; this stack has none, and ' +
        '`npm run new -- stream-app NAME` adds one',
    );
  });

  it('have topics of their own, which the setup step creates', () => {
    expect(shop.apps['order-counts']?.topics).toEqual([
      {
        name: 'order-counts',
        partitions: 6,
        retention: 604_800_000,
        retentionBytes: 1_000,
        cleanup: 'delete',
      },
    ]);
    expect(shop.apps.letters?.topics).toEqual([]);
  });

  it('have replicas only if they run', () => {
    expect(() => settingsOf(shop, { replicas: { letters: 2 } })).toThrow(
      '--replicas letters=2: start the optional app too, with --with letters',
    );
  });

  it('have no replicas if several processes would give wrong answers', () => {
    const letters = { ...shop.apps.letters!, oneProcess: 'two would write each letter twice' };
    const alone = withApps({ ...shop, apps: { letters } }, new Set(['letters']));
    expect(() => settingsOf(alone, { replicas: { letters: 2 } })).toThrow(
      '--replicas letters=2: letters has to run as one process, because two would write each letter twice',
    );
    expect(settingsOf(alone, { replicas: { letters: 1 } }).definition).toBeDefined();
  });

  it('have no database and no connections to one unless the stack gives them a database', () => {
    const { 'order-counts': app } = chosen('order-counts').services as typeof shop.apps;

    expect(databasesOf(app!, { postgresUrl: 'postgres://h', workspace: '/none' })).toEqual([]);
    const { connections } = settingsOf(shop);
    expect(settingsOf(chosen('order-counts', 'letters')).connections).toBe(connections);
    expect(settingsOf(chosen('page-figures')).connections).toBe(connections + 7);
  });

  it('share their database among all their processes', () => {
    const { definition } = settingsOf(chosen('page-figures'), { replicas: { 'page-figures': 2 } });
    const urls = servicePrograms(definition, { ...addresses, postgresUrl: 'postgres://h' }).map(
      ({ environment }) => environment.PAGE_FIGURES_DATABASE_URL,
    );

    expect(urls.filter((url) => url !== undefined)).toEqual([
      'postgres://h/millrace_page_figures',
      'postgres://h/millrace_page_figures',
    ]);
  });

  it('give each process that keeps state a folder of its own', () => {
    const { definition } = settingsOf(chosen('all'), { replicas: { 'order-counts': 2 } });
    const programs = servicePrograms(definition, addresses);

    const folders = programs.map(({ name, environment }) => [name, environment.ORDER_COUNTS_STATE_DIR]);
    expect(folders.filter(([, folder]) => folder !== undefined)).toEqual([
      ['order-counts', '/data/state/order-counts-1'],
      ['order-counts-2', '/data/state/order-counts-2'],
    ]);
    expect(programs.find(({ name }) => name === 'letters')?.environment.LETTERS_STATE_DIR).toBe('');
  });

  it('get the log files of all processes in only one of their own, so that each line is read once', () => {
    const { definition } = settingsOf(chosen('all'), { replicas: { letters: 2 } });
    const folders = servicePrograms(definition, addresses).map(({ name, environment }) => [
      name,
      environment.LETTERS_FOLDER,
    ]);

    expect(folders.filter(([, folder]) => folder !== undefined)).toEqual([
      ['letters', '/data/logs'],
      ['letters-2', ''],
    ]);
  });

  it('listen 40 above the services if the ports are counted from a base', () => {
    const { definition } = settingsOf(chosen('letters'), { basePort: 5_000 });
    const ports = listeners(definition).map(({ portSetting, port }) => [portSetting, port]);

    expect(Object.fromEntries(ports)).toMatchObject({ ORDER_PORT: 5001, LETTERS_PORT: 5042 });
    expect(Object.fromEntries(ports)).toMatchObject({ LETTERS_OPS_PORT: 5942 });
  });

  it('cannot be split into roles, and are left out by `--split all`', () => {
    expect(() => settingsOf(chosen('letters'), { split: ['letters'] })).toThrow(
      '--split letters: an optional app has one role; give --replicas letters=2',
    );
    const { services } = settingsOf(chosen('all'), { split: ['all'] }).definition;
    expect(Object.values(services).map(({ processes }) => processes.length)).toEqual([3, 1, 1, 1]);
  });
});
