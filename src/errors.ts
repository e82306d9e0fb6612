/** What kind of trouble a {@link ModelError} reports. Stable: programs may switch on it. */
export type ErrorCode =
  | 'malformed-file' // the bytes break their format's rules
  | 'unsupported' // well-formed, but nothing here can handle it
  | 'invalid-graph' // a graph breaks an operator's rules
  | 'invalid-data' // tensor data of the wrong kind, shape or value
  | 'invalid-option' // an option or flag that makes no sense
  | 'check-failed' // a limit that the user set does not hold
  | 'not-found'; // a file, signature, node or value that does not exist

/**
 * Expected trouble: bad files, graphs or options. The text reads `where: expected, got. Remedy.`
 * Everything else that is thrown is a bug of this package.
 */
export class ModelError extends Error {
  readonly code: ErrorCode;
  /** File and byte offset, or graph and node. */
  readonly where: string | undefined;

  constructor(code: ErrorCode, message: string, options: { where?: string; cause?: unknown } = {}) {
    super(
      options.where ? `${options.where}: ${message}` : message,
      options.cause ? { cause: options.cause } : undefined,
    );
    this.name = 'ModelError';
    this.code = code;
    this.where = options.where;
  }
}

/** A promise of our own code; failing it is a bug here, never the user's fault. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`internal error: ${message}`);
}
