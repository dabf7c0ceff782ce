import { expect } from '@jest/globals';
import { query } from '@millrace/test-support/shop';
import { until } from '@millrace/test-support/stack';
import { connectAdmin } from '@millrace/streaming-core/client';
import { kcat } from '@millrace/testing/kcat';
import { alarm, follows } from './operator.fixture.ts';
import type { RunbookStack } from './runbook-stack.fixture.ts';

const worker = 'connect';

/** The entries about connectors. */
export function followConnectors({ stack }: RunbookStack): void {
  const inventory = (text: string) => query(stack(), 'inventory', text);
  const database = () => {
    const { hostname, port, username, password } = new URL(stack().postgresUrl);
    return { hostname, port, username, password };
  };
  const create = async (name: string, config: Readonly<Record<string, string>>) => {
    const answer = await fetch(`${stack().instances[worker]}/connectors`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, config }),
    });
    expect({ status: answer.status, body: await answer.text() }).toMatchObject({ status: 201 });
  };
  const inState = (name: string, state: string) =>
    until(`${name} to be ${state}`, 60_000, async () => {
      const answer = await fetch(`${stack().instances[worker]}/connectors/${name}/status`);
      if (answer.status === 404) return false; // the connector has not reported a state yet
      const { connector, tasks } = (await answer.json()) as Status;
      return [connector, ...tasks].every((part) => part.state === state) && tasks.length > 0;
    });

  follows(
    ['MillraceConnectorFailed'],
    'a sink whose table is missing writes every record once the table is there',
    stack,
    async ({ run }) => {
      const { hostname, port, username, password } = database();
      await using admin = connectAdmin({ bootstrapServers: [stack().bootstrapServers], clientId: 'runbook' });
      await admin.createTopics([
        { name: 'story-rows', partitions: 1, retention: 'unlimited', cleanup: 'delete' },
      ]);
      await create('story-rows', {
        'connector.class': 'io.confluent.connect.jdbc.JdbcSinkConnector',
        topics: 'story-rows',
        'connection.url': `jdbc:postgresql://${hostname}:${port}/millrace_inventory`,
        'connection.user': username,
        'connection.password': password,
        'insert.mode': 'upsert',
        'pk.mode': 'record_key',
        'pk.fields': 'id',
        'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
        'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
        'value.converter.schemas.enable': 'false',
      });
      await kcat(['-P', '-b', stack().bootstrapServers, '-t', 'story-rows', '-K', ':'], 'ada:{"count":1}');
      await alarm(stack(), worker, 'connector_failed', 'raised');

      expect(await run('connectors list')).toMatch(/^story-rows +sink .*story-rows/m);
      expect(await run('connectors show CONNECTOR', { CONNECTOR: 'story-rows' })).toMatch(/auto\.create/);
      await inventory('CREATE TABLE "story-rows" (id text PRIMARY KEY, count bigint)');
      await run('connectors restart CONNECTOR --failed', { CONNECTOR: 'story-rows' });

      await alarm(stack(), worker, 'connector_failed', 'cleared');
      await until(
        'the row',
        60_000,
        async () => (await inventory('SELECT 1 FROM "story-rows"')).length === 1,
      );
    },
  );

  follows(
    ['MillraceSourceLogKept'],
    'a source that was paused reads again, and the log is let go once it is deleted',
    stack,
    async ({ run }) => {
      const { hostname, port, username, password } = database();
      await inventory('CREATE TABLE story_changes (id int PRIMARY KEY)');
      await create('story-changes', {
        'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
        'database.hostname': hostname,
        'database.port': port,
        'database.user': username,
        'database.password': password,
        'database.dbname': 'millrace_inventory',
        'topic.prefix': 'story',
        'table.include.list': 'public.story_changes',
        'slot.name': 'story',
        'publication.name': 'story',
      });
      await inState('story-changes', 'RUNNING');
      await until('the slot', 60_000, async () => {
        const slots = await inventory(
          `SELECT 1 FROM pg_replication_slots WHERE slot_name = 'story' AND active`,
        );
        return slots.length === 1;
      });
      await fetch(`${stack().instances[worker]}/connectors/story-changes/pause`, { method: 'PUT' });
      await inState('story-changes', 'PAUSED');
      await inventory(
        `SELECT pg_logical_emit_message(false, 'story', repeat('x', 1000000)) FROM generate_series(1, 30)`,
      );
      await alarm(stack(), worker, 'source_log_kept', 'raised');

      expect(await run('connectors show SOURCE', { SOURCE: 'story-changes' })).toContain('a source: PAUSED');
      await run('connectors resume SOURCE', { SOURCE: 'story-changes' });
      await inState('story-changes', 'RUNNING');
      await run('connectors delete SOURCE', { SOURCE: 'story-changes' });
      await until('the slot to have no reader', 60_000, async () => {
        const read = await inventory(
          `SELECT 1 FROM pg_replication_slots WHERE slot_name = 'story' AND active`,
        );
        return read.length === 0;
      });
      await inventory(`SELECT pg_drop_replication_slot('story')`);
      await alarm(stack(), worker, 'source_log_kept', 'cleared');
    },
  );
}

interface Status {
  readonly connector: { readonly state: string };
  readonly tasks: ReadonlyArray<{ readonly state: string }>;
}
