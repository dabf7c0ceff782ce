import { milliseconds, type Clock, type DurationMs } from '../../runtime/index.ts';

/** Wake-ups within the same slot share one timer, so that many retries need few timers. */
const slotMs = milliseconds(20);

export interface WakeUps {
  /** Wakes at the end of the slot in which the span is over. */
  wakeIn(span: DurationMs): void;
  cancel(): void;
}

export function createWakeUps(clock: Clock, wake: () => void): WakeUps {
  const pending = new Map<number, () => void>();
  return {
    wakeIn(span) {
      const now = clock.monotonic();
      const slot = Math.ceil((now + span) / slotMs);
      if (pending.has(slot)) return;
      const fire = () => {
        pending.delete(slot);
        wake();
      };
      pending.set(slot, clock.after(slot * slotMs - now, fire));
    },
    cancel() {
      for (const cancel of pending.values()) cancel();
      pending.clear();
    },
  };
}
