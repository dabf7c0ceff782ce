import { foreachNode } from '../../nodes/stateless.ts';
import type { StreamState } from '../stream-state.ts';
import { addProcessor } from './stateless.ts';

export interface PrintOptions<K, V> {
  /** Takes one line, without its end. */
  readonly write: (line: string) => void;
  /** Default: the name of the operator that is printed. */
  readonly label?: string;
  /** Default: key and value as text. */
  readonly format?: (key: K, value: V) => string;
  readonly named?: string;
}

/** Writes a line `[label]: key, value` for each record. */
export function print<K, V>(
  stream: StreamState<K, V>,
  { write, label = stream.name, format = (key, value) => `${key}, ${value}`, named }: PrintOptions<K, V>,
): void {
  const name = stream.graph.names.node('KSTREAM-PRINTER-', named);
  addProcessor(
    stream,
    name,
    foreachNode((key: K, value: V) => write(`[${label}]: ${format(key, value)}`)),
  );
}
