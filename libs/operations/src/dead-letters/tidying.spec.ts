import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { within } from '@millrace/testing/within';
import type { DeadLetter } from './dead-letter.ts';
import { createTidying } from './tidying.ts';

const topic = 'shelf-commands.dlq';

/** A topic of letters with two on each page. Those in `open` are not decided. */
function topicOf(count: number, open: readonly number[]) {
  const read: bigint[] = [];
  const deleted: bigint[] = [];
  const warnings: object[] = [];
  let release = () => {};
  let held = Promise.resolve();
  let refusal: Error | undefined;
  let begin = 0n;
  const tidy = createTidying({
    async *beginning() {
      for (let offset = begin; offset < BigInt(count); offset += 2n) {
        read.push(offset);
        const letters = [offset, offset + 1n].map(
          (each) => ({ id: String(each), offset: each }) as DeadLetter,
        );
        yield { letters, end: offset + 2n };
      }
    },
    async readDecisions(letters) {
      await held;
      return new Map(letters.filter(({ id }) => !open.includes(Number(id))).map(({ id }) => [id, true]));
    },
    async deleteBefore({ offset }) {
      if (refusal !== undefined) throw refusal;
      deleted.push(offset);
      begin = offset;
    },
    logger: { ...silentLogger, warn: (fields: object) => void warnings.push(fields) },
  });
  return {
    tidy,
    read,
    deleted,
    warnings,
    hold: () => void (held = new Promise((resolve) => (release = resolve))),
    release: () => release(),
    refuse: (error: Error) => (refusal = error),
  };
}

const eventually = (isTrue: () => boolean) => within(5_000)(() => Promise.resolve(isTrue()));

describe('letters that are decided', () => {
  it('are deleted page by page up to the first open one, and none behind it is read', async () => {
    const { tidy, read, deleted } = topicOf(100, [5]);
    tidy(topic);
    await eventually(() => deleted.length === 3);
    expect(deleted).toEqual([2n, 4n, 5n]);
    expect(read).toEqual([0n, 2n, 4n]);
  });

  it('are not deleted while the first one is open', async () => {
    const { tidy, read, deleted } = topicOf(100, [0]);
    tidy(topic);
    await eventually(() => read.length === 1);
    expect(deleted).toEqual([]);
  });

  it('are read by one run at a time, however many requests decide about letters meanwhile', async () => {
    const { tidy, read, deleted, hold, release } = topicOf(4, []);
    hold();
    for (let request = 0; request < 20; request++) tidy(topic);
    release();
    await eventually(() => deleted.length === 2);
    expect(read).toEqual([0n, 2n]);
  });

  it('are not read on after a failure, which is logged', async () => {
    const { tidy, read, warnings, refuse } = topicOf(100, []);
    refuse(new Error('not authorized'));
    tidy(topic);
    await eventually(() => warnings.length === 1);
    expect(read).toEqual([0n]);
    tidy(topic);
    await eventually(() => warnings.length === 2);
    expect(read).toEqual([0n, 0n]);
  });
});
