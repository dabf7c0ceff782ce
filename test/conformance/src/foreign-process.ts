import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export interface ProcessOptions {
  /** The text for its standard input, which is then closed. Nothing is written by default. */
  readonly input?: string;
  /** Whether the standard input stays open for `write`. */
  readonly keepsInput?: boolean;
  /** Variables that are added to the current environment. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface ProcessEnd {
  /** The exit code, or the signal that ended the process. */
  readonly code: number | NodeJS.Signals;
  readonly output: string;
  readonly errors: string;
}

const outputCharactersMax = 64 * 1024 * 1024;
const pollMs = 10;

export class ForeignProcess {
  readonly #child: ChildProcess;
  readonly command: readonly string[];
  readonly ended: Promise<ProcessEnd>;
  #output = '';
  #errors = '';
  #isOver = false;

  constructor(command: readonly string[], options: ProcessOptions = {}) {
    const [program = '', ...args] = command;
    this.command = command;
    this.#child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.environment },
      stdio: 'pipe',
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.#output = this.#grown(this.#output, chunk)));
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.#errors = this.#grown(this.#errors, chunk)));
    this.#child.stdin?.on('error', () => undefined); // the program has ended early, and its exit code says why
    if (options.keepsInput !== true) this.#child.stdin?.end(options.input ?? '');
    this.ended = once(this.#child, 'close').then(
      ([code, signal]) => this.#end((code ?? signal) as number | NodeJS.Signals),
      (error: Error) => this.#end(127, error.message),
    );
  }

  #grown(text: string, chunk: Buffer): string {
    if (text.length > outputCharactersMax) this.signal('SIGKILL');
    return text + chunk.toString('utf8');
  }

  #end(code: number | NodeJS.Signals, problem = ''): ProcessEnd {
    this.#isOver = true;
    return { code, output: this.#output, errors: this.#errors + problem };
  }

  get output(): string {
    return this.#output;
  }

  get errors(): string {
    return this.#errors;
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  closeInput(): void {
    this.#child.stdin?.end();
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.#isOver) this.#child.kill(signal);
  }

  /**
   * Resolves once its output so far satisfies the condition. Rejects when it ends before that, or
   * at the time limit.
   */
  async printed(condition: (output: string) => boolean, what: string, limitMs = 30_000): Promise<void> {
    const deadline = performance.now() + limitMs;
    while (!condition(this.#output + this.#errors)) {
      if (this.#isOver) throw new Error(`${this.command[0]} ended before ${what}`);
      if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }

  /** Sends a signal (SIGTERM by default) and waits for the end. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<ProcessEnd> {
    this.signal(signal);
    return this.ended;
  }
}
