/** A part of the system that listens on a port. */
export interface Listening {
  /** 0 means any free port. */
  readonly port: number;
  /** The name of the part in printed lines, unique in the stack. */
  readonly label: string;
  /** The environment variable that sets the port. */
  readonly portSetting: string;
  /**
   * Whether the part moves to a free port if its own is taken. It never does if the environment
   * sets the port.
   */
  readonly orAnyFree?: boolean;
}
