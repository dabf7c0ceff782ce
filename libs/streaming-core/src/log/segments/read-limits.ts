export interface ReadLimits {
  readonly maxBytes: number;
  /** Whole first batch even beyond `maxBytes`. */
  readonly minOneBatch: boolean;
  /** Where to read to. Default: new memory. */
  readonly allocate?: (bytes: number) => Buffer;
  /** Only what is decided: up to the last stable offset. */
  readonly committed?: boolean;
}
