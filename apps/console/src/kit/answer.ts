import { useSignal, useSignalEffect, type ReadonlySignal } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import { getJson, type RequestFailed } from './session.ts';

/** The server's answer to the latest requested path. */
export interface Answered<Answer> {
  /** The answer. Until a new one arrives, it is that of the previous path. */
  readonly answer: Answer | undefined;
  readonly problem: RequestFailed | undefined;
}

/**
 * Requests a path whenever it changes. While a request is under way, only the latest path waits.
 */
export function useAnswer<Answer>(path: string): ReadonlySignal<Answered<Answer>> {
  const wanted = useSignal(path);
  const answered = useSignal<Answered<Answer>>({ answer: undefined, problem: undefined });
  const busy = useRef(false);
  useMemo(() => (wanted.value = path), [path]);
  useSignalEffect(() => {
    const ask = async (asked: string): Promise<void> => {
      busy.current = true;
      answered.value = await getJson<Answer>(asked).then(
        (answer) => ({ answer, problem: undefined }),
        (problem: RequestFailed) => ({ answer: undefined, problem }),
      );
      busy.current = false;
      if (wanted.peek() !== asked) await ask(wanted.peek());
    };
    const latest = wanted.value;
    if (!busy.current) void ask(latest);
  });
  return answered;
}
