import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** Hears what the libraries report, each channel's message in the shape that its publisher documents. Returns the way to stop listening. */
export function listen(listeners: Readonly<Record<string, (report: never) => void>>): () => void {
  const entries = Object.entries(listeners).map(
    ([name, listener]) => [name, (message: unknown) => listener(message as never)] as const,
  );
  for (const [name, listener] of entries) subscribe(name, listener);
  return () => entries.forEach(([name, listener]) => void unsubscribe(name, listener));
}
