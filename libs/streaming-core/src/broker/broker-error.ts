export type BrokerErrorCode =
  | 'DATA_FOLDER_UNUSABLE'
  | 'PORT_TAKEN'
  | 'ADDRESS_NOT_AVAILABLE'
  | 'ADVERTISED_HOST_MISSING'
  | 'CONFIG_INVALID'
  | 'LISTEN_FAILED';

/** Why a broker does not start. The message says what is wrong and what to do. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError';
  readonly code: BrokerErrorCode;

  constructor(code: BrokerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
