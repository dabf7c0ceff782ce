/** An `@example` of a docstring. */
export interface Example {
  readonly path: string;
  /** The line of the file at which the code begins, counted from 1. */
  readonly line: number;
  readonly code: string;
}

const docstrings = /\/\*\*[^]*?\*\//g;
const tags = /@example\b/g;
/** The one form that editors show as code and that is compiled here. */
const fenced = /@example\n[ *]*```ts\n([^]*?)\n[ *]*```/g;

/** The examples of a file. Throws for an `@example` that is not a block of TypeScript. */
export const examplesIn = (path: string, text: string): readonly Example[] =>
  [...text.matchAll(docstrings)].flatMap(({ 0: docstring, index: start }) => {
    const found = [...docstring.matchAll(fenced)];
    if (found.length !== [...docstring.matchAll(tags)].length)
      throw new Error(
        `${path}:${lineAt(text, start)}: write each @example as a block that begins with \`\`\`ts`,
      );
    return found.map(({ 0: block, 1: code = '', index }) => ({
      path,
      line: lineAt(text, start + index + block.indexOf('```ts')) + 1,
      code: code.replaceAll(/^ *\* ?/gm, ''),
    }));
  });

const lineAt = (text: string, position: number): number => text.slice(0, position).split('\n').length;
