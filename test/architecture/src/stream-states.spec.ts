import { describe, expect, it } from '@jest/globals';
import { sources } from './typescript-source.ts';
import { filesEndingIn } from './workspace.ts';

const textOf = (path: string): string => sources.find((source) => source.path === path)?.text ?? '';

const services = sources.flatMap(
  ({ path }) => /^apps\/([a-z-]+)\/src\/stream-ids\.ts$/.exec(path)?.[1] ?? [],
);

describe('a service with streams', () => {
  it.each(services)('shows operators the states of every kind: %s', (service) => {
    const names = [...textOf(`apps/${service}/src/stream-ids.ts`).matchAll(/=>\s*`([a-z-]+-)\$\{/g)];
    const states = /states: \{(.*?)\}/s.exec(textOf(`apps/${service}/src/${service}.module.ts`))?.[1] ?? '';
    expect(names.length).toBeGreaterThan(0);
    for (const [, prefix] of names) expect(states).toContain(`'${prefix}': `);
  });

  it('is found by this test', () => {
    expect(services).not.toEqual([]);
    expect(services).toHaveLength(filesEndingIn('/src/stream-ids.ts', 'apps').length);
  });
});
