import {
  isUuidV7,
  sagaHeader,
  streamVersionHeader,
  traceContextOf,
  type CloudEventAttributes,
  type Message,
} from '../../contract/index.ts';
import type { ConsumedRecord } from '../../client/index.ts';
import {
  sealedFieldsOf,
  type SealedFields,
  keysOfSealed,
  openFields,
  PersonalDataError,
  type LoadedKeys,
  type PersonalData,
} from '../../personal/index.ts';
import { ConsumerError, BlockedError } from './consumer-error.ts';
import type { HandlerTable, MessageContext, MessageHandler } from './message-handler.ts';

/**
 * The source is part of the inbox's primary key, and an index entry of PostgreSQL holds about 2,700
 * bytes.
 */
const sourceBytesMax = 1_000;

const sagaCharactersMax = 200;

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
  /** Its personal data was erased, so there is nothing left to handle. */
  | { readonly kind: 'erased'; readonly record: ConsumedRecord; readonly context: ContextOfMessage }
  | {
      readonly kind: 'dead';
      readonly record: ConsumedRecord;
      readonly error: Error;
      readonly attempts: number;
    };

/** A record with sealed personal data. Its message is validated once it is opened. */
interface SealedRecord {
  readonly kind: 'sealed';
  readonly record: ConsumedRecord;
  readonly handler: MessageHandler;
  readonly context: ContextOfMessage;
  readonly json: object;
  readonly holder: string;
  readonly fields: SealedFields;
}

/** Never throws. A record that is not a valid message is returned as dead, with the reason. */
export function decode(record: ConsumedRecord, handlers: HandlerTable): Decoded | SealedRecord {
  try {
    const attributes = attributesOf(record);
    const handler = handlers.find(record.topic, attributes);
    if (handler !== undefined) return messageOf(record, attributes, handler);
    if (!handlers.isCommandTopic(record.topic)) return { kind: 'skip', record };
    throw malformed(`no handler for the command ${attributes.type}`);
  } catch (error) {
    return dead(record, error);
  }
}

const dead = (record: ConsumedRecord, error: unknown): Decoded => ({
  kind: 'dead',
  record,
  error: error instanceof Error ? error : malformed(String(error)),
  attempts: 1,
});

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
    ...sagaOf(headers),
    ...streamVersionOf(headers),
  };
}

function sourceOf(headers: ReadonlyMap<string, string>): string {
  const source = required(headers, 'ce_source');
  const bytes = Buffer.byteLength(source);
  if (bytes > sourceBytesMax) throw malformed(`ce_source has ${bytes} bytes, more than ${sourceBytesMax}`);
  return source;
}

function sagaOf(headers: ReadonlyMap<string, string>): Pick<CloudEventAttributes, 'saga'> {
  const saga = headers.get(sagaHeader);
  if (saga === undefined) return {};
  if (saga === '' || saga.length > sagaCharactersMax || saga.includes('\0'))
    throw malformed(`${sagaHeader} must have 1 to ${sagaCharactersMax} characters, and no NUL`);
  return { saga };
}

function streamVersionOf(headers: ReadonlyMap<string, string>): Pick<CloudEventAttributes, 'streamVersion'> {
  const text = headers.get(streamVersionHeader);
  if (text === undefined) return {};
  if (!/^[1-9]\d{0,14}$/.test(text)) throw malformed(`${streamVersionHeader} "${text}" is not a version`);
  return { streamVersion: Number(text) };
}

function messageOf(
  record: ConsumedRecord,
  attributes: CloudEventAttributes,
  handler: MessageHandler,
): Decoded | SealedRecord {
  const { topic, partition, offset } = record;
  if (record.key === null) throw malformed('the record has no key');
  const json = jsonOf(record);
  const context: ContextOfMessage = { ...attributes, topic, partition, offset, key: record.key.toString() };
  const { personal } = handler.message;
  const fields = personal && sealedFieldsOf(personal, json);
  if (personal === undefined || fields === undefined)
    return { kind: 'handle', record, handler, message: validated(handler, json), context };
  return { kind: 'sealed', record, handler, context, json: json as object, holder: personal.holder, fields };
}

/** Throws a `ConsumerError` that names the fields, without their values. */
function validated({ message }: MessageHandler, json: unknown): Message {
  const result = message.schema.safeParse(json);
  if (result.success) return result.data;
  throw malformed(
    result.error.issues
      .map((issue) => `${issue.path.join('.') || 'the message'}: ${issue.message}`)
      .join('; '),
  );
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

export interface Decoding {
  readonly handlers: HandlerTable;
  /** Opens messages with personal data. Required if a handler's message can have some. */
  readonly personalData?: PersonalData;
}

/**
 * Decodes a batch and opens the personal fields of its messages, with one call for all keys. Rejects
 * while the database of the keys does not answer, because no message is at fault. A message whose
 * fields were erased is not handled. A message whose fields do not open becomes a dead letter. A
 * message whose key is lost fails in its handler and is parked, since a backup of the keys may still
 * have the key.
 */
export async function decodeAll(
  records: readonly ConsumedRecord[],
  { handlers, personalData }: Decoding,
): Promise<readonly Decoded[]> {
  const items = records.map((record) => decode(record, handlers));
  const sealed = items.filter((item) => item.kind === 'sealed');
  if (sealed.length === 0) return items.filter((item) => item.kind !== 'sealed');
  if (personalData === undefined)
    throw new BlockedError(
      'a message has sealed personal data, and this consumer has no keys: give it the option personalData',
    );
  const keys = await personalData.keysToOpen(
    sealed.flatMap(({ holder, fields }) => keysOfSealed(holder, fields)),
  );
  return items.map((item) => (item.kind === 'sealed' ? opened(item, keys) : item));
}

function opened(item: SealedRecord, keys: LoadedKeys): Decoded {
  const { record, handler, context, json, holder, fields } = item;
  try {
    const plain = openFields(keys, holder, context.id, json, fields);
    if (plain === undefined) return { kind: 'erased', record, context };
    return { kind: 'handle', record, handler, message: validated(handler, plain), context };
  } catch (error) {
    if (!(error instanceof PersonalDataError)) return dead(record, error);
    if (error.code === 'unreadable') return dead(record, malformed(error.message, error));
    if (error.code !== 'key_missing') throw error;
    const failing = { message: handler.message, handle: () => Promise.reject(error) };
    return { kind: 'handle', record, handler: failing, message: json as Message, context };
  }
}
