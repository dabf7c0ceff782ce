import { messageTypes } from '@millrace/contracts';
import { z } from 'zod';

/** The JSON Schema of each message, by its topic and its type. */
export type MessageSchemas = Readonly<Record<string, object>>;

/** What says nothing about which messages are valid. */
const annotations = new Set(['$schema', 'examples', 'description', 'title']);

export const presentSchemas = (): MessageSchemas =>
  Object.fromEntries(
    messageTypes.map(({ topic, type, schema }) => [
      `${topic.name} ${type}`,
      withoutAnnotations(z.toJSONSchema(schema)) as object,
    ]),
  );

function withoutAnnotations(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(withoutAnnotations);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(
    Object.entries(json)
      .filter(
        ([name, value]) => !annotations.has(name) || (typeof value === 'object' && !Array.isArray(value)),
      )
      .map(([name, value]) => [name, withoutAnnotations(value)]),
  );
}
