import type { ComponentChildren } from 'preact';
import type { Trace, TraceEvent, TraceMessage, TraceSpan } from '../../api/trace.ts';
import { JsonView } from '../../kit/json-view.tsx';
import { pathTo } from '../../kit/paths.ts';
import { withQuery } from '../../kit/router.ts';
import { Empty, Facts, Panel } from '../../kit/states.tsx';
import { span as length } from '../../kit/words.ts';
import { eventKey, firstMessages, isDeadLetter, isStatement, messageKey, spanKey } from './trace-model.ts';

/** What is known about the selected row. */
export function TraceDetails({
  trace,
  selected,
  definitions,
}: {
  readonly trace: Trace;
  readonly selected: string;
  readonly definitions: readonly string[];
}) {
  const event = trace.events.find(({ id }) => eventKey(id) === selected);
  const message = trace.messages.find((one) => messageKey(one) === selected);
  if (event !== undefined) return <EventDetails event={event} trace={trace} definitions={definitions} />;
  if (message !== undefined) return <MessageDetails message={message} trace={trace} />;
  const span = trace.spans.find((one) => spanKey(one) === selected);
  if (span !== undefined) return <SpanDetails span={span} trace={trace} />;
  return (
    <Panel title="Details">
      <Empty title="Choose a row to see its payload, its headers and what belongs to it." />
    </Panel>
  );
}

function EventDetails({
  event,
  trace,
  definitions,
}: {
  readonly event: TraceEvent;
  readonly trace: Trace;
  readonly definitions: readonly string[];
}) {
  const saga = sagaOf(event, definitions);
  return (
    <Panel title={event.type} aside="event">
      <div class="body trace-details">
        <Facts
          of={{
            Service: event.service,
            Stream: (
              <a class="mono" href={pathTo('streams', event.service, event.stream)}>
                {event.stream}
              </a>
            ),
            Version: event.version,
            Saga: saga && (
              <a href={pathTo('sagas', event.service, saga.definition, saga.id)}>{saga.definition}</a>
            ),
            Recorded: event.recordedAt,
            Actor: event.actor,
            Id: <span class="mono">{event.id}</span>,
            'Caused by': <CauseOf event={event} trace={trace} />,
          }}
        />
        <h3>Data</h3>
        <JsonView value={event.data} />
      </div>
    </Panel>
  );
}

/** The message that has led to the event, or else the event before it, or the id of what is not shown. */
function CauseOf({ event, trace }: { readonly event: TraceEvent; readonly trace: Trace }) {
  const message = firstMessages(trace.messages).get(event.causationId);
  if (message !== undefined)
    return <RowLink row={messageKey(message)}>{`${message.topic} ${message.type}`}</RowLink>;
  const cause = trace.events.find(({ id }) => id === event.cause);
  if (cause !== undefined) return <RowLink row={eventKey(cause.id)}>{cause.type}</RowLink>;
  return <span class="mono">{event.causationId}</span>;
}

function MessageDetails({ message, trace }: { readonly message: TraceMessage; readonly trace: Trace }) {
  const { topic, partition, offset, key, recordedAt, writtenAt, headers, value, cut } = message;
  const cause = trace.events.find(({ id }) => id === message.cause);
  const waited = recordedAt === undefined ? 0 : Date.parse(writtenAt) - Date.parse(recordedAt);
  return (
    <Panel title={message.type} aside={isDeadLetter(message) ? 'dead letter' : 'message'}>
      <div class="body trace-details">
        <Facts
          of={{
            Topic: <a href={`${pathTo('topics', topic)}?partition=${partition}&from=${offset}`}>{topic}</a>,
            Partition: partition,
            Offset: offset,
            Key: <span class="mono">{key ?? 'none'}</span>,
            'Written to the topic': writtenAt,
            'In the outbox before': recordedAt !== undefined && waited >= 0 && length(waited),
            'Sent by': cause && <RowLink row={eventKey(cause.id)}>{cause.type}</RowLink>,
          }}
        />
        <h3>Value</h3>
        {cut ? (
          <p class="quiet">
            It is too long for this page. Show it with{' '}
            <code>{`millrace messages ${topic} --partition ${partition} --from ${offset} --limit 1`}</code>
          </p>
        ) : (
          <JsonView value={value} />
        )}
        <h3>Headers</h3>
        <Pairs of={headers} />
      </div>
    </Panel>
  );
}

const spanKinds = ['unknown', 'internal', 'server', 'client', 'producer', 'consumer'];

function SpanDetails({ span, trace }: { readonly span: TraceSpan; readonly trace: Trace }) {
  const statements = trace.spans.filter((one) => isStatement(one) && one.parentSpanId === span.spanId);
  return (
    <Panel title={span.name} aside={span.failed ? 'span that failed' : 'span'}>
      <div class="body trace-details">
        <Facts
          of={{
            Service: span.service,
            Kind: spanKinds[span.kind] ?? 'unknown',
            Duration: length(span.durationMs),
            Begun: new Date(span.startMs).toISOString(),
            Trace: <span class="mono">{span.traceId}</span>,
            Span: <span class="mono">{span.spanId}</span>,
          }}
        />
        <h3>Attributes</h3>
        <Pairs of={span.attributes} />
        {statements.length > 0 && (
          <>
            <h3>SQL statements</h3>
            <ol class="mono">
              {statements.map(({ spanId, name, durationMs }) => (
                <li key={spanId}>
                  {name} <span class="quiet">{length(durationMs)}</span>
                </li>
              ))}
            </ol>
          </>
        )}
      </div>
    </Panel>
  );
}

const Pairs = ({ of: pairs }: { readonly of: TraceSpan['attributes'] }) => (
  <dl class="trace-pairs mono">
    {Object.entries(pairs).map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{String(value)}</dd>
      </div>
    ))}
  </dl>
);

/** The saga whose history an event is part of: its stream is named for the definition and the saga. */
function sagaOf({ stream }: TraceEvent, definitions: readonly string[]) {
  const definition = definitions.find((one) => stream.startsWith(`saga-${one}-`));
  if (definition === undefined) return undefined;
  return { definition, id: stream.slice(`saga-${definition}-`.length) };
}

const RowLink = ({ row, children }: { readonly row: string; readonly children: ComponentChildren }) => (
  <a href={withQuery({ row })}>{children}</a>
);
