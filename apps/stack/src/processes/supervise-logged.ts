import { join } from 'node:path';
import { openLog, type BoundedLog } from './bounded-log.ts';
import { supervise, type Launch, type Silence, type Supervised } from './supervise.ts';

interface SupervisionOptions {
  readonly print: (line: string) => void;
  readonly onRestart?: (name: string, pid: number) => void;
  readonly unansweredMsMax: number;
}

/** A part whose output goes to a log file, and whose restarts and silences are told. */
export function supervised(
  name: string,
  logFolder: string,
  { print, onRestart, unansweredMsMax }: SupervisionOptions,
  launch: (log: BoundedLog) => Launch,
): Supervised {
  const log = openLog(join(logFolder, `${name}.log`));
  return supervise(name, launch(log), {
    logFile: log.file,
    onEnd: (who, how, delayMs) =>
      print(`${who} ended (${how}); it starts again in ${delayMs} ms (log: ${log.file})`),
    onBack: (who, pid) => {
      print(`${who} is back (process ${pid})`);
      onRestart?.(who, pid);
    },
    unansweredMsMax,
    onSilent: (silence) => print(silenceInWords(silence, log.file)),
    onAnswer: (who) => print(`${who} answers again`),
  });
}

function silenceInWords({ name, pid, silentMs, killed }: Silence, logFile: string): string {
  const silent = `${name} (process ${pid}) has not answered for ${Math.round(silentMs / 1_000)} s`;
  return killed
    ? `${silent}: it was stopped, or its event loop is blocked. Killing it, ` +
        'so that it starts again (MILLRACE_UNANSWERED_MS_MAX sets the limit)'
    : `${silent}. Leaving it alone, because it may be busy: see its log (${logFile}). If it was stopped, ` +
        `kill -CONT ${pid} continues it`;
}
