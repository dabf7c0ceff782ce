import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { load } from 'js-yaml';
import { workspace } from '../workspace.ts';
import { chartPrograms, programsFile, programSources } from './programs.ts';

const readText = (path: string) => readFileSync(join(workspace, path), 'utf8');

const sources = {
  compose: readText(programSources.compose),
  dockerfile: readText(programSources.dockerfile),
  stack: readText(programSources.stack),
  settings: readText(programSources.settings),
};

interface Programs {
  readonly services: Readonly<Record<string, object>>;
  readonly apps: Readonly<Record<string, object>>;
  readonly [fact: string]: unknown;
}

const parse = (text: string) => load(text) as Programs;

/** A platform with one service, one app and a mail server. */
const small = {
  compose: `
x-program: { mem_limit: 128m, stop_grace_period: 9s }
x-settings: { OPS_PORT: 3900, LOG_LEVEL: '\${LOG_LEVEL:-info}', OPS_TOKEN_FILE: /data/token }
services:
  mail: { environment: { SMTP_PORT: 25 } }
  console: { environment: { CONSOLE_PORT: 3010, CONSOLE_READ_ONLY: } }
  migrate:
    environment: { KEYS_DATABASE_URL: 'postgres://a:b@keys:5432/p_keys', LOG_LEVEL: info, WAIT_MS: 5 }
  gift-card:
    environment:
      LOG_LEVEL: info
      GIFT_CARD_HOST: 0.0.0.0
      GIFT_CARD_PORT: 3009
      GIFT_CARD_DATABASE_URL: postgres://a:b@postgres:5432/p_gift_card
      KEYS_DATABASE_URL: postgres://a:b@keys:5432/p_keys
      SMTP_URL: \${SMTP_URL:-smtp://mail:25}
      GIFT_CARD_DAYS:
  trends:
    profiles: [trends]
    environment:
      OPS_PORT: 3900
      TRENDS_PORT: 3041
      TRENDS_STATE_DIR: /data
      TRENDS_GRACE_MS:
      TRENDS_URL: http://trends:3041
  broker: { profiles: [broker], environment: { BROKER_PORT: 9092 } }
`,
  dockerfile: 'HEALTHCHECK --interval=10s --timeout=2s --start-period=30s --retries=4 CMD ["node"]',
  stack: `
    'gift-card': { app: 'gift-card', port: 3009, readModels: true, personalData: true },
    trends: {
      app: 'trends',
      oneProcess: 'one answers with all of it',
    },
`,
  settings:
    '## Every service\n- `OTHER_PORT` (x)\n- `HTTP_RATE` (x)\n- `OTHER_POOL_SIZE`\n' +
    '## The embedded broker\n- `BROKER_FLUSH`\n',
};

describe('the programs of the Helm chart', () => {
  it('R41 are those of docker-compose.yml, with its ports, databases, settings and limits', () => {
    const text = chartPrograms(sources);
    if (process.env.MILLRACE_WRITE_REFERENCE === '1') writeFileSync(join(workspace, programsFile), text);
    expect(readText(programsFile)).toBe(text);
    expect(Object.keys(parse(text).services).length).toBeGreaterThan(0);
  });

  it('are services with a Deployment for each role, and apps that keep state', () => {
    expect(parse(chartPrograms(small))).toEqual({
      probe: { periodSeconds: 10, timeoutSeconds: 2, failureThreshold: 4, startSeconds: 30 },
      memory: '128Mi',
      stopSeconds: 9,
      opsPort: 3900,
      keysDatabase: 'p_keys',
      migrate: { settings: ['WAIT_MS'] },
      console: { port: 3010, settings: ['CONSOLE_READ_ONLY'] },
      services: {
        'gift-card': {
          port: 3009,
          database: 'p_gift_card',
          personalData: true,
          readModels: true,
          settings: ['SMTP_URL', 'GIFT_CARD_DAYS'],
          needed: ['SMTP_URL'],
        },
      },
      apps: {
        trends: {
          port: 3041,
          stateDir: true,
          address: 'TRENDS_URL',
          oneProcess: true,
          settings: ['TRENDS_GRACE_MS', 'TRENDS_URL'],
        },
      },
      known: [
        'CONSOLE_READ_ONLY',
        'GIFT_CARD_DAYS',
        'HTTP_RATE',
        'LOG_LEVEL',
        'SMTP_URL',
        'TRENDS_GRACE_MS',
        'TRENDS_URL',
        'WAIT_MS',
      ],
    });
  });
});

describe('the values of the Helm chart', () => {
  const folder = join(workspace, 'deploy/k8s');
  const sets = readdirSync(join(folder, 'values'));
  const fits = new Ajv({ allowUnionTypes: true }).compile(
    JSON.parse(readFileSync(join(folder, 'values.schema.json'), 'utf8')) as object,
  );

  it('are six sets', () => expect(sets).toHaveLength(6));

  it.each(['../values.yaml', ...sets])('fit their schema: %s', (set) => {
    fits(load(readFileSync(join(folder, 'values', set), 'utf8')));
    expect(fits.errors).toBeNull();
  });
});
