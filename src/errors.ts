/** What kind of trouble a {@link ModelError} reports. Stable: programs may switch on it. */
export type ErrorCode =
  | 'malformed-file' // the bytes break their format's rules
  | 'unsupported' // well-formed, but nothing here can handle it
  | 'invalid-graph' // a graph breaks an operator's rules
  | 'invalid-data' // tensor data of the wrong kind, shape or value
  | 'invalid-option' // an option or flag that makes no sense
  | 'check-failed' // a limit that the user set does not hold
  | 'not-found'; // a file, signature, node or value that does not exist

/** One kind of layer or operation of a model that stands in the way of a conversion. */
export interface Obstacle {
  /** Type of the operation, or class of the layer. */
  readonly op: string;
  /** Names of the nodes or layers. */
  readonly nodes: readonly string[];
  readonly reason: string;
  /** What to do about it; null where the reason says so. */
  readonly remedy: string | null;
}

interface ErrorOptions {
  readonly where?: string;
  readonly cause?: unknown;
  readonly obstacles?: readonly Obstacle[];
}

/**
 * Expected trouble: bad files, graphs or options. The text reads `where: expected, got. Remedy.`
 * Everything else that is thrown is a bug of this package.
 */
export class ModelError extends Error {
  readonly code: ErrorCode;
  /** File and byte offset, or graph and node. */
  readonly where: string | undefined;
  /** Everything of the model that cannot be converted, of an `unsupported` conversion. */
  readonly obstacles: readonly Obstacle[];

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(
      options.where ? `${options.where}: ${message}` : message,
      options.cause ? { cause: options.cause } : undefined,
    );
    this.name = 'ModelError';
    this.code = code;
    this.where = options.where;
    this.obstacles = options.obstacles ?? [];
  }
}

/** A promise of our own code; failing it is a bug here, never the user's fault. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`internal error: ${message}`);
}
