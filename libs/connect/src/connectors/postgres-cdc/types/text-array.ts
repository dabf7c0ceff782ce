/**
 * Parses the text of a one-dimensional array, such as `{a,"b ""c",NULL}`. Throws for an array of
 * more dimensions.
 * https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
 */
export function parseArray(text: string): readonly (string | null)[] {
  const body = text.slice(text.indexOf('{') + 1, -1);
  if (!text.includes('{') || body.startsWith('{'))
    throw new TypeError('the array has more than one dimension');
  const items: (string | null)[] = [];
  let at = 0;
  while (at < body.length) {
    const quoted = body[at] === '"';
    const end = quoted ? endOfQuoted(body, at + 1) : endOfPlain(body, at);
    const item = quoted ? body.slice(at + 1, end).replace(/\\(.)/gs, '$1') : body.slice(at, end);
    items.push(!quoted && item.toUpperCase() === 'NULL' ? null : item);
    at = (quoted ? end + 1 : end) + 1;
  }
  return items;
}

function endOfQuoted(text: string, from: number): number {
  let at = from;
  while (text[at] !== '"') {
    if (at >= text.length) throw new TypeError('a quoted item of an array has no end');
    at += text[at] === '\\' ? 2 : 1;
  }
  return at;
}

function endOfPlain(text: string, from: number): number {
  const comma = text.indexOf(',', from);
  return comma < 0 ? text.length : comma;
}
