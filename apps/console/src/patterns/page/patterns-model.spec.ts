import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Overview } from '../../api/overview.ts';
import { linkOf, patternsIn, type Explanation } from './patterns-model.ts';

const workspace = join(import.meta.dirname, '../../../../..');
const read = (path: string): string => readFileSync(path, 'utf8');
const patterns = patternsIn(read(join(workspace, 'docs/PATTERNS.md')));
const explanations = JSON.parse(read(join(import.meta.dirname, 'patterns.json'))) as Readonly<
  Record<string, Explanation>
>;

describe('the patterns to begin with', () => {
  it('are those that are explained', () => {
    expect(patterns).not.toEqual([]);
    expect(Object.keys(explanations)).toEqual(patterns.map(({ name }) => name));
  });

  it('each have a sentence, a picture of their own and words for it', () => {
    const symbols = [...read(join(import.meta.dirname, 'patterns.svg')).matchAll(/<symbol id="([^"]+)"/g)];
    expect(symbols.map(([, id]) => id)).toEqual(Object.values(explanations).map(({ picture }) => picture));
    for (const { says, shows, label } of Object.values(explanations)) {
      expect(says).toMatch(/^[A-Z].+\.$/);
      expect(shows).toMatch(/^[A-Z].+\.$/);
      expect(label).not.toBe('');
    }
  });
});

const flow = { service: 'trip', direction: 'sends', perSecond: 0 } as const;
const running = {
  services: [{ processes: [{ url: 'http://trip' }] }],
  flows: [
    { ...flow, topic: 'few', total: 1 },
    { ...flow, topic: 'many', total: 9 },
    { ...flow, topic: 'read', total: 99, direction: 'reads' },
  ],
  lags: [{ group: 'trip', topic: 'first' }],
  sagas: [{ service: 'trip', definition: 'book a room' }],
} as unknown as Overview;
const stream = { service: 'trip', stream: 'trip-1', version: 2, updatedAt: '' };

describe('the link to where a pattern works', () => {
  it.each([
    ['/streams/{stream}?version=1', '/streams/trip/trip-1?version=1'],
    ['/topics/{topic}?view=raw', '/topics/many?view=raw'],
    ['/groups/{group}', '/groups/trip'],
    ['/sagas/definitions/{saga}', '/sagas/definitions/trip/book%20a%20room'],
    ['{service}/docs', 'http://trip/docs'],
    ['/projections', '/projections'],
  ])('%s leads to %s', (link, target) => {
    expect(linkOf({ link }, running, stream)).toBe(target);
  });

  it('leads to a topic that is read if nothing was sent yet', () => {
    expect(linkOf({ link: '/topics/{topic}' }, { ...running, flows: [] }, stream)).toBe('/topics/first');
  });

  it('is missing while nothing runs that shows the pattern', () => {
    const nothing = { ...running, services: [], flows: [], lags: [], sagas: [] };
    const links = Object.values(explanations).filter(({ link }) => link.includes('{'));
    expect(links.map((one) => linkOf(one, nothing, undefined))).toEqual(links.map(() => undefined));
  });
});
