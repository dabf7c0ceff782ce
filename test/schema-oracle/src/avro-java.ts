import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { compileJava, installJars, javaArguments } from '@millrace/embedded-kafka';
import type { Incompatibility } from '@millrace/schema-registry/compatibility';

const pomFile = join(import.meta.dirname, 'pom.xml');
const sources = join(import.meta.dirname, 'java');
const heapMegabytesMax = 256;

/** The version of Apache Avro that `pom.xml` names, such as `1.12.1`. */
const avroVersion = (): string => /<avro\.version>([^<]+)</.exec(readFileSync(pomFile, 'utf8'))?.[1] ?? '';

/** Two texts, which need not be schemas. */
export interface SchemaPair {
  readonly reader: string;
  readonly writer: string;
}

/** The canonical texts, null for what is not a schema, and what the reader cannot read. */
export interface Judgement {
  readonly reader: string | null;
  readonly writer: string | null;
  readonly found?: readonly Incompatibility[];
  /** True if a field of the reader has aliases that name several fields of the writer. */
  readonly ambiguous?: true;
}

/** One JVM with Apache Avro. */
export class AvroJava {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #errors = '';

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.on('data', (chunk: Buffer) => (this.#errors += chunk.toString('utf8')));
  }

  /** Fetches the jars and compiles the source if that has not been done before. */
  static async start(print: (line: string) => void = () => undefined): Promise<AvroJava> {
    const version = avroVersion();
    const avro = { name: `Apache Avro ${version}`, folder: `avro-${version}`, pomFile, megabytes: 4 };
    const jars = await installJars(avro, { print });
    const classes = await compileJava({ sources, jars, print });
    const [program, ...args] = javaArguments(
      { jars, classes, mainClass: 'SchemaOracle', args: [], heapMegabytesMax, diesWithParent: true },
      'OFF',
    );
    return new AvroJava(spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] }));
  }

  async judge(pairs: readonly SchemaPair[]): Promise<readonly Judgement[]> {
    this.#child.stdin.write(`${JSON.stringify(pairs)}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`the JVM with Avro has ended:\n${this.#errors}`);
    return JSON.parse(value) as readonly Judgement[];
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'close');
    this.#child.stdin.end();
    await ended;
  }
}
