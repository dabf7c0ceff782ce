import { join } from 'node:path';
import { readSettings, type StackSettings } from './config.ts';
import { readOptions, usage, type StackOptions } from './options.ts';
import { consoleLogger } from './logger.ts';
import { runStack, type RunningStack } from './run-stack.ts';
import { placeSamples } from './samples/place-samples.ts';
import { describeStack } from './stack.ts';
import { stopSignal, whenAborted } from './until-stopped.ts';

const workspace = join(import.meta.dirname, '../../..');

async function main(options: StackOptions, settings: StackSettings): Promise<number> {
  const print = (line: string) => void (options.json ? process.stderr : process.stdout).write(`${line}\n`);
  const logger = consoleLogger(print);
  const signal = stopSignal();
  const interrupted = whenAborted(signal);
  const stack = await runStack(describeStack(settings), {
    workspace,
    fresh: options.fresh,
    settings,
    print,
    logger,
    signal,
    onRestart: () => tellParent(stack),
  });
  try {
    tellParent(stack);
    const good = options.samples
      ? await Promise.race([placeSamples(stack, { json: options.json, print, logger }), interrupted.then(() => true)])
      : true;
    if (!options.once) {
      for (const [name, url] of Object.entries(stack.urls)) print(`${name.padEnd(13)} ${url}   ${url}/docs`);
      print(`data          ${stack.dataFolder}\nmails         ${stack.mailFolder}\nCtrl-C stops everything`);
      await interrupted;
    }
    return good ? 0 : 1;
  } finally {
    print('stopping');
    await stack.stop();
  }
}

/** Whoever started the stack with an IPC channel (tests do) is told where everything is. */
function tellParent(stack: RunningStack): void {
  const { urls, postgresUrl, bootstrapServers, mailFolder, dataFolder } = stack;
  process.send?.({ type: 'ready', urls, postgresUrl, bootstrapServers, mailFolder, dataFolder, pids: stack.pids() });
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') process.stdout.write(`${usage}\n`);
  else process.exitCode = await main(options, readSettings(process.env));
} catch (error) {
  process.stderr.write(`millrace: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
process.disconnect?.();
