import { describe, expect, it } from '@jest/globals';
import type { KeyName } from '@millrace/streaming-core/personal';
import { KeyQueue } from './personal-data.ts';

const keyOf = (subject: string): KeyName => ({ holder: 'carrier', subject });

describe('the queue of keys to load', () => {
  /** A queue whose statements the test answers. */
  const build = () => {
    const statements: { readonly subjects: readonly string[]; answer(error?: Error): void }[] = [];
    const queue = new KeyQueue(
      (names) =>
        new Promise((resolve, reject) =>
          statements.push({
            subjects: names.map(({ subject }) => subject),
            answer: (error) =>
              error === undefined
                ? resolve(names.map((name) => ({ ...name, key: 'missing', subjectState: 'active' })))
                : reject(error),
          }),
        ),
    );
    return { queue, statements };
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it('asks at once if nothing is asked, and lets those who come meanwhile share the next statement', async () => {
    const { queue, statements } = build();
    const first = queue.load([keyOf('ada')]);
    const others = [queue.load([keyOf('eve'), keyOf('bob')]), queue.load([keyOf('bob')])];
    await settled();
    expect(statements.map(({ subjects }) => subjects)).toEqual([['ada']]);

    statements[0]!.answer();
    await first;
    await settled();
    expect(statements.map(({ subjects }) => subjects)).toEqual([['ada'], ['eve', 'bob']]);

    statements[1]!.answer();
    for (const records of await Promise.all(others))
      expect(records.get('7:carrier:bob')).toMatchObject(keyOf('bob'));
  });

  it('fails for those who shared a statement, and asks again for the next ones', async () => {
    const { queue, statements } = build();
    const first = queue.load([keyOf('ada')]);
    const second = queue.load([keyOf('eve')]);
    await settled();

    statements[0]!.answer(new Error('down'));
    await expect(first).rejects.toThrow('down');
    await settled();
    statements[1]!.answer();

    expect((await second).size).toBe(1);
  });

  it('takes about 1,000 keys for one statement', async () => {
    const { queue, statements } = build();
    const many = (from: number) => Array.from({ length: 600 }, (_, index) => keyOf(String(from + index)));
    const all = [
      queue.load([keyOf('ada')]),
      queue.load(many(0)),
      queue.load(many(600)),
      queue.load(many(1_200)),
    ];
    for (const number of [0, 1, 2]) {
      await settled();
      statements[number]!.answer();
    }
    await Promise.all(all);

    expect(statements.map(({ subjects }) => subjects.length)).toEqual([1, 1_200, 600]);
  });
});
