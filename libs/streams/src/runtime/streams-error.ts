import { CodedError } from '@millrace/streaming-core/runtime';

/** Why a stream application cannot start, or cannot continue, by code. */
export const streamsErrors = {
  setting_invalid: 'A setting is invalid',
  unreachable: 'No broker of `bootstrapServers` answers',
  state_folder_taken: 'Another process uses the state folder',
  state_folder_failed: 'The state folder cannot be read or written',
  topology_changed: 'The stores of the topology are not those of the state in the folder',
  not_running: 'A call came in a state in which the application cannot serve it',
  record_failed: 'A record could not be decoded, processed or written, and its policy is to fail',
  unknown_store: 'The topology has no store of this name that can be read',
  no_offset: 'A partition has no committed offset, and the application must not choose one',
  offsets_expired: 'A task has state, and the group has lost the offsets up to which it was made',
  log_too_short: 'A partition ends before the offset at which the application continues',
  restarts_exhausted: 'The application has failed too often',
} as const;

export type StreamsErrorCode = keyof typeof streamsErrors;

/** A stream application cannot start, cannot continue, or cannot serve a call. `code` says why. */
export class StreamsError extends CodedError<StreamsErrorCode> {
  override readonly name = 'StreamsError';
}
