import { describe, expect, it } from '@jest/globals';
import { type SqlDatabase, type SqlRow, SqlTransaction } from '@millrace/streaming-core/postgres';
import { Registry } from 'prom-client';
import { watchWrites } from './database-watches.ts';

const failure = (code: string) => Object.assign(new Error('No space left on device'), { code });

/** A database that answers with a row, or fails. */
function watched(answer: { readOnly: boolean } | Error) {
  const query = <Row extends SqlRow>() =>
    answer instanceof Error
      ? Promise.reject(answer)
      : Promise.resolve({ rows: [{ read_only: answer.readOnly }] as unknown as readonly Row[], rowCount: 1 });
  const database: SqlDatabase = {
    query,
    transaction: (work) => work(SqlTransaction.on({ query, end: async (statement) => statement })),
  };
  const registry = new Registry();
  return { registry, ...watchWrites({ database, registry }) };
}

describe('the watch of writes to the database', () => {
  it('finds nothing while the database takes writes', async () => {
    const { watch, refusal, registry } = watched({ readOnly: false });
    expect(await watch.look()).toEqual([{ alarm: 'database_unwritable', value: 0 }]);
    expect(refusal()).toBeUndefined();
    expect(await registry.metrics()).toContain('millrace_database_unwritable 0');
  });

  it.each([
    ['a full disk', failure('53100'), 'the database takes no writes: No space left on device'],
    ['a disk that fails', failure('58030'), 'the database takes no writes: No space left on device'],
    ['a standby', { readOnly: true }, 'the database is read-only'],
  ])('raises the alarm for %s, and says why', async (_what, answer, reason) => {
    const { watch, refusal, registry } = watched(answer);
    expect(await watch.look()).toEqual([{ alarm: 'database_unwritable', value: 1 }]);
    expect(refusal()).toBe(reason);
    expect(await registry.metrics()).toContain('millrace_database_unwritable 1');
  });

  it.each([['ECONNREFUSED'], ['53300'], ['25P04']])(
    'fails as a watch with %s, which says nothing of writes',
    async (code) => {
      await expect(watched(failure(code)).watch.look()).rejects.toThrow('No space left');
    },
  );
});
