import avro, { type Schema, type Type } from 'avsc';

export interface AvroTypeOptions {
  /** Whether a `long` is a bigint. By default it is a number, and one beyond 2^53 is refused. */
  readonly bigints?: boolean;
  /**
   * Wraps every non-null value of a union as `{ TYPE: value }`. By default only ambiguous ones.
   */
  readonly namedBranches?: boolean;
}

/** The binary encoding of a schema, which must have every type that it uses. */
export const avroType = (
  text: string,
  { bigints = false, namedBranches = false }: AvroTypeOptions = {},
): Type =>
  avro.Type.forSchema(JSON.parse(text) as Schema, {
    typeHook(schema, options) {
      if (bigints && isLong(schema)) return longAsBigint;
      if (typeof schema === 'object' && 'type' in schema) {
        if (schema.type === 'map') return mapOfAnyKeys(schema, options);
        if (schema.type === 'record') checkFieldNames(schema);
      }
      return namedBranches && isOtherUnion(schema)
        ? new avro.types.WrappedUnionType(schema, options)
        : undefined;
    },
  });

/** Throws an error that names the first part of the value that the schema does not allow. */
export function encoded(type: Type, value: unknown): Buffer {
  try {
    return type.toBuffer(value);
  } catch (cause) {
    throw new Error(wrongPart(type, value) ?? (cause as Error).message, { cause });
  }
}

/** Also with properties, such as those of a logical type. */
const isLong = (schema: Schema): boolean =>
  schema === 'long' || (typeof schema === 'object' && 'type' in schema && schema.type === 'long');

const isOtherUnion = (schema: Schema): boolean =>
  Array.isArray(schema) && !(schema.length === 2 && schema.includes('null'));

/** What avsc reads from. Its types leave out `_read`. */
interface Tap {
  readLong(): number;
  skipLong(): void;
  readString(): string;
}
interface MapReading {
  readonly valuesType: { _read(tap: Tap): unknown };
}

/** A map that keeps an entry with the key `__proto__`. The map of avsc would lose it. */
const mapOfAnyKeys = (schema: Schema, options: unknown): Type =>
  Object.create(new avro.types.MapType(schema, options), { _read: { value: readMap } }) as Type;

/** A type or, for data of another schema, the resolver that avsc makes of it, reads with this function. */
function readMap(this: MapReading, tap: Tap): unknown {
  const map: Record<string, unknown> = {};
  for (let count = tap.readLong(); count !== 0; count = tap.readLong()) {
    if (count < 0) tap.skipLong();
    for (let left = Math.abs(count); left > 0; left -= 1) {
      const key = tap.readString();
      const value = this.valuesType._read(tap);
      if (key === '__proto__')
        Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true });
      else map[key] = value;
    }
  }
  return map;
}

function checkFieldNames({ name, fields = [] }: { readonly name?: string; readonly fields?: unknown }): void {
  if ((fields as readonly { readonly name: string }[]).some((field) => field.name === '__proto__'))
    throw new Error(
      `the record ${name} has a field __proto__, which cannot be read here: give the field another name`,
    );
}

const longAsBigint = avro.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer(value: bigint) {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(value);
    return buffer;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
  compare: (left: bigint, right: bigint) => Number(left > right) - Number(left < right),
});

function wrongPart(type: Type, value: unknown): string | undefined {
  let wrong: string | undefined;
  type.isValid(value, {
    errorHook: (path: readonly string[], part: unknown, expected: Type) => {
      wrong ??= `${path.join('.') || 'the value'} must be ${nameOf(expected)}, not ${shown(part)}`;
    },
  });
  return wrong;
}

const nameOf = (type: Type): string =>
  'name' in type && typeof type.name === 'string' ? type.name : type.typeName;

function shown(value: unknown): string {
  const text = typeof value === 'bigint' ? `${value}n` : (JSON.stringify(value) ?? String(value));
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}
