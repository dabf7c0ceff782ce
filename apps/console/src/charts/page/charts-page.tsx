import { useComputed, useSignal, useSignalEffect, type Signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { ChartBatch, ChartName, ChartPoint } from '../../api/charts.ts';
import { useLive } from '../../kit/live.ts';
import { Dash, LivePage, Panel } from '../../kit/states.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { count, exactTime, perSecond, span } from '../../kit/words.ts';
import { linesOf, withBatch, withGaps, type Line } from './charts-model.ts';
import { Drawing } from './drawing.tsx';

const duration = (seconds: number): string => (seconds === 0 ? '0 s' : span(seconds * 1_000));

const kinds: Readonly<Record<ChartName, readonly [title: string, format: (value: number) => string]>> = {
  messages: ['Messages sent per second', perSecond],
  ended: ['Sagas ended per minute', String],
  lag: ['Lag in messages', count],
  lagSeconds: ['Lag in time', duration],
  outbox: ['Age of the oldest message in an outbox', duration],
  deadLetters: ['Dead letters', count],
};

/** The figures of the overview over the last hour. */
export function ChartsPage() {
  const live = useLive<ChartBatch>('/api/overview/charts');
  const batch = useComputed(() => live.value.state);
  const points = useSignal<readonly ChartPoint[]>([]);
  useSignalEffect(() => {
    if (batch.value !== undefined) points.value = withBatch(points.peek(), batch.value);
  });
  const shown = useMemo(() => withGaps(points.value), [points.value]);
  const pointedAt = useSignal<number | undefined>(undefined);
  return (
    <LivePage title="Charts" live={live.value}>
      {({ series }) => (
        <>
          <p class="quiet">
            The last hour, as far as somebody had a page of the console open: only then does it look, every 2
            s. A gap in a line means that nobody looked, or that a service did not answer.
          </p>
          {Object.keys(kinds).map((name) => (
            <ChartPanel key={name} {...{ name: name as ChartName, series, points: shown, pointedAt }} />
          ))}
        </>
      )}
    </LivePage>
  );
}

interface ChartPanelProps {
  readonly name: ChartName;
  readonly series: ChartBatch['series'];
  readonly points: readonly ChartPoint[];
  /** The index of the point under the pointer, in all charts. */
  readonly pointedAt: Signal<number | undefined>;
}

function ChartPanel({ name, series, points, pointedAt }: ChartPanelProps) {
  const [title, format] = kinds[name];
  const lines = useMemo(() => linesOf(name, series, points), [points]);
  const place = pointedAt.value ?? points.length - 1;
  const says = lines.map((line) => `${line.name} ${format(line.lowest)} to ${format(line.highest)}`);
  const columns: readonly Column<Line>[] = [
    { name: 'Line', cell: (line) => <LineName name={line.name} place={lines.indexOf(line)} /> },
    {
      name: 'Value',
      numeric: true,
      cell: ({ values }) => (values[place] == null ? <Dash /> : format(values[place])),
    },
    { name: 'Lowest', numeric: true, cell: ({ lowest }) => format(lowest) },
    { name: 'Highest', numeric: true, cell: ({ highest }) => format(highest) },
  ];
  const time = pointedAt.value !== undefined && exactTime(new Date(points[place]?.atMs ?? 0).toISOString());
  return (
    <Panel id={name} title={title} aside={time ? `values at ${time} UTC` : 'values of now'}>
      <div class="chart">
        {lines.length > 0 && (
          <Drawing label={`${title}: ${says.join(', ')}`} {...{ points, lines, format, pointedAt }} />
        )}
        <Table
          label={`${title}, by line`}
          columns={columns}
          rows={lines}
          keyOf={({ name: line }) => line}
          empty="Nothing was seen within the hour"
        />
      </div>
    </Panel>
  );
}

const LineName = ({ name, place }: { readonly name: string; readonly place: number }) => (
  <span class="line-name">
    <svg class={`line-${place % 12}`} width="18" height="8" aria-hidden="true">
      <line x1={0} x2={18} y1={4} y2={4} />
    </svg>
    {name}
  </span>
);
