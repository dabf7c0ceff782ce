import { ConnectError } from '../../../plugin/connect-error.ts';

/** A decimal number as an integer without its point, and the number of digits after the point. */
export interface Decimal {
  readonly unscaled: bigint;
  readonly scale: number;
}

/** Parses a numeric. Throws for `NaN` and the infinities, which no decimal can express. */
export function parseDecimal(text: string): Decimal {
  const point = text.indexOf('.');
  if (!/^-?\d+(\.\d+)?$/.test(text))
    throw new ConnectError(
      `a numeric column has the value "${text}", which a Decimal cannot express: ` +
        'set decimal.handling.mode to string or double',
    );
  if (point < 0) return { unscaled: BigInt(text), scale: 0 };
  return {
    unscaled: BigInt(text.slice(0, point) + text.slice(point + 1)),
    scale: text.length - point - 1,
  };
}

/** The integer at another scale. Digits after it are cut off: a column of that scale has none. */
export function rescale({ unscaled, scale }: Decimal, wanted: number): bigint {
  return wanted >= scale
    ? unscaled * 10n ** BigInt(wanted - scale)
    : unscaled / 10n ** BigInt(scale - wanted);
}

/** Two's complement in as few bytes as possible, as Java's `BigInteger.toByteArray`. */
export function integerBytes(value: bigint): Buffer {
  const magnitude = value < 0n ? -value - 1n : value;
  const bits = magnitude === 0n ? 0 : magnitude.toString(2).length;
  const length = Math.floor(bits / 8) + 1;
  const hex = BigInt.asUintN(length * 8, value)
    .toString(16)
    .padStart(length * 2, '0');
  return Buffer.from(hex, 'hex');
}
