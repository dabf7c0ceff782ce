import {
  isUuidV7,
  streamVersionHeader,
  traceContextOf,
  type CloudEventAttributes,
  type Message,
} from '../../contract/index.ts';
import type { ConsumedRecord } from '../../client/index.ts';
import { ConsumerError } from './consumer-error.ts';
import type { HandlerTable } from './handler-table.ts';
import type { MessageContext, MessageHandler } from './types.ts';

/**
 * The source is part of the inbox's primary key, and an index entry of PostgreSQL holds about 2,700
 * bytes.
 */
const sourceBytesMax = 1_000;

export type ContextOfMessage = Omit<MessageContext, 'transaction'>;

/** A record and what the consumer does with it. */
export type Decoded =
  | {
      readonly kind: 'handle';
      readonly record: ConsumedRecord;
      readonly handler: MessageHandler;
      readonly message: Message;
      readonly context: ContextOfMessage;
    }
  | { readonly kind: 'skip'; readonly record: ConsumedRecord }
  | {
      readonly kind: 'dead';
      readonly record: ConsumedRecord;
      readonly error: Error;
      readonly attempts: number;
    };

/** Never throws. A record that is not a valid message is returned as dead, with the reason. */
export function decode(record: ConsumedRecord, handlers: HandlerTable): Decoded {
  try {
    const attributes = attributesOf(record);
    const handler = handlers.find(record.topic, attributes.type);
    if (handler !== undefined)
      return { kind: 'handle', record, handler, ...messageOf(record, attributes, handler) };
    if (!handlers.isCommandTopic(record.topic)) return { kind: 'skip', record };
    throw malformed(`no handler for the command ${attributes.type}`);
  } catch (error) {
    return {
      kind: 'dead',
      record,
      error: error instanceof Error ? error : malformed(String(error)),
      attempts: 1,
    };
  }
}

function attributesOf({ headers, key, timestampMs }: ConsumedRecord): CloudEventAttributes {
  const specVersion = required(headers, 'ce_specversion');
  if (specVersion !== '1.0') throw malformed(`ce_specversion is "${specVersion}", not 1.0`);
  const id = required(headers, 'ce_id');
  if (!isUuidV7(id)) throw malformed(`ce_id "${id}" is not a UUIDv7`);
  const time = headers.get('ce_time') ?? new Date(timestampMs).toISOString();
  if (Number.isNaN(Date.parse(time))) throw malformed(`ce_time "${time}" is not a time`);
  return {
    id,
    source: sourceOf(headers),
    type: required(headers, 'ce_type'),
    time,
    subject: headers.get('ce_subject') ?? key?.toString() ?? '',
    dataSchema: headers.get('ce_dataschema') ?? '',
    correlationId: headers.get('ce_correlationid') ?? id,
    causationId: headers.get('ce_causationid') ?? id,
    ...traceContextOf({ traceparent: headers.get('traceparent'), tracestate: headers.get('tracestate') }),
    ...streamVersionOf(headers),
  };
}

function sourceOf(headers: ReadonlyMap<string, string>): string {
  const source = required(headers, 'ce_source');
  const bytes = Buffer.byteLength(source);
  if (bytes > sourceBytesMax) throw malformed(`ce_source has ${bytes} bytes, more than ${sourceBytesMax}`);
  return source;
}

function streamVersionOf(headers: ReadonlyMap<string, string>): Pick<CloudEventAttributes, 'streamVersion'> {
  const text = headers.get(streamVersionHeader);
  if (text === undefined) return {};
  if (!/^[1-9]\d{0,14}$/.test(text)) throw malformed(`${streamVersionHeader} "${text}" is not a version`);
  return { streamVersion: Number(text) };
}

function messageOf(record: ConsumedRecord, attributes: CloudEventAttributes, handler: MessageHandler) {
  const { topic, partition, offset } = record;
  if (record.key === null) throw malformed('the record has no key');
  const result = handler.message.schema.safeParse(jsonOf(record));
  if (!result.success)
    throw malformed(
      result.error.issues
        .map((issue) => `${issue.path.join('.') || 'the message'}: ${issue.message}`)
        .join('; '),
    );
  const context: ContextOfMessage = { ...attributes, topic, partition, offset, key: record.key.toString() };
  return { message: result.data, context };
}

function jsonOf({ value }: ConsumedRecord): unknown {
  if (value === null) throw malformed('the record has no value');
  try {
    return JSON.parse(value.toString());
  } catch (cause) {
    throw malformed('the value is not JSON', cause);
  }
}

/** PostgreSQL does not store a NUL in text. */
function required(headers: ReadonlyMap<string, string>, name: string): string {
  const value = headers.get(name);
  if (value === undefined || value === '' || value.includes('\0'))
    throw malformed(`the header ${name} is missing or empty`);
  return value;
}

const malformed = (why: string, cause?: unknown) => new ConsumerError('malformed', why, { cause });
