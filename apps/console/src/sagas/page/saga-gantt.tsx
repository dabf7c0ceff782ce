import type { SagaView } from '@millrace/operations/contract';
import { now } from '../../kit/clock.tsx';
import type { Scale } from '../../kit/time-scale.ts';
import { Windowed } from '../../kit/windowed.tsx';
import { span } from '../../kit/words.ts';
import { ganttOf, scaleOf, type Bar, type Gantt } from './gantt-model.ts';

const rowHeight = 26;
const heightMax = 560;

/** The commands and waits of a saga over time. */
export function SagaGantt({ events, live }: { readonly events: SagaView['events']; readonly live: boolean }) {
  const gantt = ganttOf(events, live ? now.value : 0);
  const scale = scaleOf(gantt);
  return (
    <div class="gantt">
      <Marks gantt={gantt} scale={scale} />
      <Windowed
        label="commands and waits over time"
        rows={gantt.bars}
        rowHeight={rowHeight}
        heightMax={heightMax}
      >
        {(bar) => <BarRow key={bar.key} bar={bar} gantt={gantt} scale={scale} />}
      </Windowed>
      <p class="axis quiet">
        <span>0</span>
        {scale.compressed && <span>the longest stretch without an event is drawn short</span>}
        <span>{span(gantt.to - gantt.from)}</span>
      </p>
    </div>
  );
}

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;

function BarRow({ bar, gantt, scale }: { readonly bar: Bar; readonly gantt: Gantt; readonly scale: Scale }) {
  const to = bar.to ?? gantt.to;
  const left = scale.place(bar.from);
  const width = scale.place(to) - left;
  const length = span(to - bar.from);
  const sends = bar.ticks.length === 0 ? '' : `, sent ${bar.ticks.length + 1} times`;
  return (
    <div class="row" title={`${bar.label}: ${bar.outcome} after ${length}${sends}`}>
      <span class="label">{bar.label}</span>
      <span class="track">
        <span
          class={`bar ${bar.kind} ${bar.tone}${bar.to === undefined ? ' open' : ''}`}
          style={{ left: percent(left), width: percent(width) }}
        />
        {bar.ticks.map((at) => (
          <span key={at} class="tick" style={{ left: percent(scale.place(at)) }} />
        ))}
        <span
          class={left + width > 0.72 ? 'says before' : 'says'}
          style={left + width > 0.72 ? { right: percent(1 - left) } : { left: percent(left + width) }}
        >
          {bar.outcome} {length}
          {sends}
        </span>
      </span>
    </div>
  );
}

/** The moments of the whole saga, and a line for each through all bars. */
function Marks({ gantt, scale }: { readonly gantt: Gantt; readonly scale: Scale }) {
  return (
    <ol class="marks" aria-label="moments of the whole saga">
      {gantt.marks.map(({ at, label, tone }, index) => (
        <li key={index} class={tone}>
          {label} <span class="quiet">+{span(at - gantt.from)}</span>
          <span
            class="line"
            style={{ left: `calc(var(--label) + (100% - var(--label)) * ${scale.place(at).toFixed(5)})` }}
          />
        </li>
      ))}
    </ol>
  );
}
