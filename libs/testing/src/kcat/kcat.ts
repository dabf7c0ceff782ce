import { spawn } from 'node:child_process';

const runMsMax = 25_000;

/**
 * Without this, kcat waits half a second in the broker's long poll before it reports the end of a
 * partition.
 */
const endSoon = ['-X', 'fetch.wait.max.ms=10'];

/**
 * Runs kcat, a foreign client, and resolves to its standard output. Rejects when it fails, hangs or
 * is not installed.
 */
export function kcat(args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('kcat', args.includes('-e') ? [...endSoon, ...args] : [...args], {
      timeout: runMsMax,
      killSignal: 'SIGKILL',
    });
    const out: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    child.on('error', (cause) =>
      reject(
        new Error('kcat does not start: install it with `npm run program -- tools/install/kcat.ts`', {
          cause,
        }),
      ),
    );
    child.on('close', (code, signal) => {
      if (code === 0) resolve(Buffer.concat(out).toString());
      else
        reject(
          new Error(`kcat ${args.join(' ')} ${endOf(code, signal)}: ${Buffer.concat(errors).toString()}`),
        );
    });
    child.stdin.on('error', () => undefined); // kcat ended early, and its exit code says why
    child.stdin.end(input);
  });
}

const endOf = (code: number | null, signal: NodeJS.Signals | null): string =>
  signal === 'SIGKILL' ? `was killed after its limit of ${runMsMax} ms` : `ended with ${code ?? signal}`;
