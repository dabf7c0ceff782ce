import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { javaProgram } from './java-programs.ts';

export interface JavaCommand {
  readonly jars: string;
  /** A folder of compiled classes to use in front of the jars. */
  readonly classes?: string;
  readonly mainClass: string;
  readonly args: readonly string[];
  readonly heapMegabytesMax: number;
  /** Flags to use instead of those for a quick start. */
  readonly javaFlags?: readonly string[];
  /** The command in front of `java`, such as `ip netns exec NAME`. */
  readonly launcher?: readonly string[];
  /** Whether the process dies with this one, however this one ends. Needs Linux with `setpriv`. */
  readonly diesWithParent?: boolean;
}

/** These flags make the start fast and long runs slower. */
const quickStart = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];

const flags = (
  { heapMegabytesMax, javaFlags = quickStart }: JavaCommand,
  logLevel: string,
): readonly string[] => [
  `-Xmx${heapMegabytesMax}m`,
  ...javaFlags,
  '-Djava.awt.headless=true',
  `-Dorg.apache.logging.log4j.level=${logLevel}`,
];

const hasSetpriv = (): boolean =>
  process.platform === 'linux' && spawnSync('setpriv', ['--version'], { stdio: 'ignore' }).status === 0;

/**
 * The whole command line that runs a Java program, its launcher first. With `diesWithParent` the
 * kernel kills the program when its parent dies, on Linux with `setpriv` only.
 */
export function javaArguments(command: JavaCommand, logLevel: string): readonly [string, ...string[]] {
  const { jars, classes, mainClass, args, launcher = [], diesWithParent = false } = command;
  const libraries = join(jars, '*');
  const classPath = classes === undefined ? libraries : `${classes}${delimiter}${libraries}`;
  const java = [javaProgram(), ...flags(command, logLevel), '-cp', classPath, mainClass, ...args];
  const guard = diesWithParent && hasSetpriv() ? ['setpriv', '--pdeathsig', 'KILL', '--'] : [];
  return [...launcher, ...guard, ...java] as [string, ...string[]];
}

/** The log of a process. An error about its death shows the end of the file. */
export interface ProcessLog {
  readonly file: string;
  /** Writes a chunk of output. If absent, the process itself appends to the file. */
  write?(chunk: Buffer): void;
}

/**
 * A JVM that runs until it is stopped. It has a session of its own, so Ctrl-C reaches only the
 * process that started it.
 */
export class JavaProcess {
  readonly #child: ChildProcess;
  readonly #log: ProcessLog;
  readonly #name: string;
  #expected = false;
  /**
   * Resolves with the signal or exit code that ended the process, or with the reason why it did not
   * start.
   */
  readonly ended: Promise<string>;

  constructor(name: string, command: JavaCommand, log: ProcessLog) {
    this.#name = name;
    this.#log = log;
    const [program, ...args] = javaArguments({ ...command, diesWithParent: true }, 'INFO');
    this.#child = log.write
      ? spawnPiped(program, args, log.write.bind(log))
      : spawnInto(log.file, program, args);
    this.ended = once(this.#child, 'exit').then(
      ([code, signal]) => (signal as string | null) ?? `exit code ${String(code)}`,
      (error: Error) => error.message,
    );
  }

  get pid(): number | undefined {
    return this.isRunning ? this.#child.pid : undefined;
  }

  get isRunning(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /**
   * Rejects with the end of its log if the process ends without having been stopped or killed here.
   */
  async died(): Promise<never> {
    const outcome = await this.ended;
    if (this.#expected) return new Promise(() => undefined);
    throw new Error(`${this.#name} has ended (${outcome}); the end of ${this.#log.file}:\n${this.logEnd()}`);
  }

  logEnd(linesMax = 40): string {
    return readFileSync(this.#log.file, 'utf8').trimEnd().split('\n').slice(-linesMax).join('\n');
  }

  signal(signal: NodeJS.Signals): void {
    if (this.isRunning) this.#child.kill(signal);
  }

  /** Resolves once the process is gone. */
  async kill(): Promise<void> {
    this.#expected = true;
    this.signal('SIGKILL');
    if (this.isRunning) await this.ended;
  }

  /** Sends SIGTERM, and SIGKILL if the process takes longer than the limit. */
  async stop(limitMs: number): Promise<void> {
    this.#expected = true;
    this.signal('SIGCONT');
    this.signal('SIGTERM');
    const late = setTimeout(() => this.signal('SIGKILL'), limitMs);
    if (this.isRunning) await this.ended;
    clearTimeout(late);
  }
}

function spawnPiped(program: string, args: readonly string[], write: (chunk: Buffer) => void): ChildProcess {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  for (const output of [child.stdout, child.stderr]) output.on('data', write);
  return child;
}

function spawnInto(file: string, program: string, args: readonly string[]): ChildProcess {
  const log = openSync(file, 'a');
  try {
    return spawn(program, args, { stdio: ['ignore', log, log], detached: true });
  } finally {
    closeSync(log);
  }
}
