export type { CallReport, RecordingReport } from './call-trace.ts';
export {
  externalCallFigures,
  pendingCallsMax,
  type ExternalCallFigures,
  ExternalCallError,
  type ExternalCallErrorCode,
  callWorker,
  type ExternalCallMetadata,
} from './external-call.ts';
export { requestExternalCall, type ExternalCall } from './request.ts';
export { isUnopenable } from './sealed-payload.ts';
export { createExternalCallWorker, type ExternalCallWorker } from './worker.ts';
export type { ExternalCallRequest, ExternalCallWorkerOptions } from './worker-options.ts';
