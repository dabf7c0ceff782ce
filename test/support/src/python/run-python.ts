import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { installKafkaPython } from './install-kafka-python.ts';

export interface PythonProgram {
  output(): string;
  /** The text on its standard error so far, for failure messages. */
  errors(): string;
  /** Resolves to its exit code or to the signal that killed it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Kills the program, by default with SIGKILL. Resolves once it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** The limit after which a forgotten program is killed. */
const programMsMax = 300_000;
const keptCharactersMax = 1_000_000;

export async function startPython(file: string, args: readonly string[] = []): Promise<PythonProgram> {
  const child = spawn(await installKafkaPython(), ['-u', file, ...args], {
    timeout: programMsMax,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on(
    'data',
    (chunk: Buffer) => (output = (output + chunk.toString('utf8')).slice(-keptCharactersMax)),
  );
  child.stderr.on(
    'data',
    (chunk: Buffer) => (errors = (errors + chunk.toString('utf8')).slice(-keptCharactersMax)),
  );
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  return {
    output: () => output,
    errors: () => errors,
    ended,
    async kill(signal = 'SIGKILL') {
      child.kill(signal);
      await ended;
    },
  };
}

/**
 * Runs a program to its end and resolves to its standard output. Rejects with all its output when
 * it fails or hangs.
 */
export async function runPython(
  file: string,
  args: readonly string[] = [],
  limitMs = 60_000,
): Promise<string> {
  const program = await startPython(file, args);
  const late = setTimeout(() => void program.kill(), limitMs);
  const end = await program.ended;
  clearTimeout(late);
  if (end !== 0) throw new Error(`${file} ended with ${end}: ${program.output()}${program.errors()}`);
  return program.output();
}
