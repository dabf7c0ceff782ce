import { describe, expect, it } from '@jest/globals';
import { ClientError } from '../errors/client-error.ts';
import { visibleChange } from './topic-admin.ts';

const unseen = new ClientError('unreachable', 'not shown yet');

describe('a change that brokers learn of later', () => {
  it('is made once, and has its result as soon as a broker shows it', async () => {
    const made: string[] = [];
    let shown = false;
    const round = visibleChange<string, string>({
      make: async (items) => {
        made.push(...items.keys());
        return new Map([...items].map(([name, item]) => [name, `${item} made`]));
      },
      check: async (changed) =>
        new Map([...changed.keys()].map((name) => [name, shown ? undefined : unseen])),
    });
    const pending = new Map([['a', 'topic']]);

    expect(await round(pending)).toEqual(new Map([['a', unseen]]));
    shown = true;
    expect(await round(pending)).toEqual(new Map([['a', 'topic made']]));
    expect(made).toEqual(['a']);
  });

  it('is made again only for the items that failed', async () => {
    const made: string[] = [];
    const failure = new ClientError('timeout', 'the controller is busy');
    const round = visibleChange<string, string>({
      make: async (items) => {
        made.push(...items.keys());
        return new Map([...items].map(([name]) => [name, name === 'b' && made.length < 3 ? failure : name]));
      },
      check: async (changed) => new Map([...changed.keys()].map((name) => [name, unseen])),
    });
    const pending = new Map([
      ['a', 'a'],
      ['b', 'b'],
    ]);

    expect((await round(pending)).get('b')).toBe(failure);
    await round(pending);
    expect(made).toEqual(['a', 'b', 'b']);
  });
});
