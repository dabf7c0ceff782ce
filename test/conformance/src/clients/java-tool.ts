import type { CaseContext } from '../case-context.ts';
import { reached } from '../reached.ts';
import type { JavaRunner } from './java-runner.ts';

/**
 * Runs Kafka's programs in the runner's JVM for one case. A name that does not begin with `kafka.`
 * or `org.` belongs to `org.apache.kafka.tools`. Arguments are separated by spaces.
 */
export class JavaTool {
  readonly #runner: JavaRunner;
  readonly #context: CaseContext;

  constructor(runner: JavaRunner, context: CaseContext) {
    this.#runner = runner;
    this.#context = context;
  }

  /** Resolves with what the program printed. Rejects when it ends with an error. */
  run(name: string, args: string, input = ''): Promise<string> {
    return this.plain(name, this.#onBroker(args), input);
  }

  /**
   * Repeats the program until its output is as wanted, and resolves with that output. A broker of
   * Apache Kafka learns of a change a moment after its controller has answered. Until then it shows
   * topics and configs without the change, or with only half of it.
   */
  async until(name: string, args: string, wanted: RegExp | ((output: string) => boolean)): Promise<string> {
    const isWanted = typeof wanted === 'function' ? wanted : (text: string) => wanted.test(text);
    let output = '';
    await reached(
      async () => isWanted((output = await this.refused(name, args))),
      () => `${String(wanted)} from ${name} ${args}`,
    );
    return output;
  }

  /** Runs the program with these arguments only, without the broker's address. */
  async plain(name: string, args: string, input = ''): Promise<string> {
    const { code, output } = await this.#end(name, args, input);
    if (code !== 0) throw new Error(`${name} ended with ${code}`);
    return output;
  }

  /** Runs the program in its own JVM, for programs that finish their work while their JVM shuts down. */
  alone(name: string, args: string): Promise<string> {
    return this.#context.run(this.#runner.command(mainClassOf(name), wordsOf(this.#onBroker(args))));
  }

  /**
   * Resolves with the output whatever the exit code is, since some of Kafka's programs end with 0
   * although the broker rejected their request.
   */
  async refused(name: string, args: string): Promise<string> {
    return (await this.#end(name, this.#onBroker(args), '')).output;
  }

  #onBroker(args: string): string {
    return `--bootstrap-server ${this.#context.bootstrapServers} ${args}`;
  }

  async #end(name: string, args: string, input: string) {
    const mainClass = mainClassOf(name);
    let output = '(no end)';
    this.#context.transcript.add(`java -cp 'KAFKA/libs/*' ${mainClass} ${args}`, () => output);
    const end = await this.#runner.run(mainClass, wordsOf(args), input);
    output = end.output;
    return end;
  }
}

const wordsOf = (args: string): readonly string[] => args.split(' ').filter((word) => word !== '');

const mainClassOf = (name: string): string =>
  /^(kafka|org)\./.test(name) ? name : `org.apache.kafka.tools.${name}`;

/**
 * Reads the table that a tool printed, from the line that begins with this column name on. Returns
 * its rows by column name.
 */
export function rowsOf(output: string, firstColumn: string): readonly Readonly<Record<string, string>>[] {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const start = lines.findIndex((line) => line.startsWith(firstColumn));
  if (start < 0) throw new Error(`there is no table that begins with ${firstColumn}`);
  const names = (lines[start] ?? '').trim().split(/\s+/);
  return lines.slice(start + 1).map((line) => {
    const cells = line.trim().split(/\s+/);
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  });
}
