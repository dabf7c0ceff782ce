/** A change of the text of a page. It changes nothing if the page of a fork has another text. */
export type Edit = (text: string) => string;

/** The edits of each page, by its path. */
export type EditsOfPages = Readonly<Record<string, readonly Edit[]>>;

const literal = (words: string): string =>
  words
    .split(' ')
    .map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join(String.raw`\s+`);

/** Says something else in place of these words, however their lines are broken. */
export const say = (by: string, words: string): Edit => {
  const pattern = new RegExp(literal(words));
  return (text) => text.replace(pattern, () => by);
};

/** Says something else in place of all from these words to those. */
export const sayBetween = (by: string, from: string, to: string): Edit => {
  const pattern = new RegExp(`${literal(from)}[^]*?${literal(to)}`);
  return (text) => text.replace(pattern, () => by);
};

/** Leaves out these words. */
export const omit = (words: string): Edit => {
  const pattern = new RegExp(String.raw`[ \n]?${literal(words)}`);
  return (text) => text.replace(pattern, '');
};

/** Leaves out all from these words to those. */
export const omitBetween = (from: string, to: string): Edit => sayBetween('', from, to);

/** Leaves out the items of lists that begin with one of these words in bold. */
export const omitItems =
  (...beginnings: readonly string[]): Edit =>
  (text) =>
    beginnings.reduce(
      (left, words) =>
        left.replace(new RegExp(String.raw`^ *- \*\*${literal(words)}(?:(?!\n *- |\n\n)[^])*\n`, 'm'), ''),
      text,
    );
