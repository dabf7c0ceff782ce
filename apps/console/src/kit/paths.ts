/** The path with these parts, each of which may have any characters. */
export const pathTo = (...parts: readonly string[]): string => `/${parts.map(encodeURIComponent).join('/')}`;

/** Returns the parts of a path that fit a pattern such as `/sagas/:service/:id`; undefined if it does not. */
export function partsOfPath(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const parts: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const text = given[index] ?? '';
    if (!segment.startsWith(':')) {
      if (segment !== text) return undefined;
    } else if (text === '') return undefined;
    else parts[segment.slice(1)] = decodeURIComponent(text);
  }
  return parts;
}
