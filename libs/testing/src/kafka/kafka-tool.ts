import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { installKafka, javaArguments } from '@millrace/embedded-kafka';

const runMsMax = 120_000;

/**
 * Runs one of Kafka's own command-line programs by its class, and resolves with what it printed:
 * `kafkaTool('TopicCommand', [...])`. A name without `kafka.` in it belongs to
 * `org.apache.kafka.tools`. Rejects with the output if the program ends with an error. A JVM takes
 * 1 to 2 s to start.
 */
export async function kafkaTool(name: string, args: readonly string[]): Promise<string> {
  const mainClass = name.includes('kafka.') ? name : `org.apache.kafka.tools.${name}`;
  const command = {
    jars: await installKafka(),
    mainClass,
    args,
    heapMegabytesMax: 256,
    diesWithParent: true,
  };
  const [program, ...rest] = javaArguments(command, 'WARN');
  const child = spawn(program, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: AbortSignal.timeout(runMsMax),
    killSignal: 'SIGKILL',
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${output}${errors}`);
  return output;
}
