import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** A message of the compiler about a source. */
export interface Complaint {
  readonly code: number;
  /** The compiler's message, or the part of it that tells a person what is wrong. */
  readonly says: string;
}

const folder = dirname(fileURLToPath(import.meta.url));

/**
 * Compiles each source as if it were in the builder's folder, all in one program, and returns the
 * compiler's messages.
 */
export function compile(sources: readonly string[]): readonly (readonly Complaint[])[] {
  const { config } = ts.readConfigFile(join(folder, '../../../../tsconfig.base.json'), ts.sys.readFile) as {
    readonly config: { readonly compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...config.compilerOptions, composite: false, rewriteRelativeImportExtensions: false, noEmit: true },
    folder,
  );
  const files = new Map(sources.map((source, index) => [join(folder, `source-${index}.ts`), source]));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files.keys()].map((name) =>
    program.getSemanticDiagnostics(program.getSourceFile(name)).map(({ code, messageText }) => ({
      code,
      says: ts.flattenDiagnosticMessageText(messageText, '\n'),
    })),
  );
}
