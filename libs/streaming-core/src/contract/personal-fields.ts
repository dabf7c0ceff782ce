import { z } from 'zod';

/** Says whose key seals the personal data of a topic's messages. */
export interface PersonalOptions {
  /** The service that reads the messages. It holds the keys. */
  readonly holder: string;
  /** The payload field with a pseudonym of the person, the data subject. It stays in plain text. */
  readonly subject: string;
}

/** The fields of a message type that hold personal data. */
export interface PersonalFields extends PersonalOptions {
  readonly fields: readonly string[];
  /** True if messages of earlier releases lack the subject's field. */
  readonly subjectIsOptional?: true;
}

/**
 * Marks a schema as personal data. A field of a message that contains the schema is sealed as a
 * whole wherever the message is stored, and its readers get it opened.
 */
export const personal = <Schema extends z.ZodType>(schema: Schema): Schema =>
  schema.meta({ ...schema.meta(), personal: true });

/**
 * Finds the marked fields of a message type. Throws a `TypeError` if they could not be sealed, or if
 * the topic's key is one of them.
 */
export function personalFieldsOf(
  name: string,
  payload: z.ZodObject,
  key: string,
  options: PersonalOptions | undefined,
): PersonalFields | undefined {
  const fields = Object.keys(payload.shape).filter((field) => containsPersonal(payload.shape[field]));
  if (fields.length === 0) return undefined;
  const named = `${name} marks ${fields.join(', ')} as personal`;
  if (options === undefined)
    throw new TypeError(`${named}, but its topic does not say whose key seals it: add the option personal`);
  if (!(options.subject in payload.shape))
    throw new TypeError(`${named}, but lacks the field ${options.subject}, which names the data subject`);
  for (const plain of [key, options.subject])
    if (fields.includes(plain))
      throw new TypeError(`${named}, but ${plain} is sent in plain text: it must be a pseudonym`);
  const subjectIsOptional = payload.shape[options.subject] instanceof z.ZodOptional;
  return Object.freeze({
    ...options,
    fields: Object.freeze(fields),
    ...(subjectIsOptional && { subjectIsOptional }),
  });
}

/** Looks into optional fields, objects, arrays, unions and every other schema within. */
function containsPersonal(schema: unknown, seen = new Set<unknown>()): boolean {
  if (!(schema instanceof z.ZodType) || seen.has(schema)) return false;
  seen.add(schema);
  return schema.meta()?.personal === true || innerOf(schema).some((inner) => containsPersonal(inner, seen));
}

/** Zod keeps inner schemas as values of the definition, alone, in lists or by name. */
const innerOf = (schema: z.ZodType): readonly unknown[] =>
  schema instanceof z.ZodLazy
    ? [schema.unwrap()]
    : Object.values(schema.def).flatMap((value: unknown) =>
        typeof value !== 'object' || value === null || value instanceof z.ZodType
          ? [value]
          : Object.values(value),
      );
