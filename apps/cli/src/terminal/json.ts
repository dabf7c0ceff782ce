/**
 * Writes a value as JSON. A bigint becomes a number if a double holds it exactly, and a text
 * otherwise, so that no offset is ever rounded.
 */
export const jsonOf = (value: unknown, indent = 2): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? exact(part) : part), indent);

const exact = (value: bigint): number | string =>
  value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER ? Number(value) : String(value);
