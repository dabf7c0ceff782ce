import type { Attributes } from '../schema-json.ts';
import { difference, type JsonDifference } from './json-difference.ts';

/** Keywords whose value must not shrink, and then keywords whose value must not grow. */
const upper = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'] as const;
const lower = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'] as const;
/** Keywords that the reader may have only with the writer's value. */
const exact = ['pattern', 'multipleOf'] as const;

/** Returns the name of a keyword in upper case, such as `MAX_LENGTH` for `maxLength`. */
const constant = (keyword: string): string =>
  keyword.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/** Compares the limits of numbers, texts, arrays and objects. */
export const compareLimits = (
  reader: Attributes,
  writer: Attributes,
  path: string,
): readonly JsonDifference[] => [
  ...upper.flatMap((keyword) => limit(keyword, 'DECREASED', path, [reader, writer])),
  ...lower.flatMap((keyword) => limit(keyword, 'INCREASED', path, [reader, writer])),
  ...exact.flatMap((keyword) => same(keyword, path, [reader, writer])),
  ...(reader['uniqueItems'] === true && writer['uniqueItems'] !== true
    ? [difference('UNIQUE_ITEMS_ADDED', path, 'the reader refuses equal items')]
    : []),
];

type Both = readonly [reader: Attributes, writer: Attributes];

function limit(keyword: string, change: 'DECREASED' | 'INCREASED', path: string, [reader, writer]: Both) {
  const own = reader[keyword];
  const other = writer[keyword];
  if (typeof own !== 'number') return [];
  const at = `${path}/${keyword}`;
  if (typeof other !== 'number')
    return [difference(`${constant(keyword)}_ADDED`, at, `the reader has ${keyword} ${own}`)];
  if (change === 'DECREASED' ? own >= other : own <= other) return [];
  return [difference(`${constant(keyword)}_${change}`, at, `the reader has ${keyword} ${own}, not ${other}`)];
}

function same(keyword: string, path: string, [reader, writer]: Both) {
  const own = reader[keyword];
  if (own === undefined || own === writer[keyword]) return [];
  const change = writer[keyword] === undefined ? 'ADDED' : 'CHANGED';
  return [
    difference(
      `${constant(keyword)}_${change}`,
      `${path}/${keyword}`,
      `the reader has ${keyword} ${String(own)}`,
    ),
  ];
}
