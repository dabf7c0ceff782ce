import { useMemo } from 'preact/hooks';
import { now } from '../../kit/clock.tsx';
import { Windowed } from '../../kit/windowed.tsx';
import { many, span } from '../../kit/words.ts';
import { ganttOf, scaleOf, ticksShown, type Bar, type Gantt, type GanttScale } from './gantt-model.ts';
import type { History } from './history-model.ts';

const rowHeight = 26;
const heightMax = 560;
/** The largest number of marks. The history has all of them. */
const marksMax = 40;

/** The commands and waits of a saga over time. */
export function SagaGantt({ events, live }: { readonly events: History['events']; readonly live: boolean }) {
  const gantt = useMemo(() => ganttOf(events), [events]);
  const scale = scaleOf(gantt, live ? now.value : 0);
  return (
    <div class="gantt">
      <Marks gantt={gantt} scale={scale} />
      <Windowed
        label="commands and waits over time"
        rows={gantt.bars}
        rowHeight={rowHeight}
        heightMax={heightMax}
      >
        {(bar) => <BarRow key={bar.key} bar={bar} scale={scale} />}
      </Windowed>
      <p class="axis quiet">
        <span>0</span>
        {scale.compressed && <span>the longest stretch without an event is drawn short</span>}
        <span>{span(scale.to - scale.from)}</span>
      </p>
    </div>
  );
}

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;

function BarRow({ bar, scale }: { readonly bar: Bar; readonly scale: GanttScale }) {
  const to = bar.to ?? scale.to;
  const left = scale.place(bar.from);
  const end = scale.place(to);
  const saysAt = end <= 0.72 ? 'after' : left > 0.45 ? 'before' : 'within';
  const length = span(to - bar.from);
  const sends = bar.ticks.length === 0 ? '' : `, sent ${bar.ticks.length + 1} times`;
  return (
    <div class="row" title={`${bar.label}: ${bar.outcome} after ${length}${sends}`}>
      <span class="label">{bar.label}</span>
      <span class="track">
        <span
          class={`bar ${bar.kind} ${bar.tone}${bar.to === undefined ? ' open' : ''}`}
          style={{ left: percent(left), width: percent(end - left) }}
        />
        {ticksShown(bar, scale).map((place) => (
          <span key={place} class="tick" style={{ left: percent(place) }} />
        ))}
        <span
          class={`says ${saysAt}`}
          style={
            saysAt === 'after'
              ? { left: percent(end) }
              : { right: percent(1 - (saysAt === 'before' ? left : end)) }
          }
        >
          {bar.outcome} {length}
          {sends}
        </span>
      </span>
    </div>
  );
}

/** The latest moments of the whole saga, and a line for each through all bars. */
function Marks({ gantt, scale }: { readonly gantt: Gantt; readonly scale: GanttScale }) {
  const earlier = Math.max(0, gantt.marks.length - marksMax);
  return (
    <ol class="marks" aria-label="moments of the whole saga">
      {earlier > 0 && <li class="quiet">{many(earlier, 'earlier moment')}</li>}
      {gantt.marks.slice(earlier).map(({ at, label, tone }, index) => (
        <li key={earlier + index} class={tone}>
          {label} <span class="quiet">+{span(at - scale.from)}</span>
          <span
            class="line"
            style={{ left: `calc(var(--label) + (100% - var(--label)) * ${scale.place(at).toFixed(5)})` }}
          />
        </li>
      ))}
    </ol>
  );
}
