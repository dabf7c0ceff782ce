import type { CommandDefinition } from '../command/command.ts';
import { askAll, opsOption } from '../ops/find-services.ts';
import { showRows } from '../terminal/show.ts';

interface OutboxView {
  readonly service: string;
  readonly pending: number;
  readonly oldestAgeMs: number;
  /** The process that publishes now. Null if there is none. */
  readonly publisher: string | null;
  readonly position: string;
}

export const outbox: CommandDefinition = {
  name: 'outbox',
  summary: 'shows how many messages of each service wait to be published, since when, and who publishes them',
  options: [opsOption],
  examples: ['outbox'],
  async run(call) {
    const found = await askAll(call, async (ops) => {
      const { body } = await ops.get<Omit<OutboxView, 'service'>>('/ops/outbox');
      return [{ service: ops.service, ...body }];
    });
    showRows<OutboxView>(call, found, {
      columns: [
        { title: 'SERVICE', of: ({ service }) => service },
        { title: 'PENDING', of: ({ pending }) => pending },
        { title: 'OLDEST (SECONDS)', of: ({ oldestAgeMs }) => Math.round(oldestAgeMs / 1_000) },
        { title: 'PUBLISHER', of: ({ publisher }) => publisher ?? 'nobody' },
        { title: 'POSITION', of: ({ position }) => position },
      ],
      none: 'no service has an outbox',
    });
  },
};
