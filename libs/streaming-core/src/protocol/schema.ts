import {
  compile,
  type Codec,
  type types,
  includes,
  versions,
  type VersionRange,
  type Shape,
  type Field,
  type Fields,
} from './codec.ts';

interface FieldOptions {
  /** Default: every version of the struct. */
  readonly versions?: string;
  readonly nullable?: string;
  /**
   * The default of the field. When it is stated, the field may be left out of what is encoded.
   * Without it, the default is 0, '', false or empty.
   */
  readonly absent?: unknown;
  readonly tag?: number;
}

type OutField<T> = T extends { readonly [types]?: { readonly out: infer Out } } ? Out : never;
type InField<T> = T extends { readonly [types]?: { readonly in: infer In } } ? In : never;
type IsOptional<T> = T extends { readonly [types]?: { readonly optional: infer Optional } }
  ? Optional
  : never;

export type OutOf<F extends Fields> = { readonly [K in keyof F]: OutField<F[K]> };
export type InOf<F extends Fields> = {
  readonly [K in keyof F as IsOptional<F[K]> extends true ? never : K]: InField<F[K]>;
} & {
  readonly [K in keyof F as IsOptional<F[K]> extends true ? K : never]?: InField<F[K]>;
};

type OrNull<T, O> = O extends { readonly nullable: string } ? T | null : T;
type MayBeLeftOut<O> = O extends { readonly absent: unknown }
  ? true
  : O extends { readonly tag: number }
    ? true
    : false;
type Declared<Out, In, O> = Field<OrNull<Out, O>, OrNull<In, O>, MayBeLeftOut<O>>;

function field<Out, In, const O extends FieldOptions>(
  shape: Shape,
  options: O,
  absent: unknown,
): Declared<Out, In, O> {
  return Object.freeze({
    shape,
    versions: versions(options.versions ?? '0+'),
    nullable: versions(options.nullable ?? 'none'),
    tag: options.tag,
    absent: options.absent === undefined ? absent : options.absent,
  });
}

export const zeroUuid = '00000000-0000-0000-0000-000000000000';
const noBytes = Buffer.alloc(0);
const noItems = Object.freeze([]);

const primitive =
  <T>(kind: Exclude<Shape['kind'], 'array' | 'object'>, absent: T) =>
  <const O extends FieldOptions = Record<never, never>>(options: O = {} as O) =>
    field<T, T, O>({ kind }, options, absent);

export const bool = primitive<boolean>('bool', false);
export const int8 = primitive<number>('int8', 0);
export const int16 = primitive<number>('int16', 0);
export const int32 = primitive<number>('int32', 0);
export const int64 = primitive<bigint>('int64', 0n);
/** A 64-bit number in the format of IEEE 754. */
export const float64 = primitive<number>('float64', 0);
export const uuid = primitive<string>('uuid', zeroUuid);
export const string = primitive<string>('string', '');
export const bytes = primitive<Buffer>('bytes', noBytes);
/** Record batches, as undecoded bytes. */
export const records = bytes;

/** An array of structs. */
export function array<const F extends Fields, const O extends FieldOptions = Record<never, never>>(
  fields: F,
  options: O = {} as O,
): Declared<ReadonlyArray<OutOf<F>>, ReadonlyArray<InOf<F>>, O> {
  return field({ kind: 'array', item: { kind: 'object', fields } }, options, noItems);
}

/** An array of primitives. Its items have no tag section. */
export function arrayOf<Out, const O extends FieldOptions = Record<never, never>>(
  item: Field<Out>,
  options: O = {} as O,
): Declared<readonly Out[], readonly Out[], O> {
  return field({ kind: 'array', item: item.shape }, options, noItems);
}

/** A struct inside a struct. */
export function object<const F extends Fields, const O extends FieldOptions = Record<never, never>>(
  fields: F,
  options: O = {} as O,
): Declared<OutOf<F>, InOf<F>, O> {
  const absent = Object.fromEntries(Object.entries(fields).map(([name, { absent }]) => [name, absent]));
  return field({ kind: 'object', fields }, options, Object.freeze(absent));
}

/**
 * The body of a request or response: its layout, and the codec of each version, which is compiled
 * when it is first needed.
 */
export interface Struct<F extends Fields = Fields> {
  readonly name: string;
  readonly versions: VersionRange;
  readonly fields: F;
  isFlexible(version: number): boolean;
  codec(version: number): Codec<OutOf<F>, InOf<F>>;
}

/**
 * The type of a decoded body. It has every field; those that the version lacks have their default.
 */
export type Infer<S> = S extends Struct<infer F> ? OutOf<F> : never;
/** The type of a body to encode. Fields with a stated default may be left out. */
export type Given<S> = S extends Struct<infer F> ? InOf<F> : never;

/**
 * Declares a body. `fields` are in wire order. See https://kafka.apache.org/protocol and KIP-482
 * for the encoding of each type.
 */
export function struct<const F extends Fields>(
  name: string,
  options: { readonly versions: string; readonly flexible: string },
  fields: F,
): Struct<F> {
  const range = versions(options.versions);
  const flexible = versions(options.flexible);
  const codecs = new Map<number, Codec<OutOf<F>, InOf<F>>>();
  const isFlexible = (version: number) => includes(flexible, version);
  return Object.freeze({
    name,
    versions: range,
    fields,
    isFlexible,
    codec(version: number) {
      const known = codecs.get(version);
      if (known !== undefined) return known;
      if (!includes(range, version))
        throw new RangeError(`${name} has versions ${range.min} to ${range.max}, not ${version}`);
      const made = compile(fields, version, isFlexible(version)) as Codec<OutOf<F>, InOf<F>>;
      codecs.set(version, made);
      return made;
    },
  });
}

/** One API: its key and the layouts of its request and response. */
export interface Api<Request extends Fields = Fields, Response extends Fields = Fields> {
  readonly key: number;
  readonly name: string;
  readonly request: Struct<Request>;
  readonly response: Struct<Response>;
  /** The versions with a known layout. */
  readonly versions: VersionRange;
  /**
   * The lowest version that ApiVersions names. It differs from `versions.min` for Produce only: old
   * clients look for version 0 in the range, although none of them sends it (KAFKA-18659).
   */
  readonly advertisedMin: number;
}

interface ApiLayout<Request extends Fields, Response extends Fields> {
  /** The versions with a known layout, such as `0-9`. */
  readonly versions: string;
  /** The versions with tag sections and compact lengths (KIP-482), such as `6+` or `none`. */
  readonly flexible: string;
  readonly advertisedMin?: number;
  readonly request: Request;
  readonly response: Response;
}

/** Declares an API. The fields of its request and its response are in wire order. */
export function api<const Request extends Fields, const Response extends Fields>(
  name: string,
  key: number,
  layout: ApiLayout<Request, Response>,
): Api<Request, Response> {
  const request = struct(`${name}Request`, layout, layout.request);
  const response = struct(`${name}Response`, layout, layout.response);
  const { versions } = request;
  return Object.freeze({
    key,
    name,
    request,
    response,
    versions,
    advertisedMin: layout.advertisedMin ?? versions.min,
  });
}
