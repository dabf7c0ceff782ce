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

/** The same number without zeros at the end of its fraction. */
export function withoutTrailingZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** The integer at another scale. Digits after it are cut off: a column of that scale has none. */
export function rescale({ unscaled, scale }: Decimal, wanted: number): bigint {
  if (wanted === scale) return unscaled;
  return wanted > scale ? unscaled * 10n ** BigInt(wanted - scale) : unscaled / 10n ** BigInt(scale - wanted);
}

const oneByteMax = 2n ** 7n;
const sixBytesMax = 2n ** 47n;

/** Two's complement in as few bytes as possible, as Java's `BigInteger.toByteArray`. */
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
