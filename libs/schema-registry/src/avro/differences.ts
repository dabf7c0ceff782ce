import type { Age } from '../schema-types.ts';
import type { AvroSchema } from './avro-schema.ts';
import { readable, type Incompatibility } from './readable.ts';

/**
 * Returns the differences that keep the reader's schema from reading the writer's data, in the words of
 * Confluent's registry.
 */
export const avroDifferences = (reader: AvroSchema, writer: AvroSchema, age: Age): readonly string[] =>
  readable(reader, writer).map((found) => {
    const { type, message } = found;
    const description = describe(found, age, age === 'new' ? 'old' : 'new');
    return `{errorType:'${type}', description:'${description}', additionalInfo:'${message}'}`;
  });

function describe({ type, location, message }: Incompatibility, own: Age, other: Age): string {
  switch (type) {
    case 'NAME_MISMATCH':
      return `The name of the schema has changed (path '${location}')`;
    case 'FIXED_SIZE_MISMATCH':
      return `The size of FIXED type field at path '${location}' in the ${own} schema does not match with the ${other} schema`;
    case 'MISSING_ENUM_SYMBOLS':
      return `The ${own} schema is missing enum symbols '${message}' at path '${location}' in the ${other} schema`;
    case 'READER_FIELD_MISSING_DEFAULT_VALUE':
      return `The field '${message}' at path '${location}' in the ${own} schema has no default value and is missing in the ${other} schema`;
    case 'TYPE_MISMATCH':
      return `The type (path '${location}') of a field in the ${own} schema does not match with the ${other} schema`;
    case 'MISSING_UNION_BRANCH':
      return `The ${own} schema is missing a type inside a union field at path '${location}' in the ${other} schema`;
  }
}
