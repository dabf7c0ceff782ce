import type { CorrelatedEvent, Message } from '@millrace/operations/client';

/** An event of the correlation. The events of an answer are in the order of a drawn tree. */
export interface TraceEvent extends CorrelatedEvent {
  /** The lines of the drawn tree to its left. */
  readonly branch: string;
  /** The id of the event that caused it, if it is known. */
  readonly cause?: string;
  /** The topic and type of the message that led from there to here, if it is known. */
  readonly by?: string;
}

/** A message of the correlation as it is on its topic, with all of its headers. */
export interface TraceMessage extends Pick<Message, 'topic' | 'partition' | 'key' | 'headers' | 'value'> {
  readonly offset: string;
  /** The id in its CloudEvents attributes; a repeated message has the id of the first one. */
  readonly id: string;
  readonly type: string;
  /** The time at which it was recorded in the outbox, if known. */
  readonly recordedAt?: string;
  /** The time at which it was written to its topic. */
  readonly writtenAt: string;
  /** The id of the event that has sent it, if it is known. */
  readonly cause?: string;
  /** Whether the value was too long to be sent to the page. */
  readonly cut: boolean;
}

/** A span that a service has exported, reduced to the fields that are used here. */
export interface TraceSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Absent at the root. */
  readonly parentSpanId?: string;
  readonly service: string;
  readonly name: string;
  /** OTLP's numbers: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  /** Unix time in milliseconds, with fractions. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly failed: boolean;
  readonly attributes: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  readonly links: ReadonlyArray<Pick<TraceSpan, 'traceId' | 'spanId'>>;
}

/** The extent of the search for messages. */
export interface TraceScan {
  readonly records: number;
  readonly topics: number;
  /** The time span in which the records were written. */
  readonly from: string;
  readonly to: string;
  /** The reason why the scan ended early; null if it read everything. */
  readonly stopped: string | null;
}

/** Everything with one correlation id. */
export interface Trace {
  readonly events: readonly TraceEvent[];
  readonly messages: readonly TraceMessage[];
  /**
   * The spans of the traces that the messages name. Empty if services export no spans to the
   * console.
   */
  readonly spans: readonly TraceSpan[];
  /** Null while no event is known, since messages are searched only after that. */
  readonly scan: TraceScan | null;
  /** The reasons why something may be missing, one sentence each. */
  readonly gaps: readonly string[];
  /** The services that were asked. */
  readonly asked: readonly string[];
  /** The correlations of the stream with this name, if no event has it as its correlation. */
  readonly ofStream: readonly string[];
  /** Whether nothing has happened for so long that the trace is read only rarely. */
  readonly settled: boolean;
}
