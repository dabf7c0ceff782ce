import type { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { logs, SeverityNumber, type Context } from '@opentelemetry/api';
import type { LineReport } from '../logging/logger.ts';
import { schemaUrl, scope } from './names.ts';
import { quietly } from './observe.ts';

const severities: Readonly<Record<string, SeverityNumber>> = {
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
};

/** Every line of the log as a record, censored as it stands there; it belongs to the span that is active. Returns the way to stop. */
export function exportLogs(storage: AsyncLocalStorage<Context>): () => void {
  const logger = logs.getLogger(scope, undefined, { schemaUrl });
  const emit = (report: unknown) => {
    const {
      level,
      time,
      msg,
      trace_id: _trace,
      span_id: _span,
      service: _resource,
      ...fields
    } = JSON.parse((report as LineReport).line) as Line;
    const attributes = Object.entries(fields).map(([name, field]) => [name, typeof field === 'object' ? JSON.stringify(field) : field]);
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
  const heard = (report: unknown) => void quietly(() => emit(report));
  subscribe('millrace.log.line', heard);
  return () => void unsubscribe('millrace.log.line', heard);
}

type Line = Readonly<Record<string, unknown>> & { readonly level: string; readonly time: string; readonly msg: string };
