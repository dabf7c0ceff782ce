/**
 * Prints JSON with one line for each field down to this depth, and everything below on one line. A list of
 * texts or numbers is always on one line.
 */
export function compactJson(value: unknown, depth: number, indent = ''): string {
  if (depth === 0 || typeof value !== 'object' || value === null || Object.keys(value).length === 0)
    return oneLine(value);
  const inner = `${indent}  `;
  const print = (each: unknown) => compactJson(each, depth - 1, inner);
  if (!Array.isArray(value)) {
    const fields = Object.entries(value).map(
      ([name, each]) => `${inner}${JSON.stringify(name)}: ${print(each)}`,
    );
    return `{\n${fields.join(',\n')}\n${indent}}`;
  }
  const isFlat = value.every((each) => typeof each !== 'object' || each === null);
  return isFlat ? oneLine(value) : `[\n${value.map((each) => inner + print(each)).join(',\n')}\n${indent}]`;
}

function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${oneLine(each)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}
