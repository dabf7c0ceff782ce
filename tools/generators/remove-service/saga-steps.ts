import type { Tree } from '@nx/devkit';
import ts from 'typescript';
import { chainOf, sagaFiles } from '../source/saga-source.ts';
import { nodesIn, propertyOf, type TypeScriptFile } from '../source/typescript-file.ts';

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
      `nothing was removed, because ${name} answers ${needing.join(' and ')}: take these steps out first, as docs/how-to/remove-a-part.md says under "Take a step out"`,
    );
}

const many = (what: string, names: readonly string[]): string =>
  `${names.length === 1 ? what : `${what}s`} ${names.join(', ')}`;

const stepMethods: ReadonlySet<string> = new Set(['step', 'inform', 'pivot', 'retriable', 'waitFor']);

/** The sagas of all services, with the steps of their groups and branches. */
const sagasOf = (tree: Tree): readonly SagaText[] =>
  sagaFiles(tree).flatMap((file) =>
    file.calls('saga').map((call) => ({
      saga: nameIn(file, call.arguments[0]),
      file: file.path,
      steps: new Map(stepsOf(call)),
    })),
  );

const stepsOf = (call: ts.CallExpression): ReadonlyArray<readonly [name: string, text: string]> =>
  nodesIn(chainOf(call).at(-1) ?? call, ts.isCallExpression)
    .filter(
      ({ expression }) => ts.isPropertyAccessExpression(expression) && stepMethods.has(expression.name.text),
    )
    .sort((one, other) => one.arguments.pos - other.arguments.pos)
    .flatMap(({ arguments: [name, options] }) =>
      name !== undefined && ts.isStringLiteral(name) ? [[name.text, options?.getText() ?? '']] : [],
    );

/** The name of a saga, which may be that of a constant such as `{ name: 'return', version: 1 }`. */
function nameIn(file: TypeScriptFile, argument: ts.Expression | undefined): string {
  if (argument === undefined) return '';
  if (ts.isStringLiteral(argument)) return argument.text;
  const value = ts.isPropertyAccessExpression(argument)
    ? file.constant(argument.expression.getText())
    : undefined;
  const name = value && ts.isObjectLiteralExpression(value) ? propertyOf(value, 'name') : undefined;
  return name && ts.isStringLiteral(name) ? name.text : argument.getText();
}
