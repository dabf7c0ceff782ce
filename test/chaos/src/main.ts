import { readOptions, usage } from './options.ts';
import { reportInWords } from './report.ts';
import { runChaos } from './run.ts';

const interrupted = 130;

async function main(): Promise<number> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => stop.abort(new Error('interrupted')));
  try {
    if (process.argv.includes('--help')) {
      process.stdout.write(`${usage}\n`);
      return 0;
    }
    const options = readOptions(process.argv.slice(2), Date.now() % 1_000_000);
    const print = (line: string) => void (options.json ? process.stderr : process.stdout).write(`${line}\n`);
    const report = await runChaos(options, { print, signal: stop.signal });
    process.stdout.write(`${options.json ? JSON.stringify(report) : reportInWords(report)}\n`);
    return report.violations.length === 0 ? 0 : 1;
  } catch (error) {
    if (stop.signal.aborted) return interrupted;
    process.stderr.write(`chaos: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

process.exit(await main());
