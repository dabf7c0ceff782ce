export interface ReadLimits {
  readonly maxBytes: number;
  /** Return the whole first batch even if it exceeds `maxBytes`. */
  readonly minOneBatch: boolean;
  /** Supplies the memory to read into. Default: new memory. */
  readonly allocate?: (bytes: number) => Buffer;
  /** Read only up to the last stable offset. */
  readonly committed?: boolean;
}
