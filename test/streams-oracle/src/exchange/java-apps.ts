import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { compileJava, installKafka, javaArguments } from '@millrace/embedded-kafka';

const sources = join(import.meta.dirname, 'java');
const heapMegabytesMax = 512;

/** Applications of Kafka Streams in one JVM. */
export class JavaApps {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: PromiseWithResolvers<void>[] = [];
  #errors = '';

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', (line) => this.#take(line));
    child.stderr.on('data', (chunk: Buffer) => (this.#errors += chunk.toString('utf8')));
    child.once('error', (error) => this.#failAll(error));
    child.once('close', (code) =>
      this.#failAll(new Error(`the JVM ended with ${String(code)}:\n${this.#errors.slice(-4_000)}`)),
    );
  }

  /** Fetches the jars and compiles the sources if that has not been done before. */
  static async open(bootstrapServer: string): Promise<JavaApps> {
    const jars = await installKafka();
    const classes = await compileJava({ sources, jars });
    const args = [bootstrapServer];
    const [program, ...rest] = javaArguments(
      { jars, classes, mainClass: 'ExchangeApps', args, heapMegabytesMax, diesWithParent: true },
      'ERROR',
    );
    return new JavaApps(spawn(program, rest, { stdio: ['pipe', 'pipe', 'pipe'] }));
  }

  /** Resolves once every task of the application runs. */
  start(applicationId: string, stateDir: string): Promise<void> {
    return this.#ask(`start ${applicationId} ${stateDir}`);
  }

  /** Resolves once the application has committed and left its group. */
  stop(applicationId: string): Promise<void> {
    return this.#ask(`stop ${applicationId}`);
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'close');
    this.#child.stdin.end();
    await ended;
  }

  #ask(line: string): Promise<void> {
    const answer = Promise.withResolvers<void>();
    this.#waiting.push(answer);
    this.#child.stdin.write(`${line}\n`);
    return answer.promise;
  }

  #take(line: string): void {
    if (line === 'done') this.#waiting.shift()?.resolve();
    else this.#errors += `${line}\n`;
  }

  #failAll(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
