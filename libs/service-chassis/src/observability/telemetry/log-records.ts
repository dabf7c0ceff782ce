import type { AsyncLocalStorage } from 'node:async_hooks';
import { logs, SeverityNumber, type Context } from '@opentelemetry/api';
import type { LineReport } from '../../ground/logging/logger.ts';
import { listen } from '../metrics/listen.ts';
import { schemaUrl, scope } from './names.ts';
import { quietly } from './observe.ts';

const severities: Readonly<Record<string, SeverityNumber>> = {
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
};

/**
 * Exports every log line as a record of the active span, censored as in the log. Returns a function
 * that stops it.
 */
export function exportLogs(storage: AsyncLocalStorage<Context>): () => void {
  const logger = logs.getLogger(scope, undefined, { schemaUrl });
  const emit = ({ line }: LineReport) => {
    const {
      level,
      time,
      msg,
      trace_id: _trace,
      span_id: _span,
      service: _resource,
      ...fields
    } = JSON.parse(line) as Line;
    const attributes = Object.entries(fields).map(([name, field]) => [
      name,
      typeof field === 'object' ? JSON.stringify(field) : field,
    ]);
    const context = storage.getStore();
    logger.emit({
      timestamp: new Date(time),
      severityNumber: severities[level] ?? SeverityNumber.UNSPECIFIED,
      severityText: level,
      body: msg,
      attributes: Object.fromEntries(attributes) as Record<string, string | number | boolean>,
      ...(context !== undefined && { context }),
    });
  };
  return listen({ 'millrace.log.line': (report: LineReport) => void quietly(() => emit(report)) });
}

type Line = Readonly<Record<string, unknown>> & {
  readonly level: string;
  readonly time: string;
  readonly msg: string;
};
