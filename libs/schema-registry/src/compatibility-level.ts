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
 * Decides which schemas must be able to read which data. With BACKWARD, the new schema reads data of the last
 * one. With FORWARD, the last schema reads data of the new one. FULL asks for both. With TRANSITIVE, the rule
 * covers all earlier schemas and not only the last one.
 */
export type CompatibilityLevel = (typeof compatibilityLevels)[number];

/** A schema of the subject, with its version. */
export interface EarlierSchema {
  readonly version: number;
  readonly schema: ParsedSchema;
}

/**
 * Returns the reasons why the next schema does not fit the earlier ones, which are sorted oldest first. If
 * the list is empty, it fits.
 */
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
