import { ModelError } from '../../src/errors.js';

/** An error that survives the way between threads: its text, and whether it is expected trouble. */
export class Failure extends Error {
  override readonly name: 'ModelError' | 'Failure';

  constructor(message: string, isExpected: boolean, cause: unknown) {
    super(message, { cause });
    this.name = isExpected ? 'ModelError' : 'Failure';
  }
}

/** What went wrong, in words for people. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof ModelError) return new Failure(error.message, true, error);
  if (error instanceof RangeError && /memory|allocation|array length/i.test(error.message))
    return new Failure('The model needs more memory than this browser gives to a page.', true, error);
  const text = error instanceof Error ? error.message : String(error);
  return new Failure(`Something went wrong here: ${text}`, false, error);
}

/** The same work, failing with a {@link Failure} only. */
export const guarded =
  <A extends unknown[], R>(work: (...args: A) => R | Promise<R>) =>
  async (...args: A): Promise<R> => {
    try {
      return await work(...args);
    } catch (error) {
      throw toFailure(error);
    }
  };
