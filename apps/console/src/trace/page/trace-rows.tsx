import type { ComponentChildren } from 'preact';
import type { Trace } from '../../api/trace.ts';
import { queryOf, withQuery } from '../../kit/router.ts';
import { longestStretch, scaleOver, type Scale } from '../../kit/time-scale.ts';
import { Windowed } from '../../kit/windowed.tsx';
import { span } from '../../kit/words.ts';
import { eventKey, firstMessages, type Kind, type Row, type Waterfall } from './trace-model.ts';

/** The largest indentation. Deeper rows get the same. */
const depthMax = 14;

/** The items of a trace over time, each below its cause. */
export function WaterfallView({ waterfall: { rows, from, to } }: { readonly waterfall: Waterfall }) {
  const moments = rows.flatMap((row) => [row.from, row.to]);
  const scale = scaleOver(longestStretch([from, ...moments, to]), from, to);
  return (
    <div class="waterfall" onKeyDown={moveByArrows}>
      <Windowed label="what happened" rows={rows} rowHeight={28} heightMax={700}>
        {(row) => <Line key={row.key} row={row} from={from} scale={scale} />}
      </Windowed>
      <p class="axis quiet">
        <span>0</span>
        {scale.compressed && <span>the longest stretch without anything is drawn short</span>}
        <span>{span(to - from)}</span>
      </p>
    </div>
  );
}

/** The events as the command `millrace streams tree` draws them. */
export function TraceTree({ trace: { events, messages } }: { readonly trace: Trace }) {
  const firsts = firstMessages(messages);
  const from = Math.min(...events.map(({ recordedAt }) => Date.parse(recordedAt)));
  return (
    <div class="trace-tree" onKeyDown={moveByArrows}>
      <Windowed label="causation tree" rows={events} rowHeight={26} heightMax={700}>
        {({ id, branch, type, causationId, service, recordedAt, ...event }) => {
          const message = firsts.get(causationId);
          const by = message === undefined ? event.by : `${message.topic} ${message.type}`;
          return (
            <RowLink key={id} row={eventKey(id)}>
              <span>
                <span class="branch" aria-hidden="true">
                  {branch}
                </span>
                <strong>{type}</strong> {by !== undefined && <span class="quiet">by {by}</span>}
              </span>
              <span class="quiet">{service}</span>
              <time dateTime={recordedAt} title={recordedAt}>
                +{span(Date.parse(recordedAt) - from)}
              </time>
            </RowLink>
          );
        }}
      </Windowed>
    </div>
  );
}

interface RowLinkProps {
  /** The key of the row that it selects. */
  readonly row: string;
  readonly kind?: string;
  readonly title?: string;
  readonly children: ComponentChildren;
}

const RowLink = ({ row, kind = '', title, children }: RowLinkProps) => (
  <a
    class={`line ${kind}`}
    href={withQuery({ row })}
    aria-current={row === queryOf('row') ? 'true' : undefined}
    title={title}
  >
    {children}
  </a>
);

/** Moves the focus from row to row with the arrow keys. */
function moveByArrows(event: KeyboardEvent): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  const from = (event.target as Element).closest('a');
  if (step === 0 || from === null) return;
  const target = step === 1 ? from.nextElementSibling : from.previousElementSibling;
  if (!(target instanceof HTMLElement)) return;
  event.preventDefault();
  target.focus();
}

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;

interface LineProps {
  readonly row: Row;
  readonly from: number;
  readonly scale: Scale;
}

function Line({ row: { key, kind, label, place, failed, depth, ...row }, from, scale }: LineProps) {
  const left = scale.place(row.from);
  const right = scale.place(row.to);
  const after = `+${span(row.from - from)}`;
  const length = row.to > row.from ? `, ${span(row.to - row.from)}` : '';
  const title = `${kind} ${label}, ${place}, ${after}${length}`;
  return (
    <RowLink row={key} kind={failed ? `${kind} failed` : kind} title={title}>
      <span class="name" style={{ paddingLeft: `${Math.min(depth, depthMax) * 11}px` }}>
        <KindSign kind={kind} />
        <strong>{label}</strong> <span class="quiet">{place}</span>
      </span>
      <span class="track">
        <span class="bar" style={{ left: percent(left), width: percent(right - left) }} />
        <span class="says" style={right > 0.6 ? { right: percent(1 - left) } : { left: percent(right) }}>
          {after}
          <span class="length">{length}</span>
        </span>
      </span>
    </RowLink>
  );
}

const signs: Readonly<Record<Kind, string>> = {
  event: 'M8 4.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7',
  message: 'M2.5 4.5h11v7h-11zM2.5 4.5 8 9l5.5-4.5',
  span: 'M3 6h10v4H3z',
};

/** Distinguishes events, messages and spans without a colour. */
const KindSign = ({ kind }: { readonly kind: Kind }) => (
  <svg class={`sign kind ${kind}`} viewBox="0 0 16 16" width="14" height="14" role="img" aria-label={kind}>
    <path d={signs[kind]} />
  </svg>
);
