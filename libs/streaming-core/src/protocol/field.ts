import { type VersionRange } from './versions.ts';

/** What stands on the wire. `records` are byte fields that hold record batches. */
export type Shape =
  | { readonly kind: 'bool' | 'int8' | 'int16' | 'int32' | 'int64' | 'float64' | 'uuid' | 'string' | 'bytes' }
  | { readonly kind: 'array'; readonly item: Shape }
  | { readonly kind: 'object'; readonly fields: Fields };

/** The types of a field, for `Infer` and `Given`; never a value. */
export declare const types: unique symbol;

export interface Field<Out = unknown, In = Out, Optional extends boolean = boolean> {
  readonly shape: Shape;
  readonly versions: VersionRange;
  /** Versions in which null may stand on the wire. */
  readonly nullable: VersionRange;
  /** Set: the field stands in the tag section of its struct, and is left out when it has its default. */
  readonly tag: number | undefined;
  /** Its value where the version or the tag section lacks it. */
  readonly absent: unknown;
  readonly [types]?: { readonly out: Out; readonly in: In; readonly optional: Optional };
}

export type Fields = Readonly<Record<string, Field>>;
