import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { cacheFolderByDefault, compilerProgram, compilerRemedy } from './java-programs.ts';

export interface CompileOptions {
  /** The folder of the `.java` files, without subfolders. */
  readonly sources: string;
  readonly jars: string;
  /** As for `installKafka`. */
  readonly cacheFolder?: string;
  readonly print?: (line: string) => void;
}

/**
 * Returns a folder with the compiled classes. Sources that have not changed are compiled only once.
 * The folder appears only when all classes are there, so several processes may compile at the same
 * time. Rejects with the compiler's messages.
 */
export async function compileJava(options: CompileOptions): Promise<string> {
  const { sources, jars, cacheFolder = cacheFolderByDefault(), print = () => undefined } = options;
  const files = (await readdir(sources))
    .filter((file) => file.endsWith('.java'))
    .sort()
    .map((file) => join(sources, file));
  const folder = join(cacheFolder, 'java-classes', hashOf(files, jars));
  if (existsSync(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const staging = await mkdtemp(`${folder}.compiling-`);
  try {
    print(`compiling ${files.length} Java files of ${sources}`);
    await compile(['-nowarn', '-cp', join(jars, '*'), '-d', staging, ...files]);
    await chmod(staging, 0o755);
    await rename(staging, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error; // another process was faster
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return folder;
}

function hashOf(files: readonly string[], jars: string): string {
  const hash = createHash('sha256').update(jars);
  for (const file of files) hash.update(`\n${basename(file)}\n`).update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

async function compile(args: readonly string[]): Promise<void> {
  const compiler = compilerProgram();
  const child = spawn(compiler, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  const [code] = (await once(child, 'close').catch(() => {
    throw new Error(`the Java compiler ${compiler} does not start: ${compilerRemedy}`);
  })) as [number | null];
  if (code !== 0) throw new Error(`${compiler} ended with ${String(code)}:\n${output}`);
}
