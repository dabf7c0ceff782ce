import type { Message, PersonalFields } from '../contract/index.ts';
import type { KeyName, LoadedKeys } from './personal-data.ts';
import { isErased, isSealed, sealedValue, type SealedValue } from './sealed-value.ts';

/** Binds a sealed field to its message. PostgreSQL returns ids in lower case. */
const fieldContext = (messageId: string, field: string): string =>
  `message ${messageId.toLowerCase()} ${field}`;

/**
 * The key that seals a message's personal fields. Undefined if none of them is there. Throws a
 * `TypeError` if the message does not say whose data they are.
 */
export function keyOfFields(
  { holder, subject, fields }: PersonalFields,
  message: Message,
): KeyName | undefined {
  if (!fields.some((field) => message[field] !== undefined)) return undefined;
  const named = message[subject];
  if (typeof named !== 'string' || named === '')
    throw new TypeError(
      `${message.type} has personal data, but its field ${subject} does not say whose: set it to a pseudonym`,
    );
  return { holder, subject: named };
}

/**
 * Returns the message as it is stored, with its personal fields sealed. Without any sealed field,
 * because sealing is off, it lacks a subject that is optional, as messages of the release before do:
 * its readers would refuse a field that they do not know.
 */
export function sealFields(
  keys: LoadedKeys,
  key: KeyName,
  { fields, subject, subjectIsOptional }: PersonalFields,
  id: string,
  message: Message,
): Message {
  const stored: Record<string, unknown> = { ...message };
  for (const field of fields)
    if (message[field] !== undefined) stored[field] = keys.seal(key, fieldContext(id, field), message[field]);
  if (subjectIsOptional === true && !Object.values(stored).some(isSealed)) delete stored[subject];
  return stored as Message;
}

/** The sealed fields of a message from the log. Messages of earlier releases have none. */
export type SealedFields = ReadonlyMap<string, SealedValue>;

/** Undefined if no field is sealed. */
export function sealedFieldsOf({ fields }: PersonalFields, json: unknown): SealedFields | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const values = json as Readonly<Record<string, unknown>>;
  const sealed = new Map<string, SealedValue>();
  for (const field of fields) {
    const result = isSealed(values[field]) ? sealedValue.safeParse(values[field]) : undefined;
    if (result?.success === true) sealed.set(field, result.data);
  }
  return sealed.size === 0 ? undefined : sealed;
}

/** The keys that open the fields. */
export const keysOfSealed = (holder: string, sealed: SealedFields): readonly KeyName[] =>
  [...sealed.values()].map(({ subject }) => ({ holder, subject }));

/**
 * Returns the message with its fields opened, or undefined if one of them was erased. Throws as
 * `LoadedKeys.open` does.
 */
export function openFields(
  keys: LoadedKeys,
  holder: string,
  id: string,
  json: object,
  sealed: SealedFields,
): object | undefined {
  const opened: Record<string, unknown> = {};
  for (const [field, value] of sealed) {
    opened[field] = keys.open(holder, fieldContext(id, field), value);
    if (isErased(opened[field])) return undefined;
  }
  return { ...json, ...opened };
}
