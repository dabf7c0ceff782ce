import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const workspace = join(import.meta.dirname, '../../..');

export const readText = (path: string): string => readFileSync(join(workspace, path), 'utf8');

/** The files that match a pattern, relative to the workspace and in order. */
export const filesOf = (pattern: string): readonly string[] =>
  globSync(pattern, { cwd: workspace, exclude: (name) => name === 'node_modules' || name === 'dist' })
    .map((path) => path.replaceAll('\\', '/'))
    .sort();

/** Returns the text of a page. Writes the wanted text first if `npm run reference` runs. */
export function pageWritten(path: string, wanted: string): string {
  if (process.env.MILLRACE_WRITE_REFERENCE === '1') writeFileSync(join(workspace, path), wanted);
  return readText(path);
}

interface Drawn {
  /** The path of the page, for the error. */
  readonly path: string;
  /** The text of a heading of the third level. */
  readonly heading: string;
  readonly diagram: string;
}

/** Returns the page with this diagram below the heading. Throws if the page has no such section. */
export function withDiagram(page: string, { path, heading, diagram }: Drawn): string {
  const drawn = new RegExp(
    `(?<=\\n### ${heading}\\n(?:(?!\\n##)[^])*?\\n\`\`\`mermaid\\n)[^]*?(?=\`\`\`\\n)`,
  );
  if (!drawn.test(page)) throw new Error(`${path} has no section "### ${heading}" with a mermaid block`);
  return page.replace(drawn, () => diagram);
}
