import type { StructSchema } from '../../../record/connect-schema.ts';
import type { DecimalMode } from '../settings.ts';
import type { ColumnType } from './column-type.ts';
import { integerBytes, parseDecimal, rescale, withoutTrailingZeros } from './numeric.ts';

/** A numeric has its precision in the upper half of the modifier and its scale in the lower 11 bits. */
export function decimalType(modifier: number, mode: DecimalMode): ColumnType {
  if (modifier < 0) return mode === 'precise' ? variableScale : inexact(mode);
  const packed = modifier - 4;
  const scale = ((packed & 0x7ff) ^ 1_024) - 1_024;
  if (mode === 'precise') return fixedScale(scale, packed >> 16);
  const type = inexact(mode);
  return { ...type, parse: (text) => type.parse(withScale(text, scale)) };
}

/** PostgreSQL sends every digit of the scale, but a default may have fewer. */
function withScale(text: string, scale: number): string {
  const [whole = '', fraction = ''] = text.split('.');
  return scale <= fraction.length || !/^-?\d+$/.test(whole)
    ? text
    : `${whole}.${fraction.padEnd(scale, '0')}`;
}

export function moneyType(mode: DecimalMode): ColumnType {
  const type = mode === 'precise' ? fixedScale(2) : inexact(mode);
  return { ...type, parse: (text) => type.parse(text.replace(/[^0-9.-]/g, '')) };
}

const inexact = (mode: DecimalMode): ColumnType =>
  mode === 'string'
    ? { schema: { type: 'string', optional: false }, parse: (text) => text, zero: '0' }
    : { schema: { type: 'float64', optional: false }, parse: Number, zero: 0 };

const fixedScale = (scale: number, precision?: number): ColumnType => ({
  schema: {
    type: 'bytes',
    optional: false,
    name: 'org.apache.kafka.connect.data.Decimal',
    version: 1,
    parameters: {
      scale: String(scale),
      ...(precision !== undefined && { 'connect.decimal.precision': String(precision) }),
    },
  },
  parse: (text) => integerBytes(rescale(parseDecimal(text), scale)),
  zero: integerBytes(0n),
});

const variableScaleSchema: StructSchema = {
  type: 'struct',
  optional: false,
  name: 'io.debezium.data.VariableScaleDecimal',
  version: 1,
  doc: 'Variable scaled decimal',
  fields: [
    { field: 'scale', schema: { type: 'int32', optional: false } },
    { field: 'value', schema: { type: 'bytes', optional: false } },
  ],
};

const variableScale: ColumnType = {
  schema: variableScaleSchema,
  parse(text) {
    const { scale, unscaled } = parseDecimal(withoutTrailingZeros(text));
    return { scale, value: integerBytes(unscaled) };
  },
  zero: { scale: 0, value: integerBytes(0n) },
};

/** `(1.5,2.5)` with its well-known binary form: little endian, type 1. */
export const geometricPoint: ColumnType = {
  schema: {
    type: 'struct',
    optional: false,
    name: 'io.debezium.data.geometry.Point',
    version: 1,
    doc: 'Geometry (POINT)',
    fields: [
      { field: 'x', schema: { type: 'float64', optional: false } },
      { field: 'y', schema: { type: 'float64', optional: false } },
      { field: 'wkb', schema: { type: 'bytes', optional: true } },
      { field: 'srid', schema: { type: 'int32', optional: true } },
    ],
  },
  parse(text) {
    const [x = 0, y = 0] = text.slice(1, -1).split(',').map(Number);
    return point(x, y);
  },
  zero: point(0, 0),
};

function point(x: number, y: number) {
  const wkb = Buffer.alloc(21);
  wkb.writeUInt8(1, 0);
  wkb.writeUInt32LE(1, 1);
  wkb.writeDoubleLE(x, 5);
  wkb.writeDoubleLE(y, 13);
  return { x, y, wkb, srid: null };
}
