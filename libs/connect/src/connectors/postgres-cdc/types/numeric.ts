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

/** Returns the same number without zeros at the end of its fraction. */
export function withoutTrailingZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/**
 * Returns the integer at another scale. It cuts off further digits, which a column of that scale does not
 * have.
 */
export function rescale({ unscaled, scale }: Decimal, wanted: number): bigint {
  if (wanted === scale) return unscaled;
  return wanted > scale ? unscaled * 10n ** BigInt(wanted - scale) : unscaled / 10n ** BigInt(scale - wanted);
}

const oneByteMax = 2n ** 7n;
const sixBytesMax = 2n ** 47n;

/** Returns two's complement in as few bytes as possible, as Java's `BigInteger.toByteArray` does. */
export function integerBytes(value: bigint): Buffer {
  if (value >= -oneByteMax && value < oneByteMax) return Buffer.of(Number(value) & 0xff);
  if (value >= -sixBytesMax && value < sixBytesMax) return shortBytes(Number(value));
  const magnitude = value < 0n ? -value - 1n : value;
  const bits = magnitude === 0n ? 0 : magnitude.toString(2).length;
  const length = Math.floor(bits / 8) + 1;
  const hex = BigInt.asUintN(length * 8, value)
    .toString(16)
    .padStart(length * 2, '0');
  return Buffer.from(hex, 'hex');
}

/** The same for integers that a Buffer writes itself. */
function shortBytes(value: number): Buffer {
  let length = 2;
  for (let limit = 2 ** 15; value >= limit || value < -limit; limit *= 256) length += 1;
  const bytes = Buffer.allocUnsafe(length);
  bytes.writeIntBE(value, 0, length);
  return bytes;
}
