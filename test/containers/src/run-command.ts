import { spawn } from 'node:child_process';

export interface Outcome {
  /** Null if the command was killed. */
  readonly code: number | null;
  /**
   * Standard output and standard error in the order in which they arrived, or only the end if they
   * are long.
   */
  readonly output: string;
}

export interface CommandOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly folder?: string;
  readonly timeoutMs?: number;
}

const outputLengthMax = 200_000;

/** Rejects only if the command cannot be started. */
export function outcomeOf(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Outcome> {
  const { environment = process.env, folder, timeoutMs = 600_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], {
      env: { ...environment },
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const limit = setTimeout(() => child.kill('SIGKILL'), timeoutMs).unref();
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on(
        'data',
        (chunk: Buffer) => (output = (output + chunk.toString('utf8')).slice(-outputLengthMax)),
      );
    child.once('error', reject).once('close', (code) => {
      clearTimeout(limit);
      resolve({ code, output });
    });
  });
}

/** Resolves with the command's output. Rejects with it if the command fails. */
export async function run(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { code, output } = await outcomeOf(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${output.slice(-4_000)}`);
  return output.trim();
}

export const succeeds = async (
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<boolean> => {
  try {
    return (await outcomeOf(command, args, options)).code === 0;
  } catch {
    return false; // the command does not exist
  }
};
