import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { workspace } from '@millrace/testing/link-packages';

/**
 * The compiler's errors in those sources of a project that differ from this workspace's, and in those
 * that import the contracts. Checking the rest takes minutes.
 */
export function compileErrors(folder: string): readonly string[] {
  const parsed: ParsedFiles = new Map();
  const { config } = ts.readConfigFile(join(folder, 'tsconfig.json'), ts.sys.readFile) as {
    readonly config: { readonly references: readonly ts.ProjectReference[] };
  };
  return config.references.flatMap(({ path }) =>
    errorsOf(ts.resolveProjectReferencePath({ path: join(folder, path) }), folder, parsed),
  );
}

/** Parsed files, which many projects share. */
type ParsedFiles = Map<string, ts.SourceFile | undefined>;

function errorsOf(configFile: string, folder: string, parsed: ParsedFiles): readonly string[] {
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
    rootDir: folder,
  };
  const project = ts.getParsedCommandLineOfConfigFile(configFile, onlyChecked, host);
  const chosen = project?.fileNames.filter((file) => isChanged(file, folder)) ?? [];
  if (project === undefined || chosen.length === 0) return [];
  const program = ts.createProgram(chosen, project.options, compilerHost(project.options, parsed));
  return chosen
    .map((file) => program.getSourceFile(file))
    .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
    .map((problem) => textOf(problem, folder));
}

function isChanged(file: string, folder: string): boolean {
  const text = readFileSync(file, 'utf8');
  const original = join(workspace, relative(folder, file));
  return !existsSync(original) || readFileSync(original, 'utf8') !== text || text.includes("/contracts'");
}

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
