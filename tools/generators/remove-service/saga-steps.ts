import { visitNotIgnoredFiles, type Tree } from '@nx/devkit';

interface SagaText {
  readonly saga: string;
  readonly file: string;
  /** The text of each step, by its name. */
  readonly steps: ReadonlyMap<string, string>;
}

/**
 * Throws an error that says what must go before the service can: the sagas that it runs, or the
 * steps that send it commands or wait for its events. `exports` are the names of its messages in the
 * contracts, such as `paymentCommands`.
 */
export function refuseWhileSagasNeed(
  tree: Tree,
  { name, exports }: { readonly name: string; readonly exports: readonly string[] },
): void {
  const sagas = sagasOf(tree);
  const own = sagas.filter(({ file }) => file.startsWith(`apps/${name}/`));
  const run = own.map(({ saga, file }) => `${saga} (${file})`);
  if (run.length > 0)
    throw new Error(
      `nothing was removed, because ${name} runs the ${many('saga', run)}: remove ${run.length === 1 ? 'it' : 'them'} first`,
    );
  const isNamed = (text: string) => (text.match(/\w+/g) ?? []).some((word) => exports.includes(word));
  const needing = sagas.flatMap(({ saga, file, steps }) => {
    const names = [...steps].filter(([, text]) => isNamed(text)).map(([step]) => step);
    return names.length === 0 ? [] : [`the ${many('step', names)} of the saga ${saga} (${file})`];
  });
  if (needing.length > 0)
    throw new Error(
      `nothing was removed, because ${name} answers ${needing.join(' and ')}: take these steps out first`,
    );
}

const many = (what: string, names: readonly string[]): string =>
  `${names.length === 1 ? what : `${what}s`} ${names.join(', ')}`;

function sagasOf(tree: Tree): readonly SagaText[] {
  const sagas: SagaText[] = [];
  visitNotIgnoredFiles(tree, 'apps', (file) => {
    if (file.endsWith('.saga.ts')) sagas.push(...sagasIn(file, tree.read(file, 'utf8') ?? ''));
  });
  return sagas;
}

/** What begins a saga, with its name or the constant that holds it, a step, or the parts after the last step. */
const part =
  /\bsaga\(\s*(?:'([\w-]+)'|(\w+)\.name)|\.(?:step|inform|pivot|retriable|waitFor)\(\s*'([\w-]+)'|\.(?:cancelledBy|whenCompensated)\(/g;

/** The sagas that a source defines. The text of a step reaches to the next part. */
function sagasIn(file: string, text: string): readonly SagaText[] {
  const sagas: { saga: string; file: string; steps: Map<string, string> }[] = [];
  const parts = [...text.matchAll(part)];
  for (const [index, { 1: name, 2: constant, 3: step, index: start }] of parts.entries()) {
    const saga = name ?? (constant === undefined ? undefined : nameIn(text, constant));
    if (saga !== undefined) sagas.push({ saga, file, steps: new Map() });
    if (step !== undefined) sagas.at(-1)?.steps.set(step, text.slice(start, parts[index + 1]?.index));
  }
  return sagas;
}

/** The name in a constant such as `{ name: 'return', version: 1 }`. */
const nameIn = (text: string, constant: string): string =>
  new RegExp(`\\b${constant} = \\{ name: '([\\w-]+)'`).exec(text)?.[1] ?? constant;
