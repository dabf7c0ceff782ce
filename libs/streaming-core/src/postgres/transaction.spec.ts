import { describe, expect, it } from '@jest/globals';
import { SqlTransaction, type CollectedWrite, type TransactionConnection } from './transaction.ts';

/** Records what is sent and answered. The statement `failing` is answered with an error. */
function openConnection({ failing = '' } = {}) {
  const log: string[] = [];
  const answer = async (text: string) => {
    log.push(text);
    await new Promise(setImmediate);
    log.push(`${text} answered`);
  };
  const connection: TransactionConnection = {
    async query(text) {
      await answer(text);
      if (text === failing) throw new Error(`${text} failed`);
      return { rows: [], rowCount: 0 };
    },
    async end(statement) {
      await answer(statement);
      return log.includes(failing) ? 'ROLLBACK' : statement;
    },
  };
  return { connection, log };
}

const sent = (text: string, values: readonly unknown[] = []): CollectedWrite<number> => ({
  rank: 1,
  write: async (transaction) => ({ answers: transaction.query(text, values) }),
});

const ask: CollectedWrite<number> = {
  rank: 1,
  async write(transaction) {
    await transaction.query('ask');
    return { answers: transaction.query('act') };
  },
};

const writing =
  (...kinds: readonly CollectedWrite<number>[]) =>
  (transaction: SqlTransaction) =>
    transaction.lastUnitOfWork(async () => {
      for (const kind of kinds) await transaction.collect(kind, [1]);
    });

describe('M48 the COMMIT after the last unit of work', () => {
  it('is sent together with the writes', async () => {
    const { connection, log } = openConnection();
    await SqlTransaction.on(connection).commitAfter(writing(sent('events'), sent('outbox')));

    expect(log).toEqual([
      'events',
      'outbox',
      'COMMIT',
      'events answered',
      'outbox answered',
      'COMMIT answered',
    ]);
  });

  it('waits for the answers that a write asks for', async () => {
    const { connection, log } = openConnection();
    await SqlTransaction.on(connection).commitAfter(writing(sent('events'), ask));

    expect(log.slice(0, 2)).toEqual(['events', 'ask']);
    expect(log.indexOf('COMMIT')).toBeGreaterThan(log.indexOf('act'));
    expect(log.indexOf('COMMIT')).toBeLessThan(log.indexOf('act answered'));
  });

  it('is not sent if a write fails while another one still asks', async () => {
    const { connection, log } = openConnection({ failing: 'ask' });
    await expect(SqlTransaction.on(connection).commitAfter(writing(sent('events'), ask))).rejects.toThrow(
      'ask failed',
    );

    expect(log).not.toContain('COMMIT');
    expect(log).toContain('ROLLBACK answered');
  });

  it('rolls back if a write fails, and the transaction rejects with the error of that write', async () => {
    const { connection, log } = openConnection({ failing: 'events' });
    await expect(
      SqlTransaction.on(connection).commitAfter(writing(sent('events'), sent('outbox'))),
    ).rejects.toThrow('events failed');

    expect(log).toContain('COMMIT answered');
    expect(log).not.toContain('ROLLBACK');
  });

  it('is not sent if a value of a write cannot be sent', async () => {
    const { connection, log } = openConnection();
    const circular: { self?: unknown } = {};
    circular.self = circular;
    const writes = writing(sent('events'), sent('outbox', [circular]));
    await expect(SqlTransaction.on(connection).commitAfter(writes)).rejects.toThrow('circular');

    expect(log).not.toContain('COMMIT');
    expect(log).toContain('ROLLBACK answered');
  });

  it('is left to the owner of a transaction that is kept open', async () => {
    const { connection, log } = openConnection();
    const kept = SqlTransaction.on(connection).commitAfter(async (transaction) => {
      transaction.keepOpen();
      await writing(sent('events'))(transaction);
      await transaction.query('answer');
    });

    await expect(kept).resolves.toBeUndefined();
    expect(log.filter((line) => !line.endsWith('answered'))).toEqual(['events', 'answer', 'COMMIT']);
  });

  it('is sent by that owner behind its last statement', async () => {
    const { connection, log } = openConnection();
    const kept = SqlTransaction.on(connection).commitAfter(async (transaction) => {
      const commit = transaction.keepOpen();
      await writing(sent('events'))(transaction);
      const answer = transaction.query('answer');
      commit();
      await answer;
    });

    await expect(kept).resolves.toBeUndefined();
    expect(log.indexOf('COMMIT')).toBeGreaterThan(log.indexOf('events answered'));
    expect(log.indexOf('COMMIT')).toBeLessThan(log.indexOf('answer answered'));
  });

  it('is the last statement, and a later one is rejected unsent', async () => {
    const { connection, log } = openConnection();
    const late = SqlTransaction.on(connection).commitAfter(async (transaction) => {
      await writing(sent('events'))(transaction);
      await transaction.query('late');
    });
    await expect(late).rejects.toThrow('the transaction has already ended: late');

    expect(log).not.toContain('late');
  });
});
