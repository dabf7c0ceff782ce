import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { migrate, streamingCoreMigrations } from '../../postgres/index.ts';
import { claimLogCluster, logClusterOf } from './log-cluster.ts';

describe('the cluster of a database', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());

  const prepare = () =>
    migrate(database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);

  it('is the first cluster that the database is used with', async () => {
    expect(await logClusterOf(database.sql)).toBeUndefined();
    await prepare();
    expect(await logClusterOf(database.sql)).toBeUndefined();

    await Promise.all([claimLogCluster(database.sql, 'one'), claimLogCluster(database.sql, 'one')]);

    expect(await logClusterOf(database.sql)).toBe('one');
    await claimLogCluster(database.sql, 'one');
  });

  it('A09 cannot be replaced by another one, which is rejected with both names and the remedy', async () => {
    await prepare();
    await claimLogCluster(database.sql, 'one');

    await expect(claimLogCluster(database.sql, 'two')).rejects.toMatchObject({
      code: 'foreign_cluster',
      message: expect.stringMatching(
        /belongs to cluster one, and the log is cluster two: connect to .* or begin with empty databases$/,
      ),
    });
    expect(await logClusterOf(database.sql)).toBe('one');
  });
});
