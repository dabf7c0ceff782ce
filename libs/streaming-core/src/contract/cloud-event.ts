import type { TraceContext } from './trace-context.ts';

const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** Whether a text is a UUID of version 7 (RFC 9562), in upper or lower case. */
export const isUuidV7 = (id: string): boolean => uuidV7.test(id);

/** Unix time in milliseconds: the first 48 bits. Source: RFC 9562, 5.7. */
export const uuidV7TimeMs = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

/** The extension attributes of Millrace. The other attributes are those of CloudEvents. */
export const streamVersionHeader = 'ce_streamversion';
/**
 * The header with the definition and the id of the saga that a command belongs to. A participant
 * copies it into its reply.
 */
export const sagaHeader = 'ce_saga';

/**
 * The attributes of every message on the platform. CloudEvents 1.0, Kafka binary content mode: the
 * attributes travel as record headers `ce_*`, and the data is the record's JSON value.
 */
export interface CloudEventAttributes extends TraceContext {
  /** UUIDv7. The time in it is part of the inbox's key. */
  readonly id: string;
  /** The service that wrote the message, such as `/millrace/order`. */
  readonly source: string;
  /** The message's type, such as `OrderCreated`. */
  readonly type: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  /** The message key. */
  readonly subject: string;
  /** `/schemas/TOPIC/TYPE/VERSION`. */
  readonly dataSchema: string;
  /** The same in every message that one request caused. */
  readonly correlationId: string;
  /** Id of the message or request that caused this one. A reply has its command's id here. */
  readonly causationId: string;
  /**
   * The name of the saga whose command this is, or whose command led to this message. A reply has
   * that of its command. Messages that no saga asked for do not have it, nor do those of earlier
   * releases.
   */
  readonly saga?: string;
  /**
   * The version that the event gave its stream in the service that wrote it. A reader can wait
   * until it sees that version. Commands and older messages do not have it.
   */
  readonly streamVersion?: number;
}
