import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { installKafkaPython } from './install-kafka-python.ts';

/** A program of kafka-python's that runs. */
export interface PythonProgram {
  /** What it has printed until now. */
  output(): string;
  /** What it has said on standard error: for messages of failure. */
  errors(): string;
  /** How it ended: an exit code, or the signal that killed it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** With -9 where nothing else is said. Resolves once it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** A test that forgets it does not leave it behind for ever. */
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

/** Runs a program to its end; its standard output. Rejects with all that it said when it fails, or hangs and is killed. */
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
