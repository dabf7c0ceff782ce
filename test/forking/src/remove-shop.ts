import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes the shop from the console of a fork, as docs/FORKING.md says. */
export async function removeShop(fork: string): Promise<void> {
  const console = join(fork, 'apps/console');
  await rm(join(console, 'src/shop'), { recursive: true });
  for (const file of ['app.module.ts', 'main.ts', 'page/routes.tsx', 'page/style.css'])
    await change(join(console, 'src', file), withoutShop);
  await change(join(console, 'package.json'), (text) => {
    const { dependencies, ...others } = JSON.parse(text) as { dependencies: Record<string, string> };
    const kept = Object.entries(dependencies).filter(([name]) => !name.endsWith('/books'));
    return JSON.stringify({ ...others, dependencies: Object.fromEntries(kept) });
  });
  await change(join(console, 'tsconfig.json'), (text) => {
    const { references, ...others } = JSON.parse(text) as { references: readonly { path: string }[] };
    return JSON.stringify({
      ...others,
      references: references.filter(({ path }) => !path.endsWith('/books')),
    });
  });
}

/** Leaves out each line that imports from the shop or uses what it imports. */
function withoutShop(text: string): string {
  const lines = text.split('\n');
  const isImport = (line: string) => /(from|@import) '[./]+\/shop\//.test(line);
  const names = lines.filter(isImport).flatMap((line) => /\{(.*)\}/.exec(line)?.[1]?.match(/\w+/g) ?? []);
  const uses = (line: string) => names.some((name) => line.match(/\w+/g)?.includes(name));
  return lines.filter((line) => !isImport(line) && !uses(line)).join('\n');
}

async function change(file: string, to: (text: string) => string): Promise<void> {
  await writeFile(file, to(await readFile(file, 'utf8')));
}
