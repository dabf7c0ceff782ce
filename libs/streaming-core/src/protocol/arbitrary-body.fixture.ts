import { fc } from '@millrace/testing/random';
import { zeroUuid } from './schema.ts';
import { type Field, type Fields, type Shape, includes } from './codec.ts';

type Body = Record<string, unknown>;

/** Large enough for the writer to pass on without copying. */
const large = new Uint8Array(5_000).fill(7);

/**
 * Generates bodies of a struct in one version. Fields that the version lacks have their default, as
 * after decoding.
 */
export function arbitraryBody(fields: Fields, version: number): fc.Arbitrary<Body> {
  return fc.record(
    Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, arbitraryField(field, version)])),
  );
}

function arbitraryField(field: Field, version: number): fc.Arbitrary<unknown> {
  if (!includes(field.versions, version)) return fc.constant(field.absent);
  const value = arbitraryShape(field.shape, version);
  return includes(field.nullable, version) ? fc.option(value, { nil: null }) : value;
}

function arbitraryShape(shape: Shape, version: number): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case 'bool':
      return fc.boolean();
    case 'int8':
      return fc.integer({ min: -128, max: 127 });
    case 'int16':
      return fc.integer({ min: -32_768, max: 32_767 });
    case 'int32':
      return fc.integer();
    case 'int64':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case 'float64':
      return fc.double({ noNaN: true });
    case 'uuid':
      return fc.oneof(fc.uuid(), fc.constant(zeroUuid));
    case 'string':
      return fc.string({ unit: 'grapheme', maxLength: 10 });
    case 'bytes':
      return fc
        .oneof(
          { weight: 9, arbitrary: fc.uint8Array({ maxLength: 20 }) },
          { weight: 1, arbitrary: fc.constant(large) },
        )
        .map((bytes) => Buffer.from(bytes));
    case 'array':
      return fc.array(arbitraryShape(shape.item, version), { maxLength: 2 });
    case 'object':
      return arbitraryBody(shape.fields, version);
  }
}
