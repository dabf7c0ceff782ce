import { CodedError } from '@millrace/streaming-core/runtime';

/** Why a stream application cannot start or go on. */
export type StreamsErrorCode =
  /** A setting is invalid. The message names it and the remedy. */
  | 'setting_invalid'
  /** No broker of `bootstrapServers` answers. */
  | 'unreachable'
  /** Another process uses the state folder. */
  | 'state_folder_taken'
  /** The state folder cannot be read or written. */
  | 'state_folder_failed'
  /** The stores of the topology are not those of the state in the folder. */
  | 'topology_changed'
  /** A call came in a state in which the application cannot serve it. */
  | 'not_running'
  /** A record could not be decoded, processed or written, and its policy is to fail. */
  | 'record_failed'
  /** The topology has no store of this name that can be read. */
  | 'unknown_store'
  /** A partition has no committed offset, and the application must not choose one. */
  | 'no_offset'
  /** The application has failed too often. */
  | 'restarts_exhausted';

/** A stream application cannot start, cannot go on, or cannot serve a call. `code` says why. */
export class StreamsError extends CodedError<StreamsErrorCode> {
  override readonly name = 'StreamsError';
}
