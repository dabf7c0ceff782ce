import { JsonView } from '../../../console/src/kit/json-view.tsx';
import { withQuery } from '../../../console/src/kit/router.ts';
import { Sign, type Tone } from '../../../console/src/kit/status.tsx';
import { Table, type Column } from '../../../console/src/kit/table.tsx';
import { exactTime } from '../../../console/src/kit/words.ts';
import type { Level, ShownLine } from '../log-line.ts';

const tones: Readonly<Record<Level, Tone>> = {
  trace: 'idle',
  debug: 'idle',
  info: 'idle',
  warn: 'waiting',
  error: 'failed',
  fatal: 'failed',
  unknown: 'idle',
};

const columns: readonly Column<ShownLine>[] = [
  {
    name: 'Time (UTC)',
    cell: ({ loggedAt }) => <time dateTime={loggedAt}>{exactTime(loggedAt)}</time>,
  },
  {
    name: 'Level',
    cell: ({ level }) => (
      <span class={`status ${tones[level]}`}>
        <Sign tone={tones[level]} />
        {level}
      </span>
    ),
  },
  { name: 'Service', cell: ({ service }) => service },
  {
    name: 'Message',
    wide: true,
    cell: ({ message, line }) => (
      <details class="line">
        <summary>{message}</summary>
        <JsonView value={parsed(line)} />
      </details>
    ),
  },
  {
    name: 'Order',
    cell: ({ orderId }) =>
      orderId !== null && (
        <a class="mono" href={withQuery({ orderId, after: '' })}>
          {orderId.slice(-8)}
        </a>
      ),
  },
];

interface LinesProps {
  readonly label: string;
  readonly rows: readonly ShownLine[] | undefined;
  readonly empty: string;
}

/** Lines with their messages. One that is opened shows all that was written. */
export const Lines = ({ label, rows, empty }: LinesProps) => (
  <Table label={label} columns={columns} rows={rows} keyOf={({ id }) => id} empty={empty} />
);

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}
