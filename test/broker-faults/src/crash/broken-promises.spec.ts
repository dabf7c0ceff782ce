import { describe, expect, it } from '@jest/globals';
import { brokenPromises } from './broken-promises.ts';
import type { CrashPoint } from './fate.ts';
import { History } from './history.fixture.ts';

const crash: CrashPoint = { at: 100, powerLost: false };

/** The problems that the check finds in what was seen after a crash. */
const problemsOf = (history: History, point: Partial<CrashPoint> = {}) =>
  brokenPromises(history.book, history.survey(), { ...crash, ...point });

describe('promises that the broker kept', () => {
  it('cause no problem, wherever the crash cut the work off', () => {
    const history = new History()
      .topic('t')
      .batch('a', { offset: 0n })
      .batch('b', { doneAt: undefined })
      .sees(0n, 'a');
    expect(problemsOf(history)).toEqual([]);
    expect(problemsOf(history.sees(1n, 'b'))).toEqual([]);
  });

  it('do not include what was requested after the crash', () => {
    const history = new History().topic('t').batch('late', { askedAt: 101, doneAt: 102, offset: 0n });
    expect(problemsOf(history)).toEqual([]);
  });

  it('are fewer after power loss, because acks=1 does not wait for the disk', () => {
    const history = new History().topic('t').batch('a', { offset: 0n, acks: 1 });
    expect(problemsOf(history, { powerLost: true })).toEqual([]);
    expect(problemsOf(history)).toEqual(['t-0: a was acknowledged at 0 and is gone']);
  });
});

describe('a log that differs from what was written to it', () => {
  const written = () => new History().topic('t').batch(['a', 'b'], { offset: 0n }).batch('c', { offset: 2n });

  it.each<readonly [string, History, string]>([
    ['lost a batch', written().sees(0n, 'a').sees(1n, 'b'), 't-0: c was acknowledged at 2 and is gone'],
    ['has half of a batch', written().sees(0n, 'a').sees(1n, 'c'), 't-0: a has only 1 of 2 records'],
    [
      'has a batch twice',
      written().sees(0n, 'a').sees(1n, 'b').sees(2n, 'c').sees(3n, 'c'),
      't-0: c is stored twice, at 2, 3',
    ],
    [
      'has a batch at another offset',
      written().sees(0n, 'c').sees(1n, 'a').sees(2n, 'b'),
      't-0: a was acknowledged at 0 but is at 1',
    ],
    [
      'has its records in another order',
      written().sees(0n, 'b').sees(1n, 'a').sees(2n, 'c'),
      't-0: a has its records in another order',
    ],
    [
      'has two batches in another order',
      written().sees(0n, 'c').sees(1n, 'a').sees(2n, 'b'),
      't-0: the batch of s at 0 was written after the one at 1',
    ],
    [
      'has a record that nobody wrote',
      written().sees(0n, 'a').sees(1n, 'b').sees(2n, 'c').sees(3n, 'x'),
      't-0 has x at 3, which nobody wrote at that offset',
    ],
    ['has a hole', written().sees(0n, 'a').sees(1n, 'b').sees(3n, 'c'), 't-0 has offset 3 where 2 belongs'],
    [
      'ends beyond its last record',
      written().sees(0n, 'a').sees(1n, 'b').sees(2n, 'c').endsAt(4n),
      't-0 ends at 4 but has 3 offsets, starting at 0',
    ],
    ['is refused', written().refuses(56), 't-0 is refused with error 56'],
  ])('%s', (_, history, problem) => {
    expect(problemsOf(history)).toContain(problem);
  });
});

describe('the start of a log', () => {
  const written = () => new History().topic('t').batch('a', { offset: 0n }).batch('b', { offset: 1n });

  it('moves up if and only if the deletion was acknowledged', () => {
    const deleted = written().deletion(1n);
    expect(problemsOf(deleted.startsAt(1n).sees(1n, 'b'))).toEqual([]);
    expect(problemsOf(written().deletion(1n).sees(0n, 'a').sees(1n, 'b'))).toEqual([
      't-0 starts at 0, but should start at 1 or later',
    ]);
    expect(problemsOf(written().startsAt(1n).sees(1n, 'b'))).toContain(
      't-0 starts at 1, but should start at 0 at the latest',
    );
    expect(problemsOf(written().deletion(1n, { doneAt: undefined }).sees(0n, 'a').sees(1n, 'b'))).toEqual([]);
  });

  it('leaves at least as many bytes as retention has to keep', () => {
    const retained = () =>
      new History()
        .topic('t', { retentionBytes: 2 })
        .batch('a', { offset: 0n })
        .batch('b', { offset: 1n })
        .batch('c', { offset: 2n });
    expect(problemsOf(retained().startsAt(1n).sees(1n, 'b').sees(2n, 'c'))).toEqual([]);
    expect(problemsOf(retained().startsAt(2n).sees(2n, 'c'))).toEqual([
      't-0 starts at 2 and has 1 bytes left, but retention has to keep 2',
    ]);
  });
});

describe('topics', () => {
  it.each<readonly [string, History, string]>([
    ['are gone', new History().topic('t').hidesTopic(), 'topic t was created and is gone'],
    ['have other ids', new History().topic('t').hasTopicId('another'), 'topic t has another id'],
    [
      'are still there after they were deleted',
      new History().topic('t', { deletion: { askedAt: 3, doneAt: 4 } }),
      'topic t was deleted and is still there',
    ],
    [
      'were never requested',
      new History().topic('t', { askedAt: 200 }),
      'topic t has an id that the broker never returned',
    ],
    [
      'lose partitions that were added',
      new History().topic('t', { growth: { askedAt: 3, doneAt: 4, partitions: 2 } }),
      'topic t has 1 partitions, but should have 2 to 2',
    ],
    [
      'have partitions that nobody requested',
      new History().topic('t').seesPartition(1),
      'topic t has 2 partitions, but should have 1 to 1',
    ],
  ])('%s', (_, history, problem) => {
    expect(problemsOf(history)).toContain(problem);
  });

  it('may or may not exist while they are being created, deleted or grown', () => {
    const growing = () => new History().topic('t', { growth: { askedAt: 3, partitions: 2 } });
    expect(problemsOf(growing())).toEqual([]);
    expect(problemsOf(growing().seesPartition(1))).toEqual([]);
    expect(problemsOf(new History().topic('t', { deletion: { askedAt: 3 } }).hidesTopic())).toEqual([]);
  });
});

describe('L60 a transaction', () => {
  const begun = (end?: { committed: boolean; doneAt?: number }) => {
    const history = new History()
      .topic('t')
      .transaction(end === undefined ? undefined : { askedAt: 5, by: 'producer', ...end });
    return history
      .batch('a', { offset: 0n, inTransaction: true })
      .batch('b', { offset: 1n, inTransaction: true });
  };
  const read = { isCommitted: true };

  it('is visible once it is committed', () => {
    const committed = () => begun({ committed: true, doneAt: 6 });
    expect(problemsOf(committed().sees(0n, 'a', read).sees(1n, 'b', read).marker(2n))).toEqual([]);
    expect(problemsOf(committed().sees(0n, 'a').sees(1n, 'b', read).marker(2n))).toEqual([
      't-0: a at 0 was committed but is hidden from readers',
    ]);
  });

  it.each([
    ['aborted', { committed: false, doneAt: 6 }],
    ['being aborted', { committed: false }],
    ['open', undefined],
  ])('is never visible when %s', (_, end) => {
    expect(problemsOf(begun(end).sees(0n, 'a', read).sees(1n, 'b').marker(2n))).toContain(
      't-0: a at 0 was not committed but is served as committed',
    );
  });

  it('is visible as a whole or not at all when nobody knows whether it was committed', () => {
    const asked = () => begun({ committed: true });
    expect(problemsOf(asked().sees(0n, 'a', read).sees(1n, 'b', read).marker(2n))).toEqual([]);
    expect(problemsOf(asked().sees(0n, 'a').sees(1n, 'b').marker(2n))).toEqual([]);
    expect(problemsOf(asked().sees(0n, 'a', read).sees(1n, 'b').marker(2n))).toContain(
      'a transaction of id is visible in part',
    );
  });

  it('holds readers up while it is open, and no longer', () => {
    expect(problemsOf(begun().sees(0n, 'a').sees(1n, 'b').stableTo(0n))).toEqual([]);
    expect(
      problemsOf(begun({ committed: false, doneAt: 6 }).sees(0n, 'a').sees(1n, 'b').stableTo(0n)),
    ).toEqual(['t-0: readers of committed records get to 0 of 2, although no transaction is undecided']);
  });

  it('may hold readers up after its end while the end waits for room on the disk', () => {
    const ended = begun({ committed: true, doneAt: 6 }).sees(0n, 'a').sees(1n, 'b').stableTo(0n);
    expect(problemsOf(ended, { endsMayWait: true })).toEqual([]);
  });

  it('hides nothing that belongs to no transaction', () => {
    const history = new History().topic('t').batch('a', { offset: 0n });
    expect(problemsOf(history.sees(0n, 'a', { isCommitted: false }))).toEqual([
      't-0: a at 0 was committed but is hidden from readers',
    ]);
  });

  it('commits offsets together with its records', () => {
    const moved = (end?: { committed: boolean; doneAt?: number }) =>
      begun(end).commit(3n, { inTransaction: true });
    const seen = (history: History, isCommitted: boolean) =>
      history.sees(0n, 'a', { isCommitted }).sees(1n, 'b', { isCommitted }).marker(2n);
    expect(problemsOf(seen(moved({ committed: true, doneAt: 6 }), true))).toEqual([
      'g committed 3 of t-0, but it is gone',
    ]);
    expect(problemsOf(seen(moved({ committed: true }), true))).toEqual([
      'g committed 3 of t-0, but it is gone',
    ]);
    expect(problemsOf(seen(moved({ committed: true }), false))).toEqual([]);
    expect(problemsOf(seen(moved({ committed: false, doneAt: 6 }), false).seesOffset(3n))).toEqual([
      'g committed  of t-0, but it is 3',
    ]);
  });

  it('has the outcome that it was given after the crash', () => {
    const history = begun().sees(0n, 'a').sees(1n, 'b').marker(2n);
    const ended = new Map([[history.book.transactions[0]!, true]]);
    expect(problemsOf(history, { ended })).toContain('t-0: a at 0 was committed but is hidden from readers');
  });
});

describe('a committed offset', () => {
  const committed = () => new History().topic('t').commit(3n).commit(5n, { doneAt: undefined });

  it('is the last acknowledged one, or one requested after it', () => {
    expect(problemsOf(committed().seesOffset(3n))).toEqual([]);
    expect(problemsOf(committed().seesOffset(5n))).toEqual([]);
    expect(problemsOf(committed().seesOffset(2n))).toEqual(['g committed 3 or 5 of t-0, but it is 2']);
    expect(problemsOf(committed())).toEqual(['g committed 3 of t-0, but it is gone']);
    expect(problemsOf(committed().refusesGroup(16))).toContain('group g is refused with error 16');
  });
});

describe('a compacted log', () => {
  const compacted = () =>
    new History()
      .topic('t', { compacted: true })
      .put('k', 'one', { offset: 0n })
      .put('k', 'two', { offset: 1n })
      .put('l', null, { offset: 2n });
  const k = { key: 'k' };

  it('may have removed what was overwritten or deleted', () => {
    expect(problemsOf(compacted().sees(1n, 'two', k).endsAt(3n))).toEqual([]);
    expect(
      problemsOf(compacted().sees(0n, 'one', k).sees(1n, 'two', k).sees(2n, null, { key: 'l' })),
    ).toEqual([]);
  });

  it.each<readonly [string, History, string]>([
    ['the last value', compacted().sees(0n, 'one', k), 't-0: k is one, but should be two'],
    ['every value', compacted(), 't-0: k is gone, but should be two'],
    ['the order', compacted().sees(1n, 'two', k).sees(0n, 'one', k), 't-0 has offset 0 after 1'],
    ['an offset', compacted().sees(5n, 'two', k), 't-0: k = two at 5 was acknowledged at another offset'],
    [
      'a deletion',
      compacted().put('k', null, { offset: 3n }).sees(1n, 'two', k),
      't-0: k is two, but should be null',
    ],
    [
      'what was written',
      compacted().sees(1n, 'two', k).sees(3n, 'x', k),
      't-0: k = x at 3, which nobody wrote at that offset',
    ],
  ])('must not lose %s', (_, history, problem) => {
    expect(problemsOf(history)).toContain(problem);
  });

  it('shows no value that was not committed', () => {
    const history = () =>
      new History()
        .topic('t', { compacted: true })
        .put('k', 'one', { offset: 0n })
        .transaction({ askedAt: 5, doneAt: 6, committed: false, by: 'heir' });
    const aborted = () => history().put('k', 'two', { offset: 1n, inTransaction: true });
    expect(
      problemsOf(
        aborted()
          .sees(0n, 'one', k)
          .sees(1n, 'two', { ...k, isCommitted: false })
          .endsAt(3n),
      ),
    ).toEqual([]);
    expect(problemsOf(aborted().sees(0n, 'one', k).sees(1n, 'two', k).endsAt(3n))).toContain(
      't-0: k = two at 1 was not committed but is served as committed',
    );
    expect(
      problemsOf(
        aborted()
          .sees(1n, 'two', { ...k, isCommitted: false })
          .endsAt(3n),
      ),
    ).toEqual(['t-0: k is gone, but should be one']);
  });
});
