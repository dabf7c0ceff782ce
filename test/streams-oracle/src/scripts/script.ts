/** Bytes in hexadecimal, as the program in Java reads and writes them. */
export type Hex = string;

/** A record for a topic that the topology reads. */
export interface RecordStep {
  readonly topic: string;
  readonly key: Hex | null;
  readonly value: Hex | null;
  readonly headers: ReadonlyArray<readonly [name: string, value: Hex | null]>;
  readonly timestampMs: number;
}

/** Time passes on the wall clock. */
interface AdvanceStep {
  readonly advanceMs: number;
}

export type Step = RecordStep | AdvanceStep;

export const hexOf = (text: string): Hex => Buffer.from(text, 'utf8').toString('hex');
export const hexOfBytes = (bytes: Uint8Array | null): Hex | null =>
  bytes === null ? null : Buffer.from(bytes).toString('hex');
export const bytesOf = (hex: Hex | null): Uint8Array | null =>
  hex === null ? null : new Uint8Array(Buffer.from(hex, 'hex'));
