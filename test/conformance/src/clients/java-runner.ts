import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { compileJava, installKafka, javaArguments } from '@millrace/embedded-kafka';
import { serialQueue } from '@millrace/streaming-core/runtime';

const sources = join(import.meta.dirname, '../programs/java');
const heapMegabytesMax = 384;

export interface JavaPlaces {
  readonly jars: string;
  readonly classes: string;
}

export interface JavaEnd {
  readonly code: number;
  /** Standard output and standard error together. */
  readonly output: string;
}

/** Compiles the classes of `src/programs/java` against Kafka's jars. */
export async function compilePrograms(print: (line: string) => void): Promise<JavaPlaces> {
  const jars = await installKafka({ print });
  return { jars, classes: await compileJava({ sources, jars, print }) };
}

/** The command that runs one of our classes or of Kafka's in its own JVM. */
export const javaCommand = (
  { jars, classes }: JavaPlaces,
  mainClass: string,
  args: readonly string[],
): readonly string[] =>
  javaArguments({ jars, classes, mainClass, args, heapMegabytesMax, diesWithParent: true }, 'ERROR');

interface JavaMachine {
  readonly process: ChildProcess;
  readonly answers: Interface;
  /** Rejects when the process ends. */
  readonly ended: Promise<never>;
}

/**
 * Runs Kafka's programs one after the other in one JVM. It starts another JVM if that one has ended
 * or hangs.
 */
export class JavaRunner {
  readonly #places: JavaPlaces;
  #machine: JavaMachine | undefined;
  readonly #oneByOne = serialQueue();

  constructor(places: JavaPlaces) {
    this.#places = places;
  }

  /** The command that runs the program in its own JVM. */
  command(mainClass: string, args: readonly string[]): readonly string[] {
    return javaCommand(this.#places, mainClass, args);
  }

  /** Runs programs in the order of the calls. Rejects at the time limit, and when the JVM ends. */
  run(mainClass: string, args: readonly string[], input = '', limitMs = 60_000): Promise<JavaEnd> {
    return this.#oneByOne(() => this.#next(mainClass, args, input, limitMs));
  }

  async #next(mainClass: string, args: readonly string[], input: string, limitMs: number): Promise<JavaEnd> {
    const machine = this.#started();
    const over = new AbortController();
    const late = pause(limitMs, undefined, over).then(() =>
      Promise.reject(new Error(`it did not end within ${limitMs / 1_000} s`)),
    );
    const answered = once(machine.answers, 'line', over) as Promise<[string]>;
    for (const each of [late, answered]) each.catch(() => undefined); // nothing awaits the promise that loses the race
    try {
      machine.process.stdin?.write(`${[mainClass, input, ...args].map(encodeURIComponent).join(' ')}\n`);
      const [line] = await Promise.race([answered, late, machine.ended]);
      const [code = '', output = ''] = line.split(' ');
      return { code: Number(code), output: decodeURIComponent(output.replaceAll('+', ' ')) };
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      over.abort();
    }
  }

  #started(): JavaMachine {
    if (this.#machine !== undefined) return this.#machine;
    const [program = '', ...args] = javaCommand(this.#places, 'Runner', []);
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(child, 'exit').then(([code, signal]) =>
      Promise.reject(new Error(`the JVM ended with ${String(code ?? signal)}`)),
    );
    ended.catch(() => (this.#machine = undefined));
    this.#machine = { process: child, answers: createInterface({ input: child.stdout }), ended };
    return this.#machine;
  }

  async close(): Promise<void> {
    const machine = this.#machine;
    if (machine === undefined) return;
    machine.process.kill('SIGKILL');
    await machine.ended.catch(() => undefined);
  }
}
