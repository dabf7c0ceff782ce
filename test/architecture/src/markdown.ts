import { dirname, join, normalize } from 'node:path';
import { filesEndingIn, readText } from './workspace.ts';

export interface Page {
  readonly path: string;
  readonly text: string;
}

export const pages: readonly Page[] = filesEndingIn('.md').map((path) => ({ path, text: readText(path) }));

const fence = /^ {0,3}(```|~~~)/;

function proseOf(text: string): string {
  let inCode = false;
  const lines = text.split('\n').filter((line) => {
    if (fence.test(line)) inCode = !inCode;
    return !inCode && !fence.test(line);
  });
  return lines.join('\n');
}

/** The targets of links and images. Inline code is ignored. */
export const linksOf = (text: string): readonly string[] =>
  [
    ...proseOf(text)
      .replaceAll(/`[^`\n]*`/g, '')
      .matchAll(/\[[^\]]*\]\(([^()\s]+)\)/g),
  ].map(([, target = '']) => target);

/** The anchors that GitHub gives a page's headings. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const anchors = [...proseOf(text).matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map(([, heading = '']) => {
    const anchor = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
  return new Set(anchors);
}

/**
 * The pages of `all` that no chain of links from `start` reaches. A link to a folder leads to its
 * README.
 */
export function unreachedFrom(start: string, all: readonly Page[]): readonly string[] {
  const texts = new Map(all.map(({ path, text }) => [path, text]));
  const linked = (from: string): readonly string[] =>
    linksOf(texts.get(from) ?? '')
      .filter((target) => !target.startsWith('#'))
      .map((target) => normalize(join(dirname(from), target.replace(/#.*$/, ''))))
      .map((path) => (texts.has(path) ? path : join(path, 'README.md')))
      .filter((path) => texts.has(path));
  const reached = new Set([start]);
  for (const page of reached) for (const target of linked(page)) reached.add(target);
  return all.map(({ path }) => path).filter((path) => !reached.has(path));
}
