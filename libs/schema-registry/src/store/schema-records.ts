import { z } from 'zod';
import type { SchemaReference } from '../schema-types.ts';

/*
 * The records of the topic `_schemas`, as Confluent's registry writes them: the key is a JSON object
 * whose text, with its order of fields, decides what compaction keeps.
 */

/** The place of a version. */
export interface SubjectVersion {
  readonly subject: string;
  readonly version: number;
}

/** A version of a subject. */
export interface SchemaVersion extends SubjectVersion {
  readonly id: number;
  readonly schema: string;
  /** The type of the schema, which is absent for Avro. */
  readonly schemaType?: string | undefined;
  readonly references?: readonly SchemaReference[] | undefined;
  readonly deleted: boolean;
}

/** A record without its topic. A null value deletes the thing that the key names. */
export interface SchemaRecord {
  readonly key: string;
  readonly value: string | null;
}

const schemaKey = (subject: string, version: number): string =>
  JSON.stringify({ keytype: 'SCHEMA', subject, version, magic: 1 });

export const schemaRecord = (version: SchemaVersion): SchemaRecord => {
  const { subject, version: number, id, schemaType, references = [], schema, deleted } = version;
  return {
    key: schemaKey(subject, number),
    value: JSON.stringify({
      subject,
      version: number,
      id,
      ...(schemaType !== undefined && schemaType !== 'AVRO' && { schemaType }),
      ...(references.length > 0 && { references }),
      schema,
      deleted,
    }),
  };
};

export const deletedSchema = ({ subject, version }: SubjectVersion): SchemaRecord => ({
  key: schemaKey(subject, version),
  value: null,
});

/** Marks all versions up to this one as deleted. */
export const deletedSubject = (subject: string, version: number): SchemaRecord => ({
  key: JSON.stringify({ keytype: 'DELETE_SUBJECT', subject, magic: 0 }),
  value: JSON.stringify({ subject, version }),
});

/**
 * Sets a compatibility level. Without a subject it applies to all of them, and a level of null removes the
 * setting.
 */
export const configRecord = (subject: string | null, level: string | null): SchemaRecord => ({
  key: JSON.stringify({ keytype: 'CONFIG', subject, magic: 0 }),
  value: level === null ? null : JSON.stringify({ compatibilityLevel: level }),
});

export const modeRecord = (subject: string | null, mode: string | null): SchemaRecord => ({
  key: JSON.stringify({ keytype: 'MODE', subject, magic: 0 }),
  value: mode === null ? null : JSON.stringify({ mode }),
});

/**
 * Keeps the highest id that was ever given. Confluent's registry skips the record because of its type. The
 * order of the fields in the key differs from that of Confluent's own records, so that theirs do not replace it.
 */
export const idMaxRecord = (idMax: number): SchemaRecord => ({
  key: JSON.stringify({ magic: 0, keytype: 'NOOP' }),
  value: JSON.stringify({ idMax }),
});

const subject = z.string();
const ofSubject = z.string().nullable();

const key = z.discriminatedUnion('keytype', [
  z.object({ keytype: z.literal('SCHEMA'), subject, version: z.int() }),
  z.object({ keytype: z.literal('CONFIG'), subject: ofSubject }),
  z.object({ keytype: z.literal('MODE'), subject: ofSubject }),
  z.object({ keytype: z.literal('DELETE_SUBJECT'), subject }),
  // Without a subject it follows the removal of all versions, one by one.
  z.object({ keytype: z.literal('CLEAR_SUBJECT'), subject: subject.nullish() }),
  z.object({ keytype: z.literal('NOOP') }),
  z.object({ keytype: z.literal('CONTEXT') }),
  z.object({ keytype: z.literal('ASSOC') }),
]);
export type RecordKey = z.infer<typeof key>;

const schemaValue = z.object({
  subject,
  version: z.int(),
  id: z.int(),
  schema: z.string(),
  schemaType: z
    .string()
    .nullish()
    .transform((type) => type ?? undefined),
  references: z
    .array(z.object({ name: z.string(), subject: z.string(), version: z.int() }))
    .nullish()
    .transform((references) => references ?? undefined),
  deleted: z.boolean().default(false),
});
const deletedValue = z.object({ subject, version: z.int() });
const configValue = z.object({ compatibilityLevel: z.string().nullish() });
const noopValue = z.object({ idMax: z.int().default(0) });
const modeValue = z.object({ mode: z.string() });

const ofKey = <Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> =>
  schema.parse(JSON.parse(text));

export const readKey = (text: string): RecordKey => ofKey(key, text);
export const readSchemaValue = (text: string): SchemaVersion => ofKey(schemaValue, text);
export const readDeletedValue = (text: string) => ofKey(deletedValue, text);
export const readConfigValue = (text: string) => ofKey(configValue, text).compatibilityLevel ?? undefined;
export const readModeValue = (text: string): string => ofKey(modeValue, text).mode;
export const readIdMax = (text: string): number => ofKey(noopValue, text).idMax;
