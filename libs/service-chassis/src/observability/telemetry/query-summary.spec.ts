import { describe, expect, it } from '@jest/globals';
import { summarize } from './statement-spans.ts';

describe('the summary of a statement', () => {
  it.each([
    ['BEGIN', 'BEGIN'],
    ['COMMIT', 'COMMIT'],
    ['SELECT 1', 'SELECT'],
    ['SELECT next_offset FROM consumer_offset WHERE x = $1 FOR NO KEY UPDATE', 'SELECT consumer_offset'],
    ['SELECT 1 FROM saga_timer WHERE a = $1 FOR UPDATE SKIP LOCKED', 'SELECT saga_timer'],
    ['SELECT * FROM lock_and_load($1, $2)', 'SELECT lock_and_load'],
    ["SELECT create_day_partitions('outbox', now())", 'SELECT create_day_partitions'],
    [
      'SELECT "o"."id" AS "o_id" FROM "order_summary" "o" LEFT JOIN "line" "l" ON true',
      'SELECT order_summary line',
    ],
    [
      'INSERT INTO outbox (id) SELECT id FROM unnest($1::uuid[]) WITH ORDINALITY AS row(id, number) ORDER BY number',
      'INSERT outbox',
    ],
    ['INSERT INTO "a" ("b") VALUES ($1) ON CONFLICT ("b") DO UPDATE SET "b" = EXCLUDED."b"', 'INSERT a'],
    [
      'DELETE FROM external_call USING unnest($1::bigint[]) AS done (id) WHERE true RETURNING id',
      'DELETE external_call',
    ],
    [
      'WITH moved AS (UPDATE consumer_offset AS stored SET x = 1 FROM (SELECT 1 FROM unnest($1) AS w JOIN consumer_offset AS f ON true) AS held), noted AS (INSERT INTO inbox (id) SELECT 1) SELECT (SELECT count(*) FROM moved) FROM noted',
      'UPDATE consumer_offset INSERT inbox',
    ],
    [
      'WITH relaxed AS MATERIALIZED (SELECT set_config($1)) UPDATE relay_cursor SET position = $5 FROM relaxed',
      'UPDATE relay_cursor',
    ],
    ['', 'SQL'],
  ])('%s', (text, summary) => {
    expect(summarize(text)).toBe(summary);
  });

  it('is cut to the maximum length of a name', () => {
    const tables = Array.from({ length: 100 }, (_, index) => `table_${index}`);
    expect(summarize(`SELECT * FROM ${tables.join(' JOIN ')}`).length).toBeLessThanOrEqual(255);
  });
});
