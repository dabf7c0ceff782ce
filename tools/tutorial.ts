/**
 * `npm run tutorial -- SECTION` writes the lines of a section of docs/TUTORIAL.md, for who would rather
 * read them than type them. The commands of the section are left to the reader.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { changed, sectionsOf } from '../test/forking/src/tutorial/page.ts';
import { workspace } from './workspace.ts';

const page = 'docs/TUTORIAL.md';

/** Returns the texts of the section's files. Throws if one of its changes does not fit. */
function textsOf(number: string): ReadonlyMap<string, string> {
  const sections = sectionsOf(readFileSync(join(workspace, page), 'utf8'));
  const changesOf = ({ acts }: (typeof sections)[number]) => acts.filter((act) => act.kind === 'change');
  const numberOf = (title: string) => title.split('.')[0]!;
  const withChanges = sections.filter((section) => changesOf(section).length > 0);
  const section = withChanges.find(({ title }) => numberOf(title) === number);
  if (section === undefined)
    throw new Error(
      `name a section of ${page} that changes files: ${withChanges.map(({ title }) => numberOf(title)).join(', ')}`,
    );
  const texts = new Map<string, string>();
  for (const { path, text } of changesOf(section)) {
    const file = join(workspace, path);
    if (!existsSync(file))
      throw new Error(
        `${path} does not exist: first do what stands before it on the page, with its "npm run new"`,
      );
    try {
      texts.set(path, changed(texts.get(path) ?? readFileSync(file, 'utf8'), text));
    } catch (error) {
      throw new Error(
        `nothing was written, because section ${number} does not fit ${path}. Either its lines are there already, ` +
          `or those of an earlier section are missing: ${(error as Error).message}`,
        { cause: error },
      );
    }
  }
  return texts;
}

try {
  for (const [path, text] of textsOf(process.argv[2] ?? '')) {
    writeFileSync(join(workspace, path), text);
    console.log(`changed ${path}`);
  }
} catch (error) {
  console.error(`tutorial: ${(error as Error).message}`);
  process.exitCode = 1;
}
