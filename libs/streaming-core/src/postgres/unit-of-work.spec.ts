import { describe, expect, it } from '@jest/globals';
import { SqlTransaction, type CollectedWrite } from './transaction.ts';

/** A transaction that accepts no queries, and the writes that it received. */
function openTransaction() {
  const written: string[] = [];
  const transaction = SqlTransaction.on({
    query: () => Promise.reject(new Error('sent')),
    end: () => Promise.reject(new Error('sent')),
  });
  const kind = (name: string, rank: number): CollectedWrite<number> => ({
    rank,
    write: async (_, items) => void written.push(`${name} ${items.join(' ')}`),
  });
  return { transaction, written, kind };
}

describe('a unit of work', () => {
  it('writes each kind in one go once its work is done, in the order of collection, with lower ranks first', async () => {
    const { transaction, written, kind } = openTransaction();
    const events = kind('events', 1);
    const outbox = kind('outbox', 4);
    await transaction.unitOfWork(async () => {
      await transaction.collect(outbox, [1]);
      await transaction.collect(events, [1, 2]);
      await transaction.unitOfWork(() => transaction.collect(outbox, [2]));
      await transaction.collect(events, []);
      expect(written).toEqual([]);
    });

    expect(written).toEqual(['events 1 2', 'outbox 1 2']);
  });

  it.each(['25P02', '26000'])(
    'rejects with the error that made the transaction fail, not with a consequence of it: %s',
    async (code) => {
      const { transaction } = openTransaction();
      const failing = (rank: number, error: Error): CollectedWrite<number> => ({
        rank,
        write: () => Promise.reject(error),
      });
      const cause = Object.assign(new Error('deadlock detected'), { code: '40P01' });
      const consequence = Object.assign(new Error('current transaction is aborted'), { code });
      const failed = transaction.unitOfWork(async () => {
        await transaction.collect(failing(2, consequence), [1]);
        await transaction.collect(failing(5, cause), [1]);
      });

      await expect(failed).rejects.toBe(cause);
    },
  );

  it('writes the items that a write collects in turn', async () => {
    const { transaction, written, kind } = openTransaction();
    const outbox = kind('outbox', 4);
    const events: CollectedWrite<number> = {
      rank: 1,
      write: (_, items) => transaction.collect(outbox, items),
    };
    await transaction.unitOfWork(() => transaction.collect(events, [7]));

    expect(written).toEqual(['outbox 7']);
  });

  it('writes nothing until everything is prepared, so that all statements leave together', async () => {
    const { transaction, written, kind } = openTransaction();
    const keys = Promise.withResolvers<void>();
    const outbox: CollectedWrite<number> = {
      ...kind('outbox', 4),
      prepare: (items) => keys.promise.then(() => items.map((item) => item * 10)),
    };
    const done = transaction.unitOfWork(async () => {
      await transaction.collect(kind('events', 1), [1]);
      await transaction.collect(outbox, [2]);
    });
    await new Promise(setImmediate);
    expect(written).toEqual([]);
    keys.resolve();
    await done;

    expect(written).toEqual(['events 1', 'outbox 20']);
  });

  it('writes nothing if something cannot be prepared, and rejects with the reason', async () => {
    const { transaction, written, kind } = openTransaction();
    const reason = new Error('no key');
    const outbox = { ...kind('outbox', 4), prepare: () => Promise.reject(reason) };
    const failed = transaction.unitOfWork(async () => {
      await transaction.collect(kind('events', 1), [1]);
      await transaction.collect(outbox, [2]);
    });

    await expect(failed).rejects.toBe(reason);
    expect(written).toEqual([]);
  });

  it('writes nothing when its work fails, and leaves nothing to the next unit of the same transaction', async () => {
    const { transaction, written, kind } = openTransaction();
    const failed = transaction.unitOfWork(async () => {
      await transaction.collect(kind('lost', 1), [1]);
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    await transaction.unitOfWork(async () => undefined);

    expect(written).toEqual([]);
  });

  it('belongs to one transaction, and others write at once, prepared as well', async () => {
    const one = openTransaction();
    const other = openTransaction();
    const kind: CollectedWrite<number> = {
      ...one.kind('events', 1),
      prepare: async (items) => items.map((item) => item * 10),
    };
    await one.transaction.unitOfWork(async () => {
      await one.transaction.collect(kind, [1]);
      await other.transaction.collect(kind, [2]);
      expect(one.written).toEqual(['events 20']);
    });

    expect(one.written).toEqual(['events 20', 'events 10']);
  });
});
