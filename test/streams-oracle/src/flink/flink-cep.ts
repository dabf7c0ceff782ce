import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { compileJava, installJars, javaArguments } from '@millrace/embedded-kafka';
import type { PatternCase } from './pattern-case.ts';

const pomFile = join(import.meta.dirname, 'pom.xml');
const sources = join(import.meta.dirname, 'java');
const heapMegabytesMax = 1_024;

/** The version of Apache Flink that `pom.xml` names, such as `2.2.1`. */
const flinkVersion = (): string => /<flink\.version>([^<]+)</.exec(readFileSync(pomFile, 'utf8'))?.[1] ?? '';

/** What one side found in the events of a case. */
export interface Found {
  /** Such as `first:0 second:2,3`, with the numbers of the events. */
  readonly matches: readonly string[];
  /** Partial matches, with the time at which they ended. */
  readonly timedOut: readonly string[];
}

/** One JVM with Flink's MiniCluster, which runs one job after the other. */
export class FlinkCep {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #errors = '';

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.on('data', (chunk: Buffer) => (this.#errors += chunk.toString('utf8')));
  }

  /** Fetches the jars and compiles the sources if that has not been done before. */
  static async start(print: (line: string) => void = () => undefined): Promise<FlinkCep> {
    const version = flinkVersion();
    const flink = { name: `Apache Flink ${version}`, folder: `flink-${version}`, pomFile, megabytes: 63 };
    const jars = await installJars(flink, { print });
    const classes = await compileJava({ sources, jars, print });
    const [program, ...args] = javaArguments(
      { jars, classes, mainClass: 'FlinkCep', args: [], heapMegabytesMax, diesWithParent: true },
      'OFF',
    );
    return new FlinkCep(spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] }));
  }

  /** Runs the cases as one job. */
  async run(cases: readonly PatternCase[]): Promise<readonly Found[]> {
    this.#child.stdin.write(`${JSON.stringify(cases)}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`the JVM with Flink has ended:\n${this.#errors}`);
    return JSON.parse(value) as readonly Found[];
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'close');
    this.#child.stdin.end();
    await ended;
  }
}
