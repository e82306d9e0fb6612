import { ModelError } from '../errors.js';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EEXIST: 'a file stands where a folder is expected',
  EISDIR: 'a file expected, this is a folder',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'no such file',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a file stands where a folder is expected',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
};

/** What the system says about a file, in words. */
export function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? message;
}

/** The error for a place that cannot be written; what is no trouble with files stays as it is. */
export function writeError(error: unknown, path: string): unknown {
  if (error instanceof ModelError || !(error as NodeJS.ErrnoException).code) return error;
  const { code } = error as NodeJS.ErrnoException;
  const reason = code === 'ENOENT' ? 'no file can be made there' : reasonOf(error);
  return new ModelError('invalid-option', `cannot be written: ${reason}.`, { where: path, cause: error });
}
