import type { TraceContext } from './trace-context.ts';

/** An extension attribute of ours, beside those of CloudEvents. */
export const streamVersionHeader = 'ce_streamversion';

/**
 * CloudEvents 1.0, Kafka binary content mode: the attributes travel as record headers `ce_*`, the data is the record's JSON value.
 * Every message of the platform carries these.
 */
export interface CloudEventAttributes extends TraceContext {
  /** UUIDv7: its time is part of the inbox's key. */
  readonly id: string;
  /** Who wrote it: `/millrace/order`. */
  readonly source: string;
  /** The message's type: `OrderCreated`. */
  readonly type: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  /** The message key. */
  readonly subject: string;
  /** `/schemas/TOPIC/TYPE/VERSION`. */
  readonly dataSchema: string;
  /** The order's story: the same through every message that one request caused. */
  readonly correlationId: string;
  /** Id of the message or request that caused this one. A reply carries its command's id here. */
  readonly causationId: string;
  /** To which version the event brought its stream at its source: what a reader of the message waits for. Absent in older messages, and in commands. */
  readonly streamVersion?: number;
}
