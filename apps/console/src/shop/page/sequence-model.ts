import type { Trace, TraceEvent, TraceMessage } from '../../api/trace.ts';
import { choreographyCaption } from './choreography/caption.ts';

/** An event or a message, as a row of the sequence diagram. */
export type Row =
  | {
      readonly kind: 'event';
      readonly key: string;
      readonly at: number;
      readonly service: string;
      readonly event: TraceEvent;
    }
  | {
      readonly kind: 'message';
      readonly key: string;
      readonly at: number;
      /** The service that has sent it. */
      readonly from: string;
      /** The services that have acted on it. */
      readonly to: readonly string[];
      readonly isCommand: boolean;
      readonly message: TraceMessage;
    };

/** What a service notes about the progress of an order is shown below the diagram and not in it. */
const streamsOfProgress = ['saga-', 'choreography-'];
const isOfProgress = ({ stream }: TraceEvent): boolean =>
  streamsOfProgress.some((prefix) => stream.startsWith(prefix));

/**
 * Orders events and messages by time. Those that were recorded together keep the order of the
 * decision: event, then message.
 */
export function rowsOf({ events, messages }: Pick<Trace, 'events' | 'messages'>): readonly Row[] {
  const causedBy = Map.groupBy(events, ({ causationId }) => causationId);
  const seen = new Set<string>();
  const rows: Row[] = events
    .filter((event) => !isOfProgress(event))
    .map((event) => ({
      kind: 'event',
      key: event.id,
      at: Date.parse(event.recordedAt),
      service: event.service,
      event,
    }));
  for (const message of messages) {
    if (seen.has(message.id)) continue; // sent again, with the same id
    seen.add(message.id);
    const from = sourceOf(message);
    const reactions = (causedBy.get(message.id) ?? []).map(({ service }) => service);
    rows.push({
      kind: 'message',
      key: message.id,
      at: Date.parse(message.recordedAt ?? message.writtenAt),
      from,
      to: [...new Set(reactions)],
      isCommand: message.topic.endsWith('-commands'),
      message,
    });
  }
  return rows.sort((one, other) => one.at - other.at || rankOf(one) - rankOf(other));
}

const rankOf = ({ kind }: Row): number => (kind === 'event' ? 0 : 1);

/** The last part of the CloudEvents attribute `source` is the service. */
const sourceOf = ({ headers }: TraceMessage): string => (headers['ce_source'] ?? '').split('/').at(-1) ?? '';

/** The services of the rows in the order of the system, followed by others. */
export function lifelinesOf(rows: readonly Row[], services: readonly string[]): readonly string[] {
  const named = new Set(
    rows.flatMap((row) => (row.kind === 'event' ? [row.service] : [row.from, ...row.to])),
  );
  return [
    ...services.filter((service) => named.has(service)),
    ...[...named].filter((name) => !services.includes(name)),
  ];
}

/** What a row shows about the architecture, and the file with the code. */
export interface Caption {
  readonly text: string;
  readonly file: string;
}

export function captionOf(row: Row): Caption {
  if (row.kind === 'event')
    return {
      text:
        `${row.service} has decided and recorded ${row.event.type}, version ${row.event.version} of its stream. The state ` +
        'of the stream is the fold of its events, and nothing else is stored as the truth (event sourcing).',
      file: `apps/${row.service}/src/domain`,
    };
  const ofStyle = captionsOfStyles
    .map((caption) => caption(row.message))
    .find((found) => found !== undefined);
  return ofStyle ?? captionOfMessage(row);
}

/** Explain the messages of one style of orders, and no others. */
const captionsOfStyles: ReadonlyArray<(message: TraceMessage) => Caption | undefined> = [choreographyCaption];

function captionOfMessage(row: Extract<Row, { kind: 'message' }>): Caption {
  const { type, topic } = row.message;
  if (row.isCommand)
    return {
      text:
        `A saga of ${row.from} asks for ${type}. The command was recorded in the outbox in the same transaction as the ` +
        `saga's decision, and the relay has published it on ${topic} (transactional outbox).`,
      file:
        row.from === 'order'
          ? 'apps/order/src/fulfillment/fulfillment.saga.ts'
          : `apps/${row.from}/src/messages.ts`,
    };
  return {
    text:
      `${row.from} tells everybody that reads ${topic}. The event is public: it says less than the private one, and ` +
      'those who handle it do so once, because their inbox remembers its id.',
    file: `apps/${row.from}/src/public-messages.ts`,
  };
}
