import type { SampleResult } from '../shop/sample-orders.ts';
import { renderTrace } from './render-trace.ts';
import { startTraceReceiver, type TraceReceiver } from './trace-receiver.ts';
import type { EndedSaga } from './trace-store.ts';

/**
 * How long to wait after an order's end for the spans that follow, such as its mail's, and for
 * those that the services still hold back.
 */
const aftermathMs = 2_000;
const waitingMax = 100;

export interface TracePrinter {
  readonly receiver: TraceReceiver;
  printSamples(results: readonly SampleResult[]): Promise<void>;
  /** Prints the tree of each order that ends from now on. */
  printEach(): void;
  stop(): Promise<void>;
}

const collectorSettings = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] as const;

/**
 * Receives the services' traces and prints those of orders as trees. Rejects if the environment
 * sends the traces to another collector.
 */
export async function startTracePrinter(
  print: (line: string) => void,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<TracePrinter> {
  const other = collectorSettings.find((name) => (environment[name]?.trim() ?? '') !== '');
  if (other !== undefined)
    throw new Error(
      `--trace receives the traces here, but ${other} sends them elsewhere: leave out one of the two`,
    );
  let each = false;
  const waiting = new Map<string, NodeJS.Timeout>();
  const ended = (saga: EndedSaga) => {
    if (!each || waiting.has(saga.sagaId) || waiting.size >= waitingMax) return;
    const later = () => {
      waiting.delete(saga.sagaId);
      show(saga.sagaId, saga.status);
    };
    waiting.set(saga.sagaId, setTimeout(later, aftermathMs).unref());
  };
  const receiver = await startTraceReceiver(ended);

  function show(orderId: string, how: string): void {
    const traceId = receiver.store.traceIdOf(orderId);
    if (traceId === undefined) return print(`\nno trace of order ${orderId} was received`);
    print(`\ntrace ${traceId}: order ${orderId}, ${how}\n${renderTrace(receiver.store.trace(traceId))}`);
  }

  return {
    receiver,
    async printSamples(results) {
      await new Promise((resolve) => setTimeout(resolve, aftermathMs));
      for (const sample of [
        results.find(({ outcome }) => outcome === 'completed'),
        results.find(({ compensations }) => compensations.length > 0),
      ])
        if (sample?.orderId != null) show(sample.orderId, sample.scenario);
    },
    printEach: () => void (each = true),
    async stop() {
      for (const timer of waiting.values()) clearTimeout(timer);
      await receiver.stop();
    },
  };
}
