import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { topics } from '@millrace/contracts';
import { days } from '@millrace/streaming-core/runtime';
import { stack } from './stack.ts';

const docs = join(import.meta.dirname, '../../../docs');
const page = readFileSync(join(docs, 'TOPICS.md'), 'utf8');

const line = /^- \[`([^`]+)`\]\(([^)]+)\): (.+?), (\d+)\spartitions?,\skept (.+?)\./gms;

/** The topics that the page lists. A fork that has removed a service or an app still has its lines. */
const listed = [...page.matchAll(line)]
  .filter(([, , file = '']) => existsSync(join(docs, file)))
  .map(([, name, , key, partitions, kept = '']) => ({
    name,
    key,
    partitions: Number(partitions),
    kept: kept.replaceAll(/\s+/g, ' '),
  }));

const keptFor = (retention: number | 'unlimited') => {
  if (retention === 'unlimited') return 'without limit';
  return retention === days(1) ? 'for 1 day' : `for ${retention / days(1)} days`;
};

const declared = topics.map(({ key, ...topic }) => ({ ...topic, key: `key \`${key}\`` }));
const ofApps = Object.values(stack.apps).flatMap((app) => app.topics ?? []);

describe('the page of topics', () => {
  it('lists topics with the key, the partitions and the retention that are declared', () => {
    const all = new Map([...ofApps, ...declared].map((topic) => [topic.name, topic]));
    const wanted = listed.map(({ name = '', key }) => {
      const topic = all.get(name);
      return {
        name,
        key: topic !== undefined && 'key' in topic ? topic.key : key,
        partitions: topic?.partitions,
        kept: topic && keptFor(topic.retention),
      };
    });
    expect(listed.length).toBeGreaterThan(0);
    expect(listed).toEqual(wanted);
  });
});
