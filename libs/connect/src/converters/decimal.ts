import type { ConnectSchema } from '../record/connect-schema.ts';
import { DataError } from '../record/data-error.ts';

const decimalName = 'org.apache.kafka.connect.data.Decimal';

export const isDecimal = (schema: ConnectSchema): boolean =>
  schema.type === 'bytes' && schema.name === decimalName;

const scaleOf = (schema: ConnectSchema): number => {
  const scale = Number(schema.parameters?.['scale']);
  if (Number.isInteger(scale)) return scale;
  throw new DataError('Invalid Decimal schema: scale parameter not found or no integer');
};

/**
 * Returns the number, such as `-1.50`, whose unscaled integer these bytes are (two's complement, big-endian).
 */
export function decimalText(schema: ConnectSchema, unscaled: Buffer): string {
  const scale = scaleOf(schema);
  const value =
    unscaled.length === 0 ? 0n : BigInt.asIntN(unscaled.length * 8, BigInt(`0x${unscaled.toString('hex')}`));
  if (scale <= 0) return String(value * 10n ** BigInt(-scale));
  const sign = value < 0n ? '-' : '';
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Returns the bytes of the unscaled integer of a number. Its text may have fewer decimals than the scale. */
export function unscaledOf(schema: ConnectSchema, text: string): Buffer {
  const scale = scaleOf(schema);
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === '') throw new DataError(`${text} is not a decimal number`);
  if (fraction.length > scale) throw new DataError(`${text} has more decimals than the scale ${scale}`);
  const digits = BigInt(whole + fraction.padEnd(Math.max(0, scale), '0'));
  return bytesOf(sign === '' ? digits : -digits);
}

function bytesOf(value: bigint): Buffer {
  let bytes = 1;
  while (BigInt.asIntN(bytes * 8, value) !== value) bytes += 1;
  return Buffer.from(
    BigInt.asUintN(bytes * 8, value)
      .toString(16)
      .padStart(bytes * 2, '0'),
    'hex',
  );
}
