/** A range of API versions, both ends included; `none` is empty. */
export interface VersionRange {
  readonly min: number;
  readonly max: number;
}

/** Reads `0-9`, `6+`, `3` or `none`. */
export function versions(text: string): VersionRange {
  if (text === 'none') return { min: 1, max: 0 };
  const match = /^(\d+)(?:(\+)|-(\d+))?$/.exec(text);
  if (match === null) throw new TypeError(`not a version range: ${text}`);
  const min = Number(match[1]);
  if (match[2] === '+') return { min, max: Number.POSITIVE_INFINITY };
  return { min, max: match[3] === undefined ? min : Number(match[3]) };
}

export const includes = (range: VersionRange, version: number): boolean =>
  version >= range.min && version <= range.max;
