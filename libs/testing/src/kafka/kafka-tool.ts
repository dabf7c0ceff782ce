import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { installKafka, javaArguments } from '@millrace/embedded-kafka';

export interface KafkaToolOptions {
  /** The text for the program's standard input. */
  readonly input?: string;
  readonly heapMegabytesMax?: number;
  readonly limitMs?: number;
  /** Kills the program, for one that runs until then. */
  readonly signal?: AbortSignal;
}

/**
 * Runs one of Kafka's own command-line programs by its class, and resolves with what it printed:
 * `kafkaTool('TopicCommand', [...])`. A name without `kafka.` in it belongs to
 * `org.apache.kafka.tools`. Rejects with the output if the program ends with an error. A JVM takes
 * 1 to 2 s to start.
 */
export async function kafkaTool(
  name: string,
  args: readonly string[],
  options: KafkaToolOptions = {},
): Promise<string> {
  const { input = '', heapMegabytesMax = 256, limitMs = 120_000, signal } = options;
  const mainClass = name.includes('kafka.') ? name : `org.apache.kafka.tools.${name}`;
  const command = { jars: await installKafka(), mainClass, args, heapMegabytesMax, diesWithParent: true };
  const [program, ...rest] = javaArguments(command, 'WARN');
  const child = spawn(program, rest, {
    stdio: ['pipe', 'pipe', 'pipe'],
    signal: AbortSignal.any([AbortSignal.timeout(limitMs), ...(signal ? [signal] : [])]),
    killSignal: 'SIGKILL',
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')));
  // A program that reads no input may end before it is written.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${output}${errors}`);
  return output;
}
