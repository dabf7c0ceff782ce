import { type WireReader, MalformedRequest } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

/** The type of a field on the wire. `records` are byte fields that contain record batches. */
export type Shape =
  | { readonly kind: 'bool' | 'int8' | 'int16' | 'int32' | 'int64' | 'float64' | 'uuid' | 'string' | 'bytes' }
  | { readonly kind: 'array'; readonly item: Shape }
  | { readonly kind: 'object'; readonly fields: Fields };

/** Carries the types of a field for `Infer` and `Given`; it has no value at runtime. */
export declare const types: unique symbol;

export interface Field<Out = unknown, In = Out, Optional extends boolean = boolean> {
  readonly shape: Shape;
  readonly versions: VersionRange;
  /** The versions in which the field may be null. */
  readonly nullable: VersionRange;
  /**
   * If set, the field is in the tag section of its struct, and is left out when it has its default.
   */
  readonly tag: number | undefined;
  /** The value of the field when the version or the tag section lacks it. */
  readonly absent: unknown;
  readonly [types]?: { readonly out: Out; readonly in: In; readonly optional: Optional };
}

export type Fields = Readonly<Record<string, Field>>;

/** A range of API versions, both ends included; `none` is empty. */
export interface VersionRange {
  readonly min: number;
  readonly max: number;
}

/** Reads `0-9`, `6+`, `3` or `none`. */
export function versions(text: string): VersionRange {
  if (text === 'none') return { min: 1, max: 0 };
  const match = /^(\d+)(?:(\+)|-(\d+))?$/.exec(text);
  if (match === null) throw new TypeError(`not a version range: ${text}`);
  const min = Number(match[1]);
  if (match[2] === '+') return { min, max: Number.POSITIVE_INFINITY };
  return { min, max: match[3] === undefined ? min : Number(match[3]) };
}

export const includes = (range: VersionRange, version: number): boolean =>
  version >= range.min && version <= range.max;

/**
 * Reads and writes one type in one version. Codecs are compiled once per schema and version, so
 * that the schema is not consulted for each request.
 */
export interface Codec<Out = unknown, In = Out> {
  read(reader: WireReader): Out;
  write(writer: WireWriter, value: In): void;
  /** The fewest bytes that a value takes. An announced array count is checked against it. */
  readonly bytesMin: number;
}

interface Wire {
  readonly version: number;
  readonly flexible: boolean;
}

interface NamedCodec {
  readonly name: string;
  readonly field: Field;
  readonly codec: Codec;
}

type Body = Record<string, unknown>;

/** The codec of a struct's fields in one version. */
export function compile(fields: Fields, version: number, flexible: boolean): Codec {
  return objectCodec(fields, { version, flexible });
}

function objectCodec(fields: Fields, wire: Wire): Codec {
  const all = Object.entries(fields).map(([name, field]) => ({
    name,
    field,
    codec: fieldCodec(field, wire),
  }));
  const present = all.filter(({ field }) => includes(field.versions, wire.version));
  const plain = present.filter(({ field }) => field.tag === undefined);
  const tagged = present
    .filter(({ field }) => field.tag !== undefined)
    .sort((a, b) => Number(a.field.tag) - Number(b.field.tag));
  const rest = all.filter((entry) => !plain.includes(entry));
  return {
    bytesMin: plain.reduce((sum, { codec }) => sum + codec.bytesMin, wire.flexible ? 1 : 0),
    read(reader) {
      const body: Body = {};
      for (const { name, codec } of plain) body[name] = codec.read(reader);
      for (const { name, field } of rest) body[name] = field.absent;
      if (wire.flexible) readTags(reader, tagged, body);
      return body;
    },
    write(writer, value) {
      const body = value as Body;
      for (const { name, field, codec } of plain)
        codec.write(writer, body[name] === undefined ? field.absent : body[name]);
      if (wire.flexible) writeTags(writer, tagged, body);
    },
  };
}

/**
 * Reads the tagged fields, which are in ascending order. Unknown tags are skipped and never
 * rejected (KIP-482).
 */
function readTags(reader: WireReader, tagged: readonly NamedCodec[], body: Body): void {
  let previous = -1;
  for (let left = reader.uvarint(); left > 0; left -= 1) {
    const tag = reader.uvarint();
    if (tag <= previous) throw new MalformedRequest(`tag ${tag} after tag ${previous}: tags must ascend`);
    previous = tag;
    const size = reader.uvarint();
    const known = tagged.find(({ field }) => field.tag === tag);
    if (known === undefined) reader.skip(size);
    else body[known.name] = reader.within(size, () => known.codec.read(reader));
  }
}

function writeTags(writer: WireWriter, tagged: readonly NamedCodec[], body: Body): void {
  const toWrite = tagged.filter(
    ({ name, field }) => body[name] !== undefined && !isAbsent(field, body[name]),
  );
  writer.uvarint(toWrite.length);
  for (const { name, field, codec } of toWrite) {
    const content = new WireWriter();
    codec.write(content, body[name]);
    writer.uvarint(Number(field.tag));
    writer.uvarint(content.length);
    for (const chunk of content.chunks()) writer.bytes(chunk);
  }
}

function isAbsent({ shape, absent }: Field, value: unknown): boolean {
  if (value === absent) return true;
  if (shape.kind === 'array') return Array.isArray(value) && value.length === 0 && Array.isArray(absent);
  if (shape.kind !== 'object' || value === null) return false;
  return Object.entries(shape.fields).every(([name, field]) => {
    const part = (value as Body)[name];
    return part === undefined || isAbsent(field, part);
  });
}

function fieldCodec(field: Field, wire: Wire): Codec {
  return shapeCodec(field.shape, includes(field.nullable, wire.version), wire);
}

function shapeCodec(shape: Shape, nullable: boolean, wire: Wire): Codec {
  switch (shape.kind) {
    case 'string':
      return refuseNull(wire.flexible ? compactStringCodec : stringCodec, nullable);
    case 'bytes':
      return refuseNull(wire.flexible ? compactBytesCodec : bytesCodec, nullable);
    case 'array':
      return refuseNull(arrayCodec(shapeCodec(shape.item, false, wire), wire.flexible), nullable);
    case 'object':
      return nullable ? nullableObject(objectCodec(shape.fields, wire)) : objectCodec(shape.fields, wire);
    default:
      return fixedCodecs[shape.kind];
  }
}

const fixed = <T>(
  bytesMin: number,
  read: (reader: WireReader) => T,
  write: (writer: WireWriter, value: T) => void,
): Codec => ({
  bytesMin,
  read,
  write: write as Codec['write'],
});

const fixedCodecs = {
  bool: fixed<boolean>(
    1,
    (reader) => reader.bool(),
    (writer, value) => writer.bool(value),
  ),
  int8: fixed<number>(
    1,
    (reader) => reader.int8(),
    (writer, value) => writer.int8(value),
  ),
  int16: fixed<number>(
    2,
    (reader) => reader.int16(),
    (writer, value) => writer.int16(value),
  ),
  int32: fixed<number>(
    4,
    (reader) => reader.int32(),
    (writer, value) => writer.int32(value),
  ),
  int64: fixed<bigint>(
    8,
    (reader) => reader.int64(),
    (writer, value) => writer.int64(value),
  ),
  float64: fixed<number>(
    8,
    (reader) => reader.float64(),
    (writer, value) => writer.float64(value),
  ),
  uuid: fixed<string>(
    16,
    (reader) => reader.uuid(),
    (writer, value) => writer.uuid(value),
  ),
};

const stringCodec = fixed<string | null>(
  2,
  (reader) => reader.nullableString(),
  (writer, value) => writer.nullableString(value),
);
const compactStringCodec = fixed<string | null>(
  1,
  (reader) => reader.compactNullableString(),
  (writer, value) => writer.compactNullableString(value),
);
const bytesCodec = fixed<Buffer | null>(
  4,
  (reader) => reader.nullableBytes(),
  (writer, value) => writer.nullableBytes(value),
);
const compactBytesCodec = fixed<Buffer | null>(
  1,
  (reader) => reader.compactNullableBytes(),
  (writer, value) => writer.compactNullableBytes(value),
);

function arrayCodec(item: Codec, flexible: boolean): Codec {
  return {
    bytesMin: flexible ? 1 : 4,
    read(reader) {
      const count = flexible ? reader.compactArrayCount(item.bytesMin) : reader.arrayCount(item.bytesMin);
      if (count === -1) return null;
      const items: unknown[] = [];
      for (let index = 0; index < count; index += 1) items.push(item.read(reader));
      return items;
    },
    write(writer, value) {
      const items = value as readonly unknown[] | null;
      if (flexible) writer.uvarint(items === null ? 0 : items.length + 1);
      else writer.int32(items === null ? -1 : items.length);
      for (const entry of items ?? []) item.write(writer, entry);
    },
  };
}

/** A presence byte, then the struct. Only flexible versions have nullable structs. */
function nullableObject(inner: Codec): Codec {
  return {
    bytesMin: 1,
    read: (reader) => (reader.int8() < 0 ? null : inner.read(reader)),
    write(writer, value) {
      writer.int8(value === null ? -1 : 1);
      if (value !== null) inner.write(writer, value);
    },
  };
}

function refuseNull(codec: Codec, nullable: boolean): Codec {
  if (nullable) return codec;
  return {
    bytesMin: codec.bytesMin,
    read(reader) {
      const value = codec.read(reader);
      if (value === null) throw new MalformedRequest('null in a field that is not nullable in this version');
      return value;
    },
    write(writer, value) {
      if (value === null) throw new TypeError('null in a field that is not nullable in this version');
      codec.write(writer, value);
    },
  };
}
