import type { ParsedSchema } from './schema.ts';

export const compatibilityLevels = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const;

/**
 * Which schemas must read which data: with BACKWARD the new schema that of the last one, with
 * FORWARD the last one that of the new one, with FULL both; with TRANSITIVE, of all before.
 */
export type CompatibilityLevel = (typeof compatibilityLevels)[number];

/** A schema of the subject, with its version. */
export interface EarlierSchema {
  readonly version: number;
  readonly schema: ParsedSchema;
}

/** Why the next schema does not fit the earlier ones, oldest first. An empty list means that it does. */
export function incompatibilities(
  level: CompatibilityLevel,
  next: ParsedSchema,
  earlier: readonly EarlierSchema[],
): readonly string[] {
  if (level === 'NONE') return [];
  const compared = level.endsWith('_TRANSITIVE') ? earlier.toReversed() : earlier.slice(-1);
  for (const { version, schema } of compared) {
    const found = [
      ...(level.startsWith('FORWARD') ? [] : next.cannotRead(schema, 'new')),
      ...(level.startsWith('BACKWARD') ? [] : schema.cannotRead(next, 'old')),
    ];
    if (found.length > 0)
      return [
        ...found,
        `{oldSchemaVersion: ${version}}`,
        `{oldSchema: '${schema.text}'}`,
        `{compatibility: '${level}'}`,
      ];
  }
  return [];
}
