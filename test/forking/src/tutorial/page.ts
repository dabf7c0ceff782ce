/** A change of a file: lines beginning with `-` and `+` among lines that stay. */
interface Change {
  readonly kind: 'change';
  readonly path: string;
  readonly text: string;
}

/** Lines of a file as a generator has written them. */
export interface Excerpt {
  readonly kind: 'excerpt';
  readonly path: string;
  readonly text: string;
}

/** Commands that the reader runs in one shell, and what they print if the page shows it. */
export interface Commands {
  readonly kind: 'commands';
  readonly script: string;
  readonly output?: string;
}

type Act = Change | Excerpt | Commands;

/** A section of the page: what its reader does, in order. */
export interface Section {
  readonly title: string;
  readonly acts: readonly Act[];
}

/**
 * Reads the sections of the tutorial. The paragraph before a change or an excerpt ends with the path of its
 * file.
 * Throws for a block that a reader could not place.
 */
export const sectionsOf = (page: string): readonly Section[] =>
  page
    .split(/^## /m)
    .slice(1)
    .map((section) => ({ title: section.slice(0, section.indexOf('\n')), acts: actsOf(section) }))
    .filter(({ acts }) => acts.length > 0);

function actsOf(section: string): readonly Act[] {
  const acts: Act[] = [];
  for (const [whole, language = '', text = ''] of section.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)) {
    const before = section.slice(0, section.indexOf(whole)).trimEnd();
    if (language === 'sh') acts.push({ kind: 'commands', script: text });
    else if (language === 'text') addOutput(acts, text);
    else if (language === 'ts') acts.push({ kind: 'excerpt', path: pathAtEnd(before), text });
    else if (language === 'diff') acts.push({ kind: 'change', path: pathAtEnd(before), text });
    else throw new Error(`the page has a block of the language "${language}"`);
  }
  return acts;
}

function addOutput(acts: Act[], output: string): void {
  const last = acts.at(-1);
  if (last?.kind !== 'commands' || last.output !== undefined)
    throw new Error(
      `a text block shows what the commands right before it print, but these lines have none: ${output}`,
    );
  acts[acts.length - 1] = { ...last, output };
}

function pathAtEnd(text: string): string {
  const path = /`([\w./-]+)`:$/.exec(text)?.[1];
  if (path === undefined)
    throw new Error(
      `the paragraph before a change or an excerpt has to end with its path and a colon: ${text.slice(-200)}`,
    );
  return path;
}

/**
 * True if a file has the lines of an excerpt, one after the other. A line `// ...` stands for lines left
 * out.
 */
export function standsIn(text: string, excerpt: string): boolean {
  const lines = `\n${text}`;
  let from = 0;
  for (const part of excerpt.split(/^ *\/\/ \.\.\.\n/m)) {
    const at = lines.indexOf(`\n${part}`, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return true;
}

/**
 * Applies a change to a file's text. The lines that stay and those that go have to stand in it once,
 * one after the other; a line `...` stands for lines left out.
 */
export function changed(text: string, change: string): string {
  const parts: string[][] = [[]];
  for (const line of change.trimEnd().split('\n')) {
    if (line.trim() === '...') parts.push([]);
    else parts.at(-1)!.push(line);
  }
  return parts.reduce(changedOnce, text.split('\n')).join('\n');
}

function changedOnce(lines: readonly string[], part: readonly string[]): readonly string[] {
  const without = (sign: string) =>
    part.filter((line) => !line.startsWith(sign)).map((line) => line.slice(1));
  const before = without('+');
  const places = lines.flatMap((_, at) =>
    before.every((line, index) => lines[at + index] === line) ? [at] : [],
  );
  const [at, ...others] = places;
  if (at === undefined || others.length > 0)
    throw new Error(`the file has these lines ${places.length} times instead of once:\n${before.join('\n')}`);
  return [...lines.slice(0, at), ...without('-'), ...lines.slice(at + before.length)];
}
