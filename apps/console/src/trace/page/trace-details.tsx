import type { ComponentChildren } from 'preact';
import type { Trace, TraceEvent, TraceMessage, TraceSpan } from '../../api/trace.ts';
import { JsonView } from '../../kit/json-view.tsx';
import { IdLink } from '../../kit/links.tsx';
import { pathTo } from '../../kit/paths.ts';
import { withQuery } from '../../kit/router.ts';
import { Empty, Facts, Panel } from '../../kit/states.tsx';
import { span as length } from '../../kit/words.ts';
import { eventKey, firstMessages, isDeadLetter, isStatement, messageKey, spanKey } from './trace-model.ts';

interface TraceDetailsProps {
  readonly trace: Trace;
  /** The key of a row. */
  readonly selected: string;
  readonly definitions: readonly string[];
}

/** The details of the selected row. */
export function TraceDetails({ trace, selected, definitions }: TraceDetailsProps) {
  const event = trace.events.find(({ id }) => eventKey(id) === selected);
  if (event !== undefined) return <EventDetails event={event} trace={trace} definitions={definitions} />;
  const message = trace.messages.find((one) => messageKey(one) === selected);
  if (message !== undefined) return <MessageDetails message={message} trace={trace} />;
  const span = trace.spans.find((one) => spanKey(one) === selected);
  if (span !== undefined) return <SpanDetails span={span} trace={trace} />;
  return (
    <Panel title="Details">
      <Empty title="Choose a row to see its payload, its headers and what belongs to it." />
    </Panel>
  );
}

interface DetailsProps {
  readonly title: string;
  readonly kind: string;
  readonly facts: Readonly<Record<string, ComponentChildren>>;
  readonly children: ComponentChildren;
}

const Details = ({ title, kind, facts, children }: DetailsProps) => (
  <Panel title={title} aside={kind}>
    <div class="body trace-details">
      <Facts of={facts} />
      {children}
    </div>
  </Panel>
);

const mono = (text: string) => <span class="mono">{text}</span>;

type EventDetailsProps = Omit<TraceDetailsProps, 'selected'> & { readonly event: TraceEvent };

function EventDetails({ event, trace, definitions }: EventDetailsProps) {
  const { service, stream, version, type, recordedAt, actor, id, data } = event;
  const saga = definitions.find((definition) => stream.startsWith(`saga-${definition}-`));
  const facts = {
    Service: service,
    Stream: <IdLink href={pathTo('streams', service, stream)} id={stream} />,
    Version: version,
    Saga: saga && <a href={pathTo('sagas', service, saga, stream.slice(`saga-${saga}-`.length))}>{saga}</a>,
    Recorded: recordedAt,
    Actor: actor,
    Id: mono(id),
    'Caused by': causeOf(event, trace),
  };
  return (
    <Details title={type} kind="event" facts={facts}>
      <h3>Data</h3>
      <JsonView value={data} />
    </Details>
  );
}

/**
 * Returns the message that led to the event, or else the event before it, or the id of a cause that
 * is not shown.
 */
function causeOf({ causationId, cause }: TraceEvent, { messages, events }: Trace) {
  const message = firstMessages(messages).get(causationId);
  if (message !== undefined) return rowLink(messageKey(message), `${message.topic} ${message.type}`);
  return senderOf(cause, events) ?? mono(causationId);
}

function senderOf(cause: string | undefined, events: readonly TraceEvent[]) {
  const event = events.find(({ id }) => id === cause);
  return event && rowLink(eventKey(event.id), event.type);
}

const rowLink = (row: string, text: string) => <a href={withQuery({ row })}>{text}</a>;

function MessageDetails({ message, trace }: { readonly message: TraceMessage; readonly trace: Trace }) {
  const { topic, partition, offset, type, key, cause, recordedAt, writtenAt, headers, value, cut } = message;
  const waited = recordedAt === undefined ? -1 : Date.parse(writtenAt) - Date.parse(recordedAt);
  const facts = {
    Topic: <a href={`${pathTo('topics', topic)}?partition=${partition}&from=${offset}`}>{topic}</a>,
    Partition: partition,
    Offset: offset,
    Key: mono(key ?? 'none'),
    'Written to the topic': writtenAt,
    'In the outbox before': waited >= 0 && length(waited),
    'Sent by': senderOf(cause, trace.events),
  };
  return (
    <Details title={type} kind={isDeadLetter(message) ? 'dead letter' : 'message'} facts={facts}>
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
      <Facts class="trace-pairs mono" of={headers} />
    </Details>
  );
}

const spanKinds = ['unknown', 'internal', 'server', 'client', 'producer', 'consumer'];

function SpanDetails({ span, trace }: { readonly span: TraceSpan; readonly trace: Trace }) {
  const statements = trace.spans.filter((one) => isStatement(one) && one.parentSpanId === span.spanId);
  const attributes = Object.entries(span.attributes).map(([name, value]) => [name, String(value)]);
  const facts = {
    Service: span.service,
    Kind: spanKinds[span.kind] ?? 'unknown',
    Duration: length(span.durationMs),
    Begun: new Date(span.startMs).toISOString(),
    Trace: mono(span.traceId),
    Span: mono(span.spanId),
  };
  return (
    <Details title={span.name} kind={span.failed ? 'span that failed' : 'span'} facts={facts}>
      <h3>Attributes</h3>
      <Facts class="trace-pairs mono" of={Object.fromEntries(attributes)} />
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
    </Details>
  );
}
