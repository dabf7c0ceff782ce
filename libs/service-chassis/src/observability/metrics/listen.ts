import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/**
 * Listens to the reports of the libraries. The publisher of each channel documents the shape of its
 * message. Returns a function that stops listening.
 */
export function listen(listeners: Readonly<Record<string, (report: never) => void>>): () => void {
  const entries = Object.entries(listeners).map(
    ([name, listener]) => [name, (message: unknown) => listener(message as never)] as const,
  );
  for (const [name, listener] of entries) subscribe(name, listener);
  return () => entries.forEach(([name, listener]) => void unsubscribe(name, listener));
}
