import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { javaProgram } from './java-programs.ts';

export interface JavaCommand {
  /** The folder with the jars. */
  readonly jars: string;
  readonly mainClass: string;
  readonly args: readonly string[];
  readonly heapMegabytesMax: number;
  /** What runs before `java`, such as `ip netns exec NAME`. */
  readonly launcher?: readonly string[];
  /** Whether the process dies with this one, however that ends; where Linux has `setpriv`. */
  readonly diesWithParent?: boolean;
}

/** Quick to start rather than fast in the long run, and silent but for warnings unless told otherwise. */
const flags = (heapMegabytesMax: number, logLevel: string): readonly string[] => [
  `-Xmx${heapMegabytesMax}m`,
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Xshare:auto',
  '-Djava.awt.headless=true',
  `-Dorg.apache.logging.log4j.level=${logLevel}`,
];

const hasSetpriv = (): boolean => process.platform === 'linux' && spawnSync('setpriv', ['--version'], { stdio: 'ignore' }).status === 0;

export function javaArguments(command: JavaCommand, logLevel: string): readonly [string, ...string[]] {
  const { jars, mainClass, args, heapMegabytesMax, launcher = [], diesWithParent = false } = command;
  const java = [javaProgram(), ...flags(heapMegabytesMax, logLevel), '-cp', join(jars, '*'), mainClass, ...args];
  const guard = diesWithParent && hasSetpriv() ? ['setpriv', '--pdeathsig', 'KILL', '--'] : [];
  return [...launcher, ...guard, ...java] as [string, ...string[]];
}

/** A JVM that runs until it is stopped, what it prints in a file. */
export class JavaProcess {
  readonly #child: ChildProcess;
  readonly #logFile: string;
  readonly #name: string;
  #expected = false;
  readonly #exited: Promise<unknown>;

  constructor(name: string, command: JavaCommand, logFile: string) {
    this.#name = name;
    this.#logFile = logFile;
    const log = openSync(logFile, 'a');
    const [program, ...args] = javaArguments({ ...command, diesWithParent: true }, 'INFO');
    this.#child = spawn(program, args, { stdio: ['ignore', log, log] });
    closeSync(log);
    this.#exited = once(this.#child, 'exit').catch((error: unknown) => error);
  }

  get pid(): number | undefined {
    return this.isRunning ? this.#child.pid : undefined;
  }

  get isRunning(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Rejects with the end of its log when the process ends without having been told to. */
  async died(): Promise<never> {
    const outcome = await this.#exited;
    if (this.#expected) return new Promise(() => undefined);
    throw new Error(`${this.#name} has ended (${String(outcome)}); the end of ${this.#logFile}:\n${this.logEnd()}`);
  }

  logEnd(linesMax = 40): string {
    return readFileSync(this.#logFile, 'utf8').trimEnd().split('\n').slice(-linesMax).join('\n');
  }

  signal(signal: NodeJS.Signals): void {
    if (this.isRunning) this.#child.kill(signal);
  }

  /** Resolves once it is gone. */
  async kill(): Promise<void> {
    this.#expected = true;
    this.signal('SIGKILL');
    if (this.isRunning) await this.#exited;
  }

  /** SIGTERM, and SIGKILL where that takes longer than the limit. */
  async stop(limitMs: number): Promise<void> {
    this.#expected = true;
    this.signal('SIGCONT');
    this.signal('SIGTERM');
    const late = setTimeout(() => this.signal('SIGKILL'), limitMs);
    if (this.isRunning) await this.#exited;
    clearTimeout(late);
  }
}
