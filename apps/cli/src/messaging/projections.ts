import type { LagsView } from '@millrace/operations/contract';
import type { CommandDefinition, CommandGroup } from '../command/command.ts';
import { askAll, opsOption, readItems } from '../ops/find-services.ts';
import { showRows } from '../terminal/show.ts';
import { listRebuilds, rebuildActions } from './rebuilds.ts';

type ProjectionLag = LagsView['items'][number];

const projectionLags: CommandDefinition = {
  name: 'lag',
  summary: 'shows how far read models and consumers are behind, as their services saw it last',
  options: [{ flags: '--behind', meaning: 'leave out what is not behind' }, opsOption],
  examples: ['projections lag --behind'],
  async run(call) {
    const seen = await askAll(call, (ops) => readItems<ProjectionLag>(ops, '/ops/projections'), 'processes');
    const found = highestOf(seen).filter(({ messages }) => messages > 0 || !call.options.flag('behind'));
    showRows(call, found, {
      columns: [
        { title: 'GROUP', of: ({ group }) => group },
        { title: 'TOPIC', of: ({ topic }) => topic },
        { title: 'PARTITION', of: ({ partition }) => partition },
        { title: 'MESSAGES', of: ({ messages }) => messages },
        { title: 'SECONDS', of: ({ seconds }) => seconds },
      ],
      none: 'nothing is behind',
    });
  },
};

/** Replicas report the same partitions. One may be stuck with an old figure, so the highest lag counts. */
function highestOf(seen: readonly ProjectionLag[]): readonly ProjectionLag[] {
  const highest = new Map<string, ProjectionLag>();
  for (const lag of seen) {
    const name = `${lag.group} ${lag.topic} ${String(lag.partition).padStart(6, '0')}`;
    const known = highest.get(name);
    if (known === undefined || lag.messages > known.messages) highest.set(name, lag);
  }
  return [...highest].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, lag]) => lag);
}

export const projections: CommandGroup = {
  name: 'projections',
  summary: 'shows how far read models are behind, and rebuilds them',
  commands: [projectionLags, listRebuilds, ...rebuildActions],
};
