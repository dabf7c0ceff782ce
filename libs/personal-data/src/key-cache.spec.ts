import { describe, expect, it } from '@jest/globals';
import { KeyCache } from './personal-data.ts';
import type { KeyRecord } from './key-names.ts';

const record: KeyRecord = { key: 'erased', subjectState: 'erased' };

describe('the cache of keys', () => {
  const build = (keysMax = 10) => {
    const time = { ms: 0 };
    const clock = { now: () => 0, monotonic: () => time.ms, after: () => () => undefined };
    const cache = new KeyCache({ clock, cacheMs: 100, keysMax });
    return { time, cache, found: (...names: string[]) => names.filter((name) => cache.get(name)) };
  };

  it('keeps a key until the time has passed since it was asked for, not since it was answered', () => {
    const { time, cache, found } = build();
    const keep = cache.asking();
    time.ms = 60;
    keep('ada', record);

    time.ms = 99;
    expect(found('ada')).toEqual(['ada']);
    time.ms = 100;
    expect(found('ada')).toEqual([]);
  });

  it('drops the key that was used least recently when it is full', () => {
    const { cache, found } = build(2);
    cache.asking()('ada', record);
    cache.asking()('eve', record);
    cache.get('ada');
    cache.asking()('bob', record);

    expect(found('ada', 'eve', 'bob')).toEqual(['ada', 'bob']);
  });

  it('keeps no answer to a statement that was sent before a purge', () => {
    const { cache, found } = build();
    const keep = cache.asking();
    cache.asking()('eve', record);

    cache.purge();
    keep('ada', record);

    expect(found('ada', 'eve')).toEqual([]);
  });
});
