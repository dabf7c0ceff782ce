import { expect } from '@jest/globals';
import { connectAdmin } from '@millrace/streaming-core/client';
import { alarm, follows, hasStatus } from './operator.fixture.ts';
import type { RunbookStack } from './runbook-stack.fixture.ts';

/** The entry about the schema registry. */
export function followRegistry({ stack }: RunbookStack): void {
  const register = async (): Promise<number> => {
    const answer = await fetch(`${stack().instances['registry']}/subjects/story-value/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      body: JSON.stringify({ schema: '"string"' }),
    });
    return answer.status;
  };

  follows(
    ['MillraceRegistryFailed'],
    'a process whose topic was deleted takes schemas again once it is started again',
    stack,
    async ({ run }) => {
      await hasStatus(stack(), 'registry', 'ready');
      expect(await register()).toBe(200);
      await using admin = connectAdmin({ bootstrapServers: [stack().bootstrapServers], clientId: 'runbook' });
      await admin.deleteTopics(['_schemas']);
      await alarm(stack(), 'registry', 'registry_failed', 'raised');

      expect(await run('logs registry')).toContain('the registry cannot go on');
      await run('stop registry --reason TEXT', { TEXT: 'INC-7: its topic was deleted' });
      await run('start registry');

      await hasStatus(stack(), 'registry', 'ready');
      await alarm(stack(), 'registry', 'registry_failed', 'cleared');
      expect(await register()).toBe(200);
    },
  );
}
