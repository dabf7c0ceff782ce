import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { compileJava, installKafka, javaArguments } from '@millrace/embedded-kafka';
import { doesNotBuild } from './compare/description.ts';
import type { Outcome } from './compare/outcome.ts';
import { isProgramCase } from './random/random-topologies.ts';
import type { Step } from './scripts/script.ts';
import type { TopologyCase } from './topologies/topology-case.ts';

const sources = join(import.meta.dirname, 'java');
const heapMegabytesMax = 512;

/** Java has the named topologies itself, and is sent the calls of others. */
const inJava = (topology: TopologyCase): string | object =>
  isProgramCase(topology)
    ? { program: topology.program, cacheBytesMax: topology.cacheBytesMax }
    : topology.name;

interface Waiting {
  resolve(line: string): void;
  reject(error: Error): void;
}

/** One JVM with Kafka Streams' own test driver, which plays one script after the other. */
export class JavaOracle {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #folder: string;
  readonly #waiting: Waiting[] = [];
  #errors = '';

  private constructor(child: ChildProcessWithoutNullStreams, folder: string) {
    this.#child = child;
    this.#folder = folder;
    createInterface({ input: child.stdout }).on('line', (line) => this.#waiting.shift()?.resolve(line));
    child.stderr.on('data', (chunk: Buffer) => (this.#errors += chunk.toString('utf8')));
    child.once('error', (error) => this.#failAll(error));
    child.once('close', (code) =>
      this.#failAll(new Error(`the JVM ended with ${String(code)}:\n${this.#errors}`)),
    );
  }

  /** Fetches the jars and compiles the sources if that has not been done before. */
  static async start(print: (line: string) => void = () => undefined): Promise<JavaOracle> {
    const jars = await installKafka({ print });
    const classes = await compileJava({ sources, jars, print });
    const folder = mkdtempSync(join(tmpdir(), 'millrace-oracle-'));
    const [program, ...args] = javaArguments(
      { jars, classes, mainClass: 'Oracle', args: [folder], heapMegabytesMax, diesWithParent: true },
      'OFF',
    );
    return new JavaOracle(spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] }), folder);
  }

  /** The names of all topologies. */
  async names(): Promise<readonly string[]> {
    return JSON.parse(await this.#ask({ names: true })) as readonly string[];
  }

  /** The text of the topology, or the error that it does not build with. */
  async describe(topology: TopologyCase): Promise<string> {
    const answer = JSON.parse(await this.#ask({ describe: inJava(topology) })) as
      string | { readonly error: string };
    return typeof answer === 'string' ? answer : doesNotBuild(answer.error);
  }

  /** May be called again before it has answered. The answers come in the order of the calls. */
  async play(topology: TopologyCase, steps: readonly Step[]): Promise<readonly Outcome[]> {
    const answer = JSON.parse(await this.#ask({ topology: inJava(topology), steps })) as {
      readonly outcomes: readonly Outcome[];
    };
    return answer.outcomes;
  }

  #ask(job: object): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin.write(`${JSON.stringify(job)}\n`);
    });
  }

  #failAll(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'close');
      this.#child.stdin.end();
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
