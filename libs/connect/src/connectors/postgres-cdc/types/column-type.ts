import { ConnectError } from '../../../plugin/connect-error.ts';
import type { ConnectSchema } from '../../../record/connect-schema.ts';

/** How the text of a column becomes a value with a schema. */
export interface ColumnType {
  /** The schema of a column that is NOT NULL. */
  readonly schema: ConnectSchema;
  readonly parse: (text: string) => unknown;
  /** The value of a NOT NULL column that PostgreSQL does not send. */
  readonly zero: unknown;
}

/**
 * Makes the value that Debezium uses for a large value which PostgreSQL did not send. Throws for a type that
 * cannot hold the text.
 */
export function unavailableValue({ schema }: ColumnType, placeholder: string, column: string): unknown {
  if (schema.type === 'string') return placeholder;
  if (schema.type === 'bytes') return Buffer.from(placeholder);
  if (schema.type === 'array' && schema.items.type === 'string') return [placeholder];
  if (schema.type === 'array' && /^(int32|float)/.test(schema.items.type))
    return [...Buffer.from(placeholder)];
  if (schema.type === 'array' && schema.items.type === 'int64')
    return [...Buffer.from(placeholder)].map((byte) => BigInt(byte));
  throw new ConnectError(
    `column ${column} was not changed and is too large to be sent again, and its type has no value that says so: ` +
      'set REPLICA IDENTITY FULL on its table, or leave it out with column.exclude.list',
  );
}
