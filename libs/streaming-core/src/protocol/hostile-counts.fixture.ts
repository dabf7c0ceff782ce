import { type Fields, type Shape, includes } from './codec.ts';

type Body = Record<string, unknown>;

export interface HostileBody {
  /** Path of the array that announces more items than it has, such as `topics.partitions`. */
  readonly path: string;
  readonly body: Body;
}

/** An encoder sees an array of 2^31 - 2 items and writes none of them. */
const announced = Object.freeze({ length: 0x7fff_fffe, [Symbol.iterator]: () => [][Symbol.iterator]() });

/**
 * Returns one body for each array of a struct in one version, at any depth. All other arrays are
 * empty, or have one item that contains the array in question.
 */
export function hostileCounts(fields: Fields, version: number, prefix = ''): readonly HostileBody[] {
  return Object.entries(fields).flatMap(([name, field]): readonly HostileBody[] => {
    if (!includes(field.versions, version)) return [];
    const around = (value: unknown): Body => ({ ...smallest(fields), [name]: value });
    const path = `${prefix}${name}`;
    const inside = hostileCounts(innerFields(field.shape), version, `${path}.`);
    const isArray = field.shape.kind === 'array';
    const nested = inside.map((hostile) => ({
      path: hostile.path,
      body: around(isArray ? [hostile.body] : hostile.body),
    }));
    return isArray ? [{ path, body: around(announced) }, ...nested] : nested;
  });
}

const innerFields = (shape: Shape): Fields =>
  shape.kind === 'array' ? innerFields(shape.item) : shape.kind === 'object' ? shape.fields : {};

const smallest = (fields: Fields): Body =>
  Object.fromEntries(Object.entries(fields).map(([name, { absent }]) => [name, absent]));
