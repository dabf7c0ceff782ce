import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { migrate, streamingCoreMigrations } from '../postgres/index.ts';
import { claimLogCluster, logClusterOf } from './log-cluster.ts';

describe('the cluster that a database goes with', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());

  const prepare = () =>
    migrate(database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);

  it('is the first that it is used with', async () => {
    expect(await logClusterOf(database.sql)).toBeUndefined();
    await prepare();
    expect(await logClusterOf(database.sql)).toBeUndefined();

    await Promise.all([claimLogCluster(database.sql, 'one'), claimLogCluster(database.sql, 'one')]);

    expect(await logClusterOf(database.sql)).toBe('one');
    await claimLogCluster(database.sql, 'one');
  });

  it('is the only one: another is refused with both names and what to do', async () => {
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

  it('is known of a database that was used before anybody noted it, by its offsets', async () => {
    await prepare();
    const offset = `INSERT INTO consumer_offset (consumer_group, cluster_id, topic_id, partition, topic, next_offset, updated_at)
      VALUES ('order', $1, gen_random_uuid(), 0, 'order-events', $2, $3)`;
    await database.sql.query(offset, ['untouched', '0', '2026-03-01']);
    await database.sql.query(offset, ['older', '5', '2026-01-01']);
    await database.sql.query(offset, ['latest', '7', '2026-02-01']);
    await database.sql.query('DROP TABLE log_cluster');
    await database.sql.query(`DELETE FROM schema_migration WHERE library = 'streaming-core' AND number = 6`);

    await prepare();

    expect(await logClusterOf(database.sql)).toBe('latest');
  });
});
