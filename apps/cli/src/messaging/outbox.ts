import type { OutboxView } from '@millrace/operations/contract';
import { askAll, opsOption } from '../operators.ts';
import type { CommandDefinition } from '../command/command.ts';
import { showRows } from '../terminal/show.ts';

type ServiceOutbox = OutboxView & { readonly service: string };

export const outbox: CommandDefinition = {
  name: 'outbox',
  summary: 'shows how many messages of each service wait to be published, since when, and who publishes them',
  options: [opsOption],
  watchable: true,
  examples: ['outbox'],
  async run(call) {
    const found = await askAll(call, async (ops) => {
      const { body } = await ops.get<OutboxView>('/ops/outbox');
      return [{ service: ops.service, ...body }];
    });
    showRows<ServiceOutbox>(call, found, {
      columns: {
        SERVICE: 'service',
        PENDING: 'pending',
        'OLDEST (SECONDS)': ({ oldestAgeMs }) => Math.round(oldestAgeMs / 1_000),
        PUBLISHER: ({ publisher }) => publisher ?? 'nobody',
        POSITION: 'position',
        'WAITS FOR': { freeText: ({ blocker }) => blockerInWords(blocker) },
      },
      none: 'no service has an outbox',
    });
  },
};

/** A younger transaction is an ordinary one that ends by itself. */
const blockerMsMin = 1_000;

function blockerInWords(blocker: OutboxView['blocker'] | undefined): string | undefined {
  if (blocker == null || (blocker.ageMs ?? blockerMsMin) < blockerMsMin) return undefined;
  const { pid, name, ageMs } = blocker;
  const who = pid === null ? `prepared transaction ${name}` : `backend ${pid} (${name})`;
  return ageMs === null ? who : `${who}, ${Math.round(ageMs / 1_000)} s`;
}
