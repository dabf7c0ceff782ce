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
