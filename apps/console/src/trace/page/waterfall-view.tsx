import { queryOf, withQuery } from '../../kit/router.ts';
import { longestStretch, scaleOver, type Scale } from '../../kit/time-scale.ts';
import { Windowed } from '../../kit/windowed.tsx';
import { span } from '../../kit/words.ts';
import type { Kind, Row, Waterfall } from './trace-model.ts';

const rowHeight = 28;
const heightMax = 700;
/** Rows that are deeper stand as far to the right as these. */
const depthMax = 14;

/** What happened over time, each row below its cause. */
export function WaterfallView({ waterfall }: { readonly waterfall: Waterfall }) {
  const { rows, from, to } = waterfall;
  const moments = rows.flatMap((row) => [row.from, row.to]);
  const scale = scaleOver(longestStretch([from, ...moments, to]), from, to);
  const selected = queryOf('row');
  return (
    <div class="waterfall" onKeyDown={moveByArrows}>
      <Windowed label="what happened" rows={rows} rowHeight={rowHeight} heightMax={heightMax}>
        {(row) => <Line key={row.key} row={row} from={from} scale={scale} selected={row.key === selected} />}
      </Windowed>
      <p class="axis quiet">
        <span>0</span>
        {scale.compressed && <span>the longest stretch without anything is drawn short</span>}
        <span>{span(to - from)}</span>
      </p>
    </div>
  );
}

/** Moves the focus from row to row with the arrow keys. */
export function moveByArrows(event: KeyboardEvent): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  const from = (event.target as Element).closest('a');
  if (step === 0 || from === null) return;
  const target = step === 1 ? from.nextElementSibling : from.previousElementSibling;
  if (!(target instanceof HTMLElement)) return;
  event.preventDefault();
  target.focus();
}

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;

function Line({
  row,
  from,
  scale,
  selected,
}: {
  readonly row: Row;
  readonly from: number;
  readonly scale: Scale;
  readonly selected: boolean;
}) {
  const left = scale.place(row.from);
  const right = scale.place(row.to);
  const after = `+${span(row.from - from)}`;
  const length = row.to > row.from ? `, ${span(row.to - row.from)}` : '';
  return (
    <a
      class={`line ${row.kind}${row.failed ? ' failed' : ''}`}
      href={withQuery({ row: row.key })}
      aria-current={selected ? 'true' : undefined}
      title={`${row.kind} ${row.label}, ${row.place}, ${after}${length}`}
    >
      <span class="name" style={{ paddingLeft: `${Math.min(row.depth, depthMax) * 11}px` }}>
        <KindSign kind={row.kind} />
        <strong>{row.label}</strong> <span class="quiet">{row.place}</span>
      </span>
      <span class="track">
        <span class="bar" style={{ left: percent(left), width: percent(right - left) }} />
        <span class="says" style={right > 0.6 ? { right: percent(1 - left) } : { left: percent(right) }}>
          {after}
          <span class="length">{length}</span>
        </span>
      </span>
    </a>
  );
}

const signs: Readonly<Record<Kind, string>> = {
  event: 'M8 4.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7',
  message: 'M2.5 4.5h11v7h-11zM2.5 4.5 8 9l5.5-4.5',
  span: 'M3 6h10v4H3z',
};

/** Tells events, messages and spans apart without a colour. */
const KindSign = ({ kind }: { readonly kind: Kind }) => (
  <svg class={`sign kind ${kind}`} viewBox="0 0 16 16" width="14" height="14" role="img" aria-label={kind}>
    <path d={signs[kind]} />
  </svg>
);
