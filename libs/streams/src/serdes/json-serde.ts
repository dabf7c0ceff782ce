import type { Serde } from './serde.ts';
import { SerdeError } from './serde-error.ts';
import { decodeText, encodeText } from './text-serdes.ts';

/** Checks what was parsed, and throws if it is not a `T`. A zod schema is one. */
export interface JsonSchema<T> {
  parse(value: unknown): T;
}

/**
 * JSON as UTF-8. With a schema, values that are read are checked by it. Without one, the type is
 * the caller's promise. The text `null` is no value.
 */
export function json<T>(schema?: JsonSchema<T>): Serde<T> {
  return Object.freeze({
    encode(value: T, topic: string) {
      const text = attempt(topic, 'the value is not JSON', () => JSON.stringify(value));
      if (text === undefined) throw new SerdeError('json', topic, `JSON has no ${typeof value}`);
      return encodeText(text);
    },
    decode(bytes: Uint8Array, topic: string) {
      const parsed: unknown = attempt(topic, 'the bytes are not JSON', () => JSON.parse(decodeText(bytes)));
      if (schema === undefined || parsed === null) return parsed as T | null;
      return attempt(topic, 'the schema refuses the value', () => schema.parse(parsed));
    },
  });
}

function attempt<Result>(topic: string, problem: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SerdeError('json', topic, `${problem}: ${why}`, { cause });
  }
}
