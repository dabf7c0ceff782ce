import type { ShownApplication } from '../../api/applications.ts';
import { Dash } from '../../kit/states.tsx';
import { Status } from '../../kit/status.tsx';
import type { Column } from '../../kit/table.tsx';
import { count } from '../../kit/words.ts';

export type Process = ShownApplication['processes'][number];

/** The columns of every table in which each row is a process of an application. */
export const processColumns = {
  process: { name: 'Process', cell: ({ process }) => process },
  state: { name: 'State', cell: ({ state }) => <Status of={state} /> },
  recordsToRestore: {
    name: 'Records to restore',
    numeric: true,
    cell: ({ remainingRecords }) => (remainingRecords === 0 ? <Dash /> : count(remainingRecords)),
  },
  failure: { name: 'Failure', wide: true, cell: ({ failure }) => failure ?? <Dash /> },
} satisfies Record<string, Column<Process>>;
