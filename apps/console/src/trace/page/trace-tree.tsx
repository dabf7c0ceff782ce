import type { Trace } from '../../api/trace.ts';
import { queryOf, withQuery } from '../../kit/router.ts';
import { Windowed } from '../../kit/windowed.tsx';
import { span } from '../../kit/words.ts';
import { eventKey, firstMessages } from './trace-model.ts';
import { moveByArrows } from './waterfall-view.tsx';

/** The events as the command `millrace streams tree` draws them. */
export function TraceTree({ trace }: { readonly trace: Trace }) {
  const messages = firstMessages(trace.messages);
  const from = Math.min(...trace.events.map(({ recordedAt }) => Date.parse(recordedAt)));
  const selected = queryOf('row');
  return (
    <div class="trace-tree" onKeyDown={moveByArrows}>
      <Windowed label="causation tree" rows={trace.events} rowHeight={26} heightMax={700}>
        {(event) => {
          const key = eventKey(event.id);
          const message = messages.get(event.causationId);
          const by = message === undefined ? event.by : `${message.topic} ${message.type}`;
          return (
            <a
              key={key}
              class="line"
              href={withQuery({ row: key })}
              aria-current={key === selected ? 'true' : undefined}
            >
              <span>
                <span class="branch" aria-hidden="true">
                  {event.branch}
                </span>
                <strong>{event.type}</strong> {by !== undefined && <span class="quiet">by {by}</span>}
              </span>
              <span class="quiet">{event.service}</span>
              <time dateTime={event.recordedAt} title={event.recordedAt}>
                +{span(Date.parse(event.recordedAt) - from)}
              </time>
            </a>
          );
        }}
      </Windowed>
    </div>
  );
}
