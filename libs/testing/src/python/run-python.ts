import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { installKafkaPython } from './install-kafka-python.ts';

export interface PythonOptions {
  /** Killed then, by -9. */
  readonly limitMs?: number;
}

/** Runs a program of kafka-python's; its standard output. Rejects with all that it said when it fails or hangs. */
export async function runPython(file: string, args: readonly string[] = [], { limitMs = 60_000 }: PythonOptions = {}): Promise<string> {
  const child = spawn(await installKafkaPython(), ['-u', file, ...args], {
    timeout: limitMs,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (code !== 0) throw new Error(`${file} ended with ${code ?? signal}: ${output}${errors}`);
  return output;
}
