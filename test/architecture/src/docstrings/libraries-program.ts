import { join, relative } from 'node:path';
import ts from 'typescript';
import { projects, readText, workspace } from '../workspace.ts';
import type { Example } from './examples.ts';

const folder = join(workspace, 'test/architecture/src/docstrings');
const exampleFile = (index: number): string => join(folder, `example-${index}.ts`);

const offered = [
  ...readText('test/architecture/src/docstrings/prelude.ts').matchAll(/^export (const|class|type) (\w+)/gm),
].map(([, kind = '', name = '']) => ({ kind, name }));

/** Imports what an example does not declare itself from the prelude, on one line. */
function importsOf(code: string): string {
  const wanted = offered.filter(({ name }) => !new RegExp(`\\b(const|class|type) ${name}\\b`).test(code));
  const names = wanted.map(({ kind, name }) => (kind === 'type' ? `type ${name}` : name));
  return `import { ${names.join(', ')} } from './prelude.ts';\n`;
}

/** The entry points of the libraries, as paths from the workspace's root. */
const entryPoints: readonly string[] = projects
  .filter((project) => project.folder.startsWith('libs/'))
  .flatMap(({ folder: library, manifest: { exports = {} } }) =>
    Object.values(exports).map((conditions) => join(library, conditions['@millrace/source'] ?? '')),
  );

/** Builds one program of the libraries' entry points and the examples. */
export function programOf(examples: readonly Example[]): ts.Program {
  const { config } = ts.readConfigFile(join(workspace, 'tsconfig.base.json'), ts.sys.readFile) as {
    readonly config: { readonly compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...config.compilerOptions, composite: false, rewriteRelativeImportExtensions: false, noEmit: true },
    workspace,
  );
  const files = new Map(examples.map(({ code }, index) => [exampleFile(index), `${importsOf(code)}${code}`]));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  return ts.createProgram(
    [...entryPoints.map((path) => join(workspace, path)), ...files.keys()],
    options,
    host,
  );
}

/** What the compiler says about the examples, each with its file and line. */
export const problemsOf = (program: ts.Program, examples: readonly Example[]): readonly string[] =>
  examples.flatMap(({ path, line }, index) => {
    const source = program.getSourceFile(exampleFile(index))!;
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ start = 0, messageText }) => {
        const within = source.getLineAndCharacterOfPosition(start).line - 1;
        return `${path}:${line + within}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
      },
    );
  });

/**
 * The functions, constants and classes that an entry point exports without a docstring. A topic and
 * a zod schema need none: their fields and `describe` say what they are.
 */
export function withoutDocstring(program: ts.Program): readonly string[] {
  const checker = program.getTypeChecker();
  const exported = entryPoints.flatMap((path) =>
    checker
      .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(join(workspace, path))!)!)
      .map((symbol) =>
        (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol),
      ),
  );
  const describesItself = (symbol: ts.Symbol): boolean => {
    const type = checker.getTypeOfSymbol(symbol);
    return type.getProperty('_zod') !== undefined || type.getProperty('declaration') !== undefined;
  };
  return [...new Set(exported)].flatMap((symbol) => {
    const [declared] = symbol.declarations ?? [];
    const isOurs = declared !== undefined && !declared.getSourceFile().fileName.includes('node_modules');
    const isValue =
      (symbol.flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Variable | ts.SymbolFlags.Class)) !== 0;
    if (!isOurs || !isValue || symbol.getDocumentationComment(checker).length > 0) return [];
    if (describesItself(symbol)) return [];
    const source = declared.getSourceFile();
    const { line } = source.getLineAndCharacterOfPosition(declared.getStart());
    return [`${relative(workspace, source.fileName)}:${line + 1}: ${symbol.name} has no docstring`];
  });
}
