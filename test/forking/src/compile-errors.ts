import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { packageName, workspace } from '@millrace/testing/link-packages';

/**
 * The compiler's errors in those sources of a copy that differ from this workspace's, or import such a file
 * or a package that has one. Checking the rest takes minutes. Projects with the same options are one program,
 * because what each of them imports is most of the work.
 */
export function compileErrors(folder: string, configFiles = projectsOf(folder)): readonly string[] {
  const isAffected = affectedIn(folder);
  const parsed: ParsedFiles = new Map();
  const projects = configFiles.map((path) => projectAt(join(folder, path), folder));
  const alike = Map.groupBy(projects, ({ options }) => JSON.stringify({ ...options, configFilePath: '' }));
  return [...alike.values()].flatMap((group) => {
    const { options } = group[0]!;
    const chosen = [...new Set(group.flatMap(({ fileNames }) => fileNames))].filter(isAffected);
    const program = ts.createProgram(chosen, options, compilerHost(options, parsed));
    return chosen
      .map((file) => program.getSourceFile(file))
      .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
      .map((problem) => textOf(problem, folder));
  });
}

/** Parsed files, which many projects share. */
type ParsedFiles = Map<string, ts.SourceFile | undefined>;

function projectsOf(folder: string): readonly string[] {
  const { config } = ts.readConfigFile(join(folder, 'tsconfig.json'), ts.sys.readFile) as {
    readonly config: { readonly references: readonly ts.ProjectReference[] };
  };
  return config.references.map(({ path }) => path);
}

function projectAt(path: string, folder: string): ts.ParsedCommandLine {
  const host: ts.ParseConfigFileHost = {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (problem) => {
      throw new Error(textOf(problem, folder));
    },
  };
  const onlyChecked = {
    noEmit: true,
    composite: false,
    incremental: false,
    tsBuildInfoFile: undefined,
    outDir: undefined,
    rootDir: folder,
  };
  return ts.getParsedCommandLineOfConfigFile(ts.resolveProjectReferencePath({ path }), onlyChecked, host)!;
}

/** Tells which sources of the copy can have errors that this workspace does not have. */
function affectedIn(folder: string): (file: string) => boolean {
  const sources = [folder, workspace].flatMap((root) =>
    globSync(['{apps,libs,test}/*/src/**/*.{ts,tsx}', 'tools/**/*.ts'], { cwd: root }),
  );
  const textIn = (root: string, path: string) =>
    existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined;
  const changed = new Set(sources.filter((path) => textIn(folder, path) !== textIn(workspace, path)));
  const packages = new Set([...changed].flatMap((path) => namesOfPackage(path, folder)));
  const isChanged = (imported: string, from: string) =>
    imported.startsWith('.')
      ? changed.has(relative(folder, resolve(dirname(from), imported)))
      : packages.has(imported.split('/', 2).join('/'));
  return (file) =>
    changed.has(relative(folder, file)) ||
    ts
      .preProcessFile(readFileSync(file, 'utf8'))
      .importedFiles.some(({ fileName }) => isChanged(fileName, file));
}

const namesOfPackage = (path: string, folder: string): readonly string[] =>
  [folder, workspace]
    .map((root) => join(root, ...path.split('/', 2)))
    .filter((project) => existsSync(join(project, 'package.json')))
    .map(packageName);

function compilerHost(options: ts.CompilerOptions, parsed: ParsedFiles): ts.CompilerHost {
  const host = ts.createCompilerHost(options, true);
  return {
    ...host,
    getSourceFile(file, version) {
      const key = `${file} ${JSON.stringify(version)} ${options.jsx}`;
      if (!parsed.has(key)) parsed.set(key, host.getSourceFile(file, version));
      return parsed.get(key);
    },
  };
}

const textOf = (problem: ts.Diagnostic, folder: string): string =>
  ts.formatDiagnostic(problem, {
    getCurrentDirectory: () => folder,
    getCanonicalFileName: (file) => file,
    getNewLine: () => '\n',
  });
