import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as conventions from '@opentelemetry/semantic-conventions/incubating';
import { attribute, conventionsVersion, metric, ownAttribute, schemaUrl } from './names.ts';

const known: Readonly<Record<string, unknown>> = { ...conventions };
const constantOf = (prefix: string, name: string) => `${prefix}_${name.replaceAll('.', '_').toUpperCase()}`;
const unknown = (prefix: string, names: readonly string[]) =>
  names.filter((name) => known[constantOf(prefix, name)] !== name);

describe('the names of spans and metrics', () => {
  it('match the pinned version of the conventions', () => {
    const folder = dirname(createRequire(import.meta.url).resolve('@opentelemetry/semantic-conventions'));
    const { version } = JSON.parse(readFileSync(join(folder, '../package.json'), 'utf8')) as {
      version: string;
    };

    expect(version).toBe(conventionsVersion);
    expect(schemaUrl).toBe('https://opentelemetry.io/schemas/1.45.0');
    expect(unknown('ATTR', Object.values(attribute))).toEqual([]);
    expect(unknown('METRIC', Object.values(metric))).toEqual([]);
  });

  it('are the ones that dashboards use', () => {
    expect(attribute.messagingSystemName).toEqual('messaging.system.name');
    expect(attribute.kafkaOffset).toEqual('kafka.offset');
    expect(attribute.dbSystemName).toEqual('db.system.name');
    expect(attribute.httpRoute).toEqual('http.route');
  });

  it('have our own prefix if the conventions do not define them', () => {
    expect(Object.values(ownAttribute).filter((name) => !name.startsWith('millrace.'))).toEqual([]);
  });
});
