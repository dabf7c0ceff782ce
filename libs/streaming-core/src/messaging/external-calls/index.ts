export type { CallReport, RecordingReport } from './call-trace.ts';
export { externalCallFigures, pendingCallsMax, type ExternalCallFigures } from './figures.ts';
export { ExternalCallError, type ExternalCallErrorCode } from './external-call-error.ts';
export { callWorker, type ExternalCallMetadata } from './call-row.ts';
export { requestExternalCall, type ExternalCall } from './request.ts';
export { isUnopenable } from './sealed-payload.ts';
export { createExternalCallWorker, type ExternalCallWorker } from './worker.ts';
export type { ExternalCallRequest, ExternalCallWorkerOptions } from './worker-options.ts';
