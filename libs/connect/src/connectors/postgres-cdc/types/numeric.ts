import { ConnectError } from '../../../plugin/connect-error.ts';

/** A decimal number as an integer and the number of its digits after the point. */
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

/**
 * Returns the integer at another scale. It cuts off further digits, which a column of that scale does not
 * have.
 */
export function rescale({ unscaled, scale }: Decimal, wanted: number): bigint {
  return wanted >= scale
    ? unscaled * 10n ** BigInt(wanted - scale)
    : unscaled / 10n ** BigInt(scale - wanted);
}

/** Returns two's complement in as few bytes as possible, as Java's `BigInteger.toByteArray` does. */
export function integerBytes(value: bigint): Buffer {
  const magnitude = value < 0n ? -value - 1n : value;
  const bits = magnitude === 0n ? 0 : magnitude.toString(2).length;
  const length = Math.floor(bits / 8) + 1;
  const hex = BigInt.asUintN(length * 8, value)
    .toString(16)
    .padStart(length * 2, '0');
  return Buffer.from(hex, 'hex');
}
