const patternsMax = 100;
const everywhere = new Map<string, RegExp>();

/**
 * Splits like Java's `String.split(regex)`: empty strings at the end are left out, except that a
 * text without any match is returned as it is. Groups in the pattern have no effect.
 */
export function javaSplit(text: string, pattern: RegExp): string[] {
  const regex = globalOf(pattern);
  regex.lastIndex = 0;
  const parts: string[] = [];
  let from = 0;
  for (let match = regex.exec(text); match !== null; match = regex.exec(text)) {
    const end = match.index + match[0].length;
    if (match[0].length === 0) regex.lastIndex = end + 1;
    if (end === 0) continue;
    parts.push(text.slice(from, match.index));
    from = end;
  }
  if (from === 0) return [text];
  parts.push(text.slice(from));
  while (parts.at(-1) === '') parts.pop();
  return parts;
}

/** Compiles a pattern once, even if a function creates it again for every record. */
function globalOf(pattern: RegExp): RegExp {
  const name = `${pattern.flags}/${pattern.source}`;
  const known = everywhere.get(name);
  if (known !== undefined) return known;
  if (everywhere.size === patternsMax) everywhere.clear();
  const made = new RegExp(pattern.source, `${pattern.flags.replace(/[gy]/g, '')}g`);
  everywhere.set(name, made);
  return made;
}
