import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeResult, type TestCounts } from './results.ts';

export interface RecordedCommand {
  readonly command: string;
  readonly arguments: readonly string[];
  readonly folder: string;
  /** Variables that are added to the environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** True if the command is Jest, which writes its counts to a file. */
  readonly countsTests: boolean;
  /**
   * How long the command may go on after it has written its counts, in milliseconds; a minute by
   * default. A process that a test has left behind would keep Jest, and so the whole of CI, waiting.
   */
  readonly lingerMsMax?: number;
}

/** The variable that names the file for Jest's counts. A test must not pass it on. */
const countsVariable = 'MILLRACE_TEST_COUNTS';

/**
 * Runs the command of an Nx target, stores its result for Nx and the report, and resolves to the
 * exit code.
 */
export async function runRecorded(recorded: RecordedCommand): Promise<number> {
  const { NX_TASK_TARGET_PROJECT: project, NX_TASK_TARGET_TARGET: target } = process.env;
  const folder = mkdtempSync(join(tmpdir(), 'millrace-result-'));
  const counts = join(folder, 'counts.json');
  const startedAt = performance.now();
  const cpuBefore = cpuMinutesOfChildren();
  try {
    const code = await run(recorded, counts);
    if (project === undefined || target === undefined) return code;
    const cpuAfter = cpuMinutesOfChildren();
    writeResult({
      target: `${project}:${target}`,
      succeeded: code === 0,
      minutes: (performance.now() - startedAt) / 60_000,
      ...(cpuBefore !== undefined && cpuAfter !== undefined && { cpuMinutes: cpuAfter - cpuBefore }),
      finishedAt: new Date().toISOString(),
      ...(existsSync(counts) && (JSON.parse(readFileSync(counts, 'utf8')) as TestCounts)),
    });
    return code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(recorded: RecordedCommand, counts: string): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(recorded.command, [...recorded.arguments], {
      cwd: recorded.folder,
      stdio: 'inherit',
      env: {
        ...process.env,
        ...recorded.environment,
        ...(recorded.countsTests && { [countsVariable]: counts }),
      },
    });
    const stopWatching = killIfItLingers(child, counts, recorded.lingerMsMax ?? 60_000);
    child.once('error', (error) => {
      console.error(`${recorded.command}: ${error.message}`);
      resolve(127);
    });
    child.once('close', (code, signal) => {
      stopWatching();
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
    // Ctrl-C reaches the command as well, which then ends by itself. Its result is still written.
    process.on('SIGINT', () => undefined);
    process.on('SIGTERM', () => child.kill('SIGTERM'));
  });
}

/** Returns a function that ends the watch. */
function killIfItLingers(child: ChildProcess, counts: string, lingerMsMax: number): () => void {
  let countedAt: number | undefined;
  const look = setInterval(
    () => {
      if (countedAt === undefined && existsSync(counts)) countedAt = performance.now();
      if (countedAt === undefined || performance.now() - countedAt < lingerMsMax) return;
      console.error(
        `Jest has had its results for ${lingerMsMax} ms and still runs: a test has left something behind. Killing it.`,
      );
      child.kill('SIGKILL');
    },
    Math.min(1000, lingerMsMax),
  );
  return () => clearInterval(look);
}

/**
 * Linux counts CPU time in hundredths of a second (USER_HZ), on every architecture that Node
 * supports.
 */
const ticksPerMinute = 100 * 60;

/** CPU time of all descendants that have ended (cutime and cstime, fields 16 and 17 in proc(5)). */
function cpuMinutesOfChildren(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[13]) + Number(fields[14])) / ticksPerMinute;
}
