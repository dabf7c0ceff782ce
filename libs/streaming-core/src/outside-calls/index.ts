export type { CallReport, RecordingReport } from './call-trace.ts';
export { outsideCallFigures, pendingCallsMax, type OutsideCallFigures } from './figures.ts';
export { OutsideCallError, type OutsideCallErrorCode } from './outside-call-error.ts';
export { createPolling, type Finding, type Polling, type PollingOptions } from './polling.ts';
export { requestOutsideCall, type OutsideCall, type OutsideCallMetadata } from './request.ts';
export { createOutsideCallWorker, type OutsideCallWorker } from './worker.ts';
export type { OutsideCallRequest, OutsideCallWorkerOptions } from './worker-options.ts';
